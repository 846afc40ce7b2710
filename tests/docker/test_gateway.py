"""HAProxy as a container, before containers: hardened, hitless, there without the control plane."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Literal

import docker
import grpc
import httpx
import pytest

from jupyter_node_deploy.access.folders import FolderService
from jupyter_node_deploy.access.tokens import TokenService
from jupyter_node_deploy.backends.base import (
    ImageWorkload,
    InstanceSpec,
    InstanceStatus,
    ObservedInstance,
    RegistryImage,
    Resources,
)
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.backends.docker.owner import Owner
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.gateway.choice import Asked, choose
from jupyter_node_deploy.gateway.configuration.listen import Listen
from jupyter_node_deploy.gateway.control import GatewayControl
from jupyter_node_deploy.gateway.launchers.container import ContainerLauncher
from jupyter_node_deploy.gateway.launchers.process import ProcessLauncher
from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.lock import is_held
from jupyter_node_deploy.specs import Endpoint, Healthcheck

from ..integration.gateway.certificate import certificate
from ..support.waiting import until_async
from .conftest import MakeSpec, state


class Site:
    """A home with its gateway and a token."""

    def __init__(self, home: Home, catalog: Catalog, launcher: ContainerLauncher) -> None:
        self.home = home
        self.catalog = catalog
        self.launcher = launcher
        self.control = GatewayControl(home, catalog, launcher)
        self.folder = ""
        self.headers: dict[str, str] = {}

    async def start(self) -> None:
        self.folder = (await FolderService(self.catalog).default()).id
        token = await TokenService(self.catalog, self.home, FolderService(self.catalog)).issue()
        self.headers = {"authorization": f"Bearer {token.token}"}
        await self.control.start()

    def route(self, *instances: ObservedInstance, kind: str = "cell", **rest: Any) -> NodeRoute:
        routes = tuple(InstanceRoute(one.instance_id, str(one.address)) for one in instances)
        return NodeRoute(kind, (self.folder,), "HEALTHY", instances=routes, **rest)

    async def call(self, node: str, path: str = "/", **rest: Any) -> httpx.Response:
        headers = {**self.headers, "x-node-id": node}
        async with httpx.AsyncClient() as client:
            return await client.post(self.control.url + path, headers=headers, **rest)

    def servers(self) -> list[dict[str, str]]:
        rows = self.control._plane._admin.table("show stat")
        return [one for one in rows if one["svname"].startswith("n1-1-0.")]


@pytest.fixture
async def site(home: Home, engine: docker.DockerClient, base_image: str) -> AsyncIterator[Site]:
    catalog = Catalog(f"sqlite:///{home.catalog}")
    await catalog.upgrade()
    one = Site(home, catalog, ContainerLauncher(home, engine, base_image))
    try:
        await one.start()
        yield one
    finally:
        await one.control.close()
        one.launcher.end()
        catalog.close()


def image_spec(image: str, endpoint: Endpoint, healthcheck: Healthcheck) -> InstanceSpec:
    workload = ImageWorkload(RegistryImage(image), endpoint, healthcheck)
    return InstanceSpec("n1-1-0", "n1", 1, workload, Resources(1, 256 * 1024**2))


def test_container_is_hardened(site: Site, engine: docker.DockerClient) -> None:
    found = engine.containers.get(site.launcher.name)
    host = found.attrs["HostConfig"]
    assert found.attrs["Config"]["User"] == Owner.current().user
    assert host["ReadonlyRootfs"]
    assert host["CapDrop"] == ["ALL"]
    assert host["SecurityOpt"] == ["no-new-privileges:true"]
    assert host["RestartPolicy"]["Name"] == "unless-stopped"
    assert not any("docker.sock" in bind for bind in host["Binds"])
    mounts = {one["Destination"]: one["RW"] for one in found.attrs["Mounts"]}
    assert [place for place, writable in mounts.items() if writable] == [
        str(site.home.gateway / "haproxy" / "run")
    ]


async def test_cells_answer_without_the_control_plane(
    site: Site, backend: DockerBackend, make_spec: MakeSpec, engine: docker.DockerClient
) -> None:
    await backend.ensure(make_spec("y = 42\n"))
    one = await state(backend, InstanceStatus.HEALTHY)
    await site.control.publish({"node1": site.route(one)})
    assert (await site.call("node1", json={})).json() == {"y": 42}
    await site.control.close()
    url = site.control.url
    await asyncio.to_thread(engine.containers.get(site.launcher.name).restart, timeout=1)

    async def answered() -> httpx.Response | None:
        try:
            return await site.call("node1", json={})
        except httpx.TransportError:
            return None

    answer = await until_async(answered)  # with the routes from its files
    assert answer.json() == {"y": 42}
    again = GatewayControl(site.home, site.catalog, site.launcher)
    await again.start()  # finds it
    await again.publish({"node1": site.route(one), "node2": site.route(one)})
    assert again.url == url
    assert (await site.call("node2", json={})).json() == {"y": 42}
    await again.close()


async def test_grpc_node(site: Site, backend: DockerBackend, grpc_image: str) -> None:
    check = Healthcheck(
        type="grpc",
        port=50051,
        path="echo.v1.Echo",
        timeout=2.0,
        interval=0.2,
        fails_threshold=2,
        passes_threshold=1,
    )
    await backend.ensure(image_spec(grpc_image, Endpoint(type="grpc", port=50051), check))
    one = await state(backend, InstanceStatus.HEALTHY, "n1-1-0")
    route = site.route(one, kind="docker", protocol="grpc", healthcheck=check)
    await site.control.publish({"node1": route})
    await until_async(lambda: site.servers()[0]["check_status"] == "L7OK")
    address = site.control.url.removeprefix("http://")
    metadata = (*site.headers.items(), ("x-node-id", "node1"), ("x-echo", "there"))
    async with grpc.aio.insecure_channel(address) as channel:
        say = channel.unary_unary("/echo.v1.Echo/Say")(b"hello", metadata=metadata)
        assert await say == b"hello"
        assert dict(await say.trailing_metadata())["x-echoed"] == "there"
        stream = channel.unary_stream("/echo.v1.Echo/Stream")(b"x", metadata=metadata)
        assert [part async for part in stream] == [b"x"] * 3
        without = channel.unary_unary("/echo.v1.Echo/Say")(b"", metadata=metadata[1:])
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await without
        assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert await channel.unary_unary("/echo.v1.Echo/Sicken")(b"", metadata=metadata) == b""
    await until_async(lambda: site.servers()[0]["status"].startswith("DOWN"))
    answer = await site.call("node1")
    assert answer.status_code == 503


async def test_http_node(site: Site, backend: DockerBackend, http_image: str) -> None:
    check = Healthcheck(
        type="http",
        port=8080,
        path="/health",
        timeout=2.0,
        interval=0.2,
        fails_threshold=2,
        passes_threshold=1,
    )
    await backend.ensure(image_spec(http_image, Endpoint(type="http", port=8080), check))
    one = await state(backend, InstanceStatus.HEALTHY, "n1-1-0")
    route = site.route(one, kind="docker", healthcheck=check)
    await site.control.publish({"node1": route})
    seen = (await site.call("node1", "/any/path?a=1", content=b"body")).json()
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/any/path?a=1", "body")
    assert seen["headers"]["x-folder-id"] == site.folder
    assert "authorization" not in seen["headers"]
    await until_async(lambda: site.servers()[0]["check_status"] == "L7OK")
    events = await site.call("node1", "/events")
    assert events.text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"
    await site.call("node1", "/health/500")
    await until_async(lambda: site.servers()[0]["status"].startswith("DOWN"))
    answer = await site.call("node1")
    assert (answer.status_code, answer.json()["code"]) == (503, 14)


def test_what_ends_a_process_leaves_the_container_alone(
    site: Site, engine: docker.DockerClient
) -> None:
    """Its HAProxy has the same paths, and root sees it."""
    before = engine.containers.get(site.launcher.name).attrs["State"]["Pid"]
    ProcessLauncher(site.home.gateway / "haproxy").end()
    assert engine.containers.get(site.launcher.name).attrs["State"]["Pid"] == before
    assert site.control._plane.published() is not None


async def test_an_image_that_has_a_program_of_its_own(
    home: Home,
    engine: docker.DockerClient,
    haproxy_image: str,
    backend: DockerBackend,
    make_spec: MakeSpec,
) -> None:
    catalog = Catalog(f"sqlite:///{home.catalog}")
    await catalog.upgrade()
    one = Site(home, catalog, ContainerLauncher(home, engine, haproxy_image, binary=None))
    try:
        await one.start()
        assert (await one.control.status()).program == haproxy_image
        await backend.ensure(make_spec("y = 42\n"))
        await one.control.publish(
            {"node1": one.route(await state(backend, InstanceStatus.HEALTHY))}
        )
        assert (await one.call("node1", json={})).json() == {"y": 42}
    finally:
        await one.control.close()
        one.launcher.end()
        catalog.close()


async def test_another_program_replaces_the_container(
    site: Site, engine: docker.DockerClient, base_image: str, haproxy_image: str
) -> None:
    before = engine.containers.get(site.launcher.name).id
    again = GatewayControl(
        site.home, site.catalog, ContainerLauncher(site.home, engine, base_image)
    )
    await again.start()
    assert engine.containers.get(site.launcher.name).id == before
    await again.close()
    other = ContainerLauncher(site.home, engine, haproxy_image, binary=None)
    changed = GatewayControl(site.home, site.catalog, other)
    await changed.start()
    assert engine.containers.get(site.launcher.name).id != before
    assert (await changed.status()).running
    await changed.close()


async def test_a_process_takes_the_containers_place_and_gives_it_back(
    site: Site, engine: docker.DockerClient, base_image: str
) -> None:
    """Whichever it is, one of them serves, at one address."""
    url = site.control.url
    await site.control.close()

    async def serve(wanted: Literal["process", "container"]) -> GatewayControl:
        asked = Asked(wanted, "127.0.0.1", "", "", base_image, "", "")
        launcher, _ = await choose(asked, site.home, docker=True)
        control = GatewayControl(site.home, site.catalog, launcher)
        await control.start()
        assert control.url == url
        answer = await site.call("none")
        assert answer.status_code == 403  # nobody has access to anything
        return control

    process = await serve("process")
    with pytest.raises(docker.errors.NotFound):
        engine.containers.get(site.launcher.name)
    await process.close()
    container = await serve("container")
    assert not is_held(site.home.gateway / "haproxy" / "lock")
    assert engine.containers.get(site.launcher.name).status == "running"
    await container.close()


async def test_https(
    site: Site, tmp_path: Path, engine: docker.DockerClient, base_image: str
) -> None:
    pem = tmp_path / "site.pem"
    pem.write_bytes(certificate())
    site.launcher.end()
    launcher = ContainerLauncher(site.home, engine, base_image, listen=Listen(certificate=str(pem)))
    control = GatewayControl(site.home, site.catalog, launcher)
    await control.start()
    try:
        trust = ssl.create_default_context(cadata=pem.read_text().partition("-----BEGIN EC")[0])
        async with httpx.AsyncClient(verify=trust) as client:
            answer = await client.post(f"{control.url}/v1/nodes/x:execute")
        assert control.url.startswith("https://")
        assert answer.status_code == 401
    finally:
        await control.close()


async def test_missing_image_says_so(home: Home, engine: docker.DockerClient) -> None:
    launcher = ContainerLauncher(home, engine, "127.0.0.1:9/nothing:1")
    home.create()
    with pytest.raises(Exception, match="can't be started"):
        await asyncio.to_thread(launcher.start)
