"""What runs the gateway, and why."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from typing import Literal

from docker import DockerClient

from ..backends.docker.engine import connect
from ..backends.docker.environments.environments import base_of
from ..backends.docker.pull import missing
from ..errors import FailedPrecondition, Message, Unavailable
from ..home import Home
from .configuration.listen import Listen
from .dataplane import STOP, DataPlane
from .launchers.container import ContainerLauncher
from .launchers.launcher import Launcher
from .launchers.process import ProcessLauncher

Wanted = Literal["auto", "process", "container"]


@dataclass(frozen=True)
class Asked:
    """How the gateway is configured; attributes are the server extension's traits.

    Attributes:
        image: with HAProxy in it; empty for this machine's HAProxy in ``base_image``.
    """

    gateway: Wanted
    host: str
    binary: str
    image: str
    base_image: str
    certificate: str
    metrics: str

    @property
    def listen(self) -> Listen:
        """Where to listen, but for the port."""
        return Listen(self.host, certificate=self.certificate, metrics=self.metrics)


async def choose(asked: Asked, home: Home, *, docker: bool) -> tuple[Launcher, str]:
    """Return what is to run the gateway, and the reason for it.

    ``auto`` takes a container where nodes run in containers and its image is there or to be had.
    The other one, if it still serves this home, is stopped: both would want the same port.

    Args:
        docker: whether nodes run in containers.

    Raises:
        FailedPrecondition: a container is wanted, and nodes are processes.
        Unavailable: nodes run in containers, and there is no engine that can be used.
    """
    process = ProcessLauncher(
        home.gateway / "haproxy",
        binary=asked.binary,
        listen=asked.listen,
    )
    if asked.gateway == "container" and not docker:
        raise FailedPrecondition(
            Message(
                "The gateway can be a container only where nodes are: set backend to docker, too.",
                "GATEWAY_NEEDS_CONTAINERS",
            )
        )
    if not docker or asked.gateway == "process":
        await asyncio.to_thread(_retire_container, home, asked)
        return (
            process,
            "It is set so." if asked.gateway == "process" else "Nodes are no containers.",
        )
    engine = await asyncio.to_thread(connect)
    container = _container(home, engine, asked)
    if asked.gateway == "auto" and (cause := await missing(engine, container.image)):
        await asyncio.to_thread(_retire_container, home, asked)
        engine.close()
        return process, (
            f"The Docker engine has no image {container.image}, and can't get it: {cause}. Pull or "
            "load it, or set c.NodeDeployApp.gateway_image, for a gateway that outlives a reboot."
        )
    await asyncio.to_thread(_retire, home, process)
    return container, "Nodes are containers." if asked.gateway == "auto" else "It is set so."


async def retire(home: Home, kind: str, base_image: str) -> None:
    """Stop the gateway that serves a home; requests in flight are finished first.

    Args:
        kind: the launcher's.
        base_image: as it was asked for.
    """
    if kind == "process":
        launcher = ProcessLauncher(home.gateway / "haproxy")
        await asyncio.to_thread(_retire, home, launcher)
    else:
        asked = Asked("container", "", "", "", base_image, "", "")
        await asyncio.to_thread(_retire_container, home, asked)


def _container(home: Home, engine: DockerClient, asked: Asked) -> ContainerLauncher:
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    return ContainerLauncher(
        home,
        engine,
        asked.image or base_of(asked.base_image, python),
        binary=None if asked.image else asked.binary,
        listen=asked.listen,
    )


def _retire_container(home: Home, asked: Asked) -> None:
    if not ContainerLauncher.was_used(home):
        return  # without asking an engine that may not be there, or hang
    try:
        engine = connect()
    except Unavailable:
        return  # then its container does not run either
    try:
        _retire(home, _container(home, engine, asked))
    finally:
        engine.close()


def _retire(home: Home, launcher: Launcher) -> None:
    DataPlane(home.gateway / "haproxy", launcher).stop(STOP)
