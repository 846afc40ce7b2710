"""What all Docker tests share: the engine, the base image, a home with a short path."""

import json
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import docker
import pytest
from docker.errors import DockerException

from jupyter_node_deploy.backends.base import (
    CellWorkload,
    InstanceSpec,
    ObservedInstance,
    Resources,
)
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.backends.docker.engine import connect
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.web.client import Client

from ..integration.conftest import JupyterServer
from ..integration.nodes.conftest import ControlPlane
from ..support import bundles
from ..support.randomizer import copy_examples
from ..support.waiting import until_async
from . import base_image as base
from . import echo_images, gateway_image, leftovers
from .registry import Registry
from .registry import running as running_registry

MakeSpec = Callable[..., InstanceSpec]
PATIENCE = 100.0  # seconds; the machine may be busy
RESOURCES = Resources(1, 500 * 1000**2)


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


@pytest.fixture(scope="session")
def haproxy_image(engine: docker.DockerClient) -> str:
    """Reference of an image with HAProxy, on the base image."""
    return gateway_image.ensure(engine)


@pytest.fixture(scope="session")
def shared(engine: docker.DockerClient) -> Iterator[Path]:
    """Downloads and runtimes, made once for all homes."""
    root = Path(tempfile.mkdtemp(prefix="jnd-shared-"))
    yield root
    shutil.rmtree(root)


@pytest.fixture
def home(engine: docker.DockerClient, shared: Path) -> Iterator[Home]:
    """A data directory; pytest's own have paths too long for sockets."""
    root = Path(tempfile.mkdtemp(prefix="jnd-"))
    home = Home(root)
    for place in (home.cache, home.runtimes):
        (shared / place.name).mkdir(exist_ok=True)
        place.symlink_to(shared / place.name)
    home.create()
    yield home
    leftovers.remove(engine, home)
    shutil.rmtree(root)


@pytest.fixture
async def backend(home: Home, base_image: str) -> AsyncIterator[DockerBackend]:
    backend = DockerBackend(home, connect(), base_image)
    yield backend
    for one in await backend.observe():
        await backend.remove(one.instance_id, grace=0)
    await backend.close()


@pytest.fixture
def make_spec(home: Home) -> MakeSpec:
    """Return a function that makes the spec of an instance that runs a cell."""

    def make(
        cell: str = "y = 1\n",
        name: str = "node-1-0",
        *,
        requirements: tuple[str, ...] = (),
        resources: Resources = RESOURCES,
        timeout: float = 60.0,
        inputs: Sequence[str] = (),
        **more: Any,
    ) -> InstanceSpec:
        version = "3.11.0"
        target = home.bundles / name
        if not target.exists():
            fields = {"requirements": [*requirements], "timeout": timeout}
            bundles.build(target, home, cell, version, inputs, **fields)
        workload = CellWorkload(target, sys.executable, version, 1)
        return InstanceSpec(name, name.partition("-")[0], 1, workload, resources, **more)

    return make


async def state(
    backend: DockerBackend, status: str, instance_id: str = "node-1-0"
) -> ObservedInstance:
    """Wait until an instance has a status."""
    found: dict[str, ObservedInstance] = {}

    async def reached() -> ObservedInstance | None:
        found.clear()
        found.update({one.instance_id: one for one in await backend.observe()})
        one = found.get(instance_id)
        if status == "HEALTHY" and one is not None and one.status != status:
            assert not one.exited, one.reason
        return one if one is not None and one.status == status else None

    return await until_async(reached, lambda: f"{status}, not {found}", seconds=PATIENCE)


async def ask(one: ObservedInstance, body: bytes = b"{}") -> bytes:
    """Send a request to an instance; return the answer's body."""
    client = Client(str(one.address))
    try:
        headers = {"content-type": "application/json"}
        return bytes((await client.request("POST", "/", headers, body, PATIENCE)).body)
    finally:
        client.close()


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


@pytest.fixture
def server(engine: docker.DockerClient, base_image: str, shared: Path) -> Iterator[JupyterServer]:
    """A Jupyter server with the examples; nodes and gateway run in containers."""
    directory = Path(tempfile.mkdtemp(prefix="jnd-"))
    server = JupyterServer(directory / "u")
    set_up(server, shared, base_image=base_image)
    server.start()
    home = Home(server.data_dir)
    yield server
    # Containers outlive the server: what it made goes with its nodes.
    if server.process is None:
        server.start()
    for node in server.node("list")["nodes"]:
        server.node("delete", node["name"], "--yes")
    server.stop()
    leftovers.remove(engine, home)
    shutil.rmtree(directory)


def set_up(server: JupyterServer, shared: Path, **settings: str) -> None:
    """Make a server that is not started yet one for containers, with the examples."""
    settings |= {"backend": "docker", "gateway": "container"}
    config = server.directory / "config" / "jupyter_node_deploy_config.json"
    config.write_text(json.dumps({"NodeDeployApp": settings}))
    home = Home(server.data_dir)
    home.root.mkdir(parents=True)
    for place in (home.cache, home.runtimes):
        (shared / place.name).mkdir(exist_ok=True)
        place.symlink_to(shared / place.name)
    copy_examples(server.root)


@pytest.fixture
async def plane(home: Home, base_image: str) -> AsyncIterator[ControlPlane]:
    """A control plane that runs, whose cells run in containers of the base image."""
    plane = ControlPlane(home.root, lambda home: DockerBackend(home, connect(), base_image))
    await plane.start()
    yield plane
    await plane.stop()
