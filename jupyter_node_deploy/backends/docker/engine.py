"""The Docker engine of this machine."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from urllib.parse import urlsplit

import docker
from docker import DockerClient
from docker.errors import APIError, DockerException, NotFound
from docker.models.containers import Container

from ...errors import Unavailable

#: Threads and connections for calls that block.
CALLS = 48
_TIMEOUT = 60


@dataclass(frozen=True)
class Machine:
    """What the engine's machine has.

    Attributes:
        memory_bytes: physical memory.
    """

    cores: int
    memory_bytes: int


def connect() -> DockerClient:
    """Return a client of the engine that the environment names, or of the local one.

    Raises:
        Unavailable: none answers, or it is not one whose files are ours.
    """
    try:
        engine = docker.from_env(timeout=_TIMEOUT, max_pool_size=CALLS)
        engine.ping()
        problem = _problem(engine)
    except DockerException as error:
        raise Unavailable(f"No Docker engine answers: {words(error)}.") from error
    if problem:
        engine.close()
        raise Unavailable(problem)
    return engine


def machine(engine: DockerClient) -> Machine:
    """Return what the engine's machine has."""
    info = engine.info()
    return Machine(cores=info["NCPU"], memory_bytes=info["MemTotal"])


def words(error: Exception) -> str:
    """Return the engine's own words for what went wrong."""
    text = error.explanation if isinstance(error, APIError) and error.explanation else error
    return str(text).strip().rstrip(".")


def delete(container: Container) -> None:
    """Remove a container, running or not; fine if it is gone."""
    with contextlib.suppress(NotFound):
        container.remove(force=True, v=True)


def stop(container: Container, grace: float) -> None:
    """Ask a container to end, and end it after ``grace`` seconds; fine if it is gone."""
    with contextlib.suppress(NotFound):
        container.stop(timeout=int(grace))


def _problem(engine: DockerClient) -> str:
    """Say why instances could not share sockets and files with us; empty if they can."""
    url = urlsplit(engine.api.base_url)
    if url.scheme not in ("http+docker", "unix", "http+unix"):
        return f"The Docker engine is on another machine ({url.netloc}); a local one is needed."
    info = engine.info()
    if info["OSType"] != "linux" or "Docker Desktop" in info["OperatingSystem"]:
        return (
            f"The Docker engine runs on {info['OperatingSystem']}, which does not carry sockets to "
            "this machine; an engine on Linux itself is needed."
        )
    return ""
