"""Which gateway serves, and why."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import Literal

from docker import DockerClient
from docker.errors import DockerException

from ..backends.docker.engine import connect, words
from ..backends.docker.pull import find
from ..catalog.engine import Catalog
from ..errors import Unavailable
from ..home import Home
from .control import GatewayControl
from .haproxy.container import ContainerLauncher
from .haproxy.control import HaproxyControl

log = logging.getLogger(__name__)

Wanted = Literal["auto", "embedded", "haproxy"]
Control = GatewayControl | HaproxyControl

#: Seconds that a registry gets to say whether it has the image.
_REGISTRY = 10.0


@dataclass(frozen=True)
class Asked:
    """How the gateway is configured; attributes are the server extension's ``gateway_…`` traits."""

    gateway: Wanted
    host: str
    port: int
    image: str
    certificate: str
    metrics: str
    body_limit: int


async def choose(
    asked: Asked, home: Home, catalog: Catalog, *, docker: bool
) -> tuple[Control, str]:
    """Return the gateway's control, not started yet, and the reason for it.

    ``auto`` takes HAProxy when nodes run in containers and its image is there or to be had. The
    other gateway, if it still serves this home, is stopped: both would want the same port.

    Args:
        docker: whether nodes run in containers.

    Raises:
        Unavailable: HAProxy is wanted, and there is no engine that can be used.
    """
    embedded = GatewayControl(home, catalog, asked.host, asked.port, body_limit=asked.body_limit)
    if asked.gateway == "embedded" or (asked.gateway == "auto" and not docker):
        await asyncio.to_thread(_end_container, home, asked)
        return embedded, "Nodes are processes." if asked.gateway == "auto" else "It is set so."
    engine = await asyncio.to_thread(connect)
    if asked.gateway == "auto":
        try:
            missing = await asyncio.wait_for(
                asyncio.to_thread(_missing, engine, asked.image), _REGISTRY
            )
        except TimeoutError:
            missing = "its registry does not answer"
        if missing:
            engine.close()
            return embedded, (
                f"The Docker engine has no image {asked.image}, and can't get it: {missing}. Pull "
                "or load it, or set c.NodeDeployApp.gateway_image; until then nodes that are "
                "Docker images get no requests."
            )
    await embedded.stop()
    launcher = _launcher(home, engine, asked)
    control = HaproxyControl(home, catalog, launcher, asked.port, body_limit=asked.body_limit)
    return control, "Nodes are containers." if asked.gateway == "auto" else "It is set so."


def _launcher(home: Home, engine: DockerClient, asked: Asked) -> ContainerLauncher:
    return ContainerLauncher(
        home,
        engine,
        asked.image,
        host=asked.host,
        certificate=asked.certificate,
        metrics=asked.metrics,
    )


def _end_container(home: Home, asked: Asked) -> None:
    if not (home.gateway / "haproxy").exists():
        return
    try:
        engine = connect()
    except Unavailable:
        return  # then its container does not run either
    try:
        _launcher(home, engine, asked).end()
    finally:
        engine.close()


def _missing(engine: DockerClient, image: str) -> str:
    """Say why an image is not to be had; empty if it is."""
    if find(engine, image) is not None:
        return ""
    try:
        engine.images.get_registry_data(image)
    except DockerException as error:
        return words(error)
    return ""
