"""What all Docker tests share: the engine, the base image, a home with a short path."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException

from jupyter_node_deploy.home import Home

from . import base_image as base


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """The engine of this machine; without one the tests are skipped, in CI they fail."""
    try:
        client = docker.from_env()
        client.ping()
    except DockerException as error:
        reason = f"no Docker engine answers: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    yield client
    client.close()


@pytest.fixture(scope="session")
def base_image(engine: docker.DockerClient) -> str:
    """Reference of an image with Debian's Python 3.11 and nothing else."""
    return base.ensure(engine)


@pytest.fixture
def home(engine: docker.DockerClient) -> Iterator[Home]:
    """A data directory; pytest's own have paths too long for sockets."""
    root = Path(tempfile.mkdtemp(prefix="jnd-"))
    home = Home(root)
    home.create()
    yield home
    for container in engine.containers.list(
        all=True, filters={"label": f"jupyter-node-deploy.home={home.id}"}
    ):
        container.remove(force=True)
    for network in engine.networks.list(filters={"label": f"jupyter-node-deploy.home={home.id}"}):
        network.remove()
    shutil.rmtree(root)
