"""What all Docker tests share: the engine, the base image, a home with a short path."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest
from docker.errors import DockerException

from jupyter_node_deploy.home import Home

from . import base_image as base
from . import echo_images
from .registry import Registry
from .registry import running as running_registry


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


@pytest.fixture(scope="session")
def http_image(
    engine: docker.DockerClient, base_image: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Reference of an image of an HTTP service; see images/http_echo.py."""
    return echo_images.build_http(engine, base_image, tmp_path_factory.mktemp("http"))


@pytest.fixture(scope="session")
def grpc_image(
    engine: docker.DockerClient, base_image: str, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """Reference of an image of a gRPC service; see images/grpc_echo.py."""
    return echo_images.build_grpc(engine, base_image, tmp_path_factory.mktemp("grpc"))


@pytest.fixture(scope="session")
def registry(
    engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Registry]:
    """A registry with a password."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with running_registry(tmp_path_factory.mktemp("registry"), port, engine) as one:
        yield one
