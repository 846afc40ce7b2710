"""The gateway's promises, kept by the container too: the same tests, another fixture."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from jupyter_node_deploy.gateway.launchers.container import ContainerLauncher
from jupyter_node_deploy.home import Home

from ..integration.gateway.conftest import Bench, dead, make_upstream, running, upstream
from ..integration.gateway.test_conformance import *  # noqa: F403
from ..integration.gateway.test_streams import *  # noqa: F403
from ..integration.gateway.test_wire import *  # type: ignore[assignment] # noqa: F403
from . import leftovers

__all__ = ["dead", "make_upstream", "upstream"]  # fixtures


@pytest.fixture(scope="module")
def bench(engine: docker.DockerClient, base_image: str) -> Iterator[Bench]:
    """The gateway in its container."""
    home = Home(Path(tempfile.mkdtemp(prefix="jnd-")))
    home.create()
    with running(home, ContainerLauncher(home, engine, base_image)) as bench:
        yield bench
    leftovers.remove(engine, home)
    shutil.rmtree(home.root)
