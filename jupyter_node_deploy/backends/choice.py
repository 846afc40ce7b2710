"""Which backend runs the instances, and why."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace

from ..errors import Message, Unavailable
from ..home import Home
from . import plugins
from .base import Backend, BackendSettings
from .docker.backend import DockerBackend
from .docker.engine import connect
from .docker.environments.environments import base_of
from .docker.pull import missing
from .process.backend import ProcessBackend


async def choose(
    wanted: str | type[Backend], home: Home, settings: BackendSettings
) -> tuple[Backend, str]:
    """Return the backend and the reason for it.

    ``auto`` takes Docker where a usable engine answers and has the base image for this server's
    Python, or a registry has it; processes otherwise.

    Args:
        wanted: ``auto``, the name of a backend that is installed (``plugins.py``), or its class.

    Raises:
        Unavailable: there is none of that name, it can't be imported, or it can't work.
    """
    if wanted == plugins.AUTO:
        return await _auto(home, settings)
    if isinstance(wanted, str):
        kind, name = await asyncio.to_thread(plugins.load, wanted), wanted
    else:
        kind, name = wanted, f"{wanted.__module__}.{wanted.__qualname__}"
    reason = Message("The backend is set to {backend}.", "BACKEND_SET", backend=name)
    return await kind.create(home, replace(settings, reason=reason)), reason


async def _auto(home: Home, settings: BackendSettings) -> tuple[Backend, str]:
    try:
        engine = await asyncio.to_thread(connect)
    except Unavailable as error:
        return ProcessBackend(home, error.message), error.message
    image = base_of(settings.base_image, f"{sys.version_info[0]}.{sys.version_info[1]}")
    if cause := await missing(engine, image):
        reason = Message(
            "A Docker engine answers, but it has no image {image}, and can't get it: {cause}. "
            "Pull or load it, or set c.NodeDeployApp.base_image.",
            "BASE_IMAGE_MISSING",
            image=image,
            cause=cause,
        )
        engine.close()
        return ProcessBackend(home, reason), reason
    backend = await asyncio.to_thread(DockerBackend, home, engine, settings.base_image)
    return backend, "A Docker engine answers."
