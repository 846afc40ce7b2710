"""Which backend runs the instances, and why."""

from __future__ import annotations

import asyncio
import sys
from typing import Literal

from ..errors import Unavailable
from ..home import Home
from .base import Backend
from .docker.backend import DockerBackend
from .docker.engine import connect
from .docker.environments.environments import base_of
from .docker.pull import missing
from .process.backend import ProcessBackend

Wanted = Literal["auto", "process", "docker"]


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
        if cause := await missing(engine, image):
            reason = (
                f"A Docker engine answers, but it has no image {image}, and can't get it: "
                f"{cause}. Pull or load it, or set c.NodeDeployApp.base_image."
            )
            engine.close()
            return ProcessBackend(home, reason), reason
        reason = "A Docker engine answers."
    return await asyncio.to_thread(DockerBackend, home, engine, base), reason
