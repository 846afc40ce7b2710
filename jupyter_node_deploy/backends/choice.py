"""Which backend runs the instances, and why."""

from __future__ import annotations

import asyncio
import sys
from typing import Literal

from docker import DockerClient
from docker.errors import DockerException

from ..errors import Unavailable
from ..home import Home
from .base import Backend
from .docker.backend import DockerBackend
from .docker.engine import connect, words
from .docker.environments import base_of
from .docker.pull import find
from .process import ProcessBackend

Wanted = Literal["auto", "process", "docker"]

#: Seconds that a registry gets to say whether it has the base image.
_REGISTRY = 10.0


async def choose(wanted: Wanted, home: Home, base: str) -> tuple[Backend, str]:
    """Return the backend and the reason for it.

    ``auto`` takes Docker where a usable engine answers and has the base image for this server's
    Python, or a registry has it; processes otherwise.

    Args:
        base: reference of the cells' base image, with ``{version}`` for Python's ``MAJOR.MINOR``.

    Raises:
        Unavailable: Docker is wanted, and there is no engine that can be used.
    """
    if wanted == "process":
        reason = "The backend is set to process."
        return ProcessBackend(home, reason), reason
    try:
        engine = await asyncio.to_thread(connect)
    except Unavailable as error:
        if wanted == "docker":
            raise
        return ProcessBackend(home, error.message), error.message
    if wanted == "docker":
        reason = "The backend is set to docker."
    else:
        image = base_of(base, f"{sys.version_info[0]}.{sys.version_info[1]}")
        try:
            missing = await asyncio.wait_for(asyncio.to_thread(_missing, engine, image), _REGISTRY)
        except TimeoutError:
            missing = "its registry does not answer"
        if missing:
            reason = (
                f"A Docker engine answers, but it has no image {image}, and can't get it: "
                f"{missing}. Pull or load it, or set c.NodeDeployApp.base_image."
            )
            engine.close()
            return ProcessBackend(home, reason), reason
        reason = "A Docker engine answers."
    return await asyncio.to_thread(DockerBackend, home, engine, base), reason


def _missing(engine: DockerClient, image: str) -> str:
    """Say why an image is not to be had; empty if it is."""
    if find(engine, image) is not None:
        return ""
    try:
        engine.images.get_registry_data(image)
    except DockerException as error:
        return words(error)
    return ""
