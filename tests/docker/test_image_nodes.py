"""Docker-image nodes from the form to answers, with secrets, metrics, updates and rollback."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import docker
import grpc
import httpx
import pytest
from sqlalchemy import select

from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.catalog import tables
from jupyter_node_deploy.errors import FailedPrecondition, InvalidArgument
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.specs import DockerSpec, Node, NodeCreate, NodePatch

from ..integration.nodes.conftest import ControlPlane
from .registry import PASSWORD, USER, Registry

VALUE = "s3cr3t-value-of-a-node"
PATIENCE = 90


class Plane(ControlPlane):
    """One of images."""

    def __init__(self, home: Home) -> None:
        super().__init__(home.root, lambda home: DockerBackend(home, docker.from_env(), "none:1"))

    async def healthy(self, node: Node) -> Node:
        found = await self.nodes.wait(node.id, timeout=PATIENCE)
        assert found.status == "HEALTHY", found.reason
        return found

    async def get(self, node: Node, path: str) -> dict[str, Any]:
        """Ask an instance for JSON, past the gateway."""
        address = next(one.address for one in await self.backend.observe(node.id) if one.address)
        host, _, port = address.partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        answer = (await reader.read()).partition(b"\r\n\r\n")[2]
        writer.close()
        found: dict[str, Any] = json.loads(answer)
        return found


@pytest.fixture
async def plane(home: Home) -> AsyncIterator[Plane]:
    one = Plane(home)
    await one.start()
    yield one
    await one.stop()


def spec(image: str, **changes: Any) -> DockerSpec:
    fields: dict[str, Any] = {
        "image": image,
        "endpoint": {"port": 8080},
        "healthcheck": {"port": 8080, "path": "/health", "interval": 0.5, "passes_threshold": 1},
        "telemetry": {"port": 8080},
    }
    return DockerSpec.model_validate(fields | changes)


def form(docker: DockerSpec) -> NodeCreate:
    return NodeCreate(name="echo", type="docker", docker=docker)


async def test_from_a_private_registry_with_secrets(
    plane: Plane, http_image: str, registry: Registry, engine: docker.DockerClient, caplog: Any
) -> None:
    reference = registry.push(http_image, "team/node:1")
    env = [{"name": "TOKEN", "secret": "token"}, {"name": "GREETING", "value": "hello"}]
    private = spec(reference, username=USER, password_secret="registry", env=env)
    with pytest.raises(InvalidArgument) as caught:
        await plane.nodes.create(form(private))
    fields = {detail["path"] for detail in caught.value.details}
    assert fields == {"docker.env.0.secret", "docker.password_secret"}

    await plane.secrets.put("token", VALUE)
    await plane.secrets.put("registry", PASSWORD)
    assert (await plane.nodes.validate(form(private))).ok
    node = await plane.healthy(await plane.nodes.create(form(private)))
    seen = await plane.get(node, "/x")
    assert (seen["token_length"], seen["greeting"]) == (len(VALUE), "hello")
    assert node.instances[0].checked_at is not None

    metrics = await plane.nodes.instances.metrics(node.id)
    labels = f'{{node_id="{node.id}",instance_id="{node.instances[0].id}"}}'
    assert f"echo_requests_total{labels} " in metrics
    assert f"node_deploy_scrape_up{labels} 1" in metrics

    for name in ("token", "registry"):
        with pytest.raises(FailedPrecondition, match="used by the nodes echo"):
            await plane.secrets.delete(name)

    # Nothing that is kept, shown or told has a secret's value.
    def rows(conn: Any) -> str:
        return repr([conn.execute(select(table)).all() for table in tables.metadata.sorted_tables])

    (container,) = await asyncio.to_thread(
        engine.containers.list, filters={"label": f"jupyter-node-deploy.node={node.id}"}
    )
    logs = [line async for line in plane.nodes.instances.logs(node.id)]
    history = engine.images.get(reference).history()
    told = [node.model_dump_json(), repr(plane.events), caplog.text, metrics, *logs]
    told += [await plane.catalog.read(rows), repr(container.labels), repr(history)]
    files = [file for file in plane.home.root.rglob("*") if file.is_file()]
    for value in (VALUE, PASSWORD):
        assert not any(value in text for text in told)
        assert not [file for file in files if value.encode() in file.read_bytes()]

    # A changed secret is taken up by a restart.
    await plane.secrets.put("token", VALUE + "-and-more")
    again = await plane.healthy(await plane.nodes.restart(node.id))
    assert again.revision == 2

    async def old_is_gone() -> bool:
        return [one.revision for one in await plane.backend.observe(node.id)] == [2]

    async with asyncio.timeout(PATIENCE):
        while not await old_is_gone():
            await plane.catalog.changes.wait(plane.catalog.changes.count, 0.2)
    assert (await plane.get(node, "/x"))["token_length"] == len(VALUE) + 9
    await plane.nodes.delete(node.id)
    async with asyncio.timeout(PATIENCE):
        while await plane.nodes.list():
            await plane.catalog.changes.wait(plane.catalog.changes.count, 0.2)
    await plane.secrets.delete("token")
    engine.images.remove(reference)


async def test_an_update_that_does_not_come_up_keeps_the_old_revision(
    plane: Plane, http_image: str, registry: Registry
) -> None:
    node = await plane.healthy(await plane.nodes.create(form(spec(http_image))))
    away = spec(f"{registry.host}/team/none:1")
    await plane.nodes.patch(node.id, NodePatch(docker=away))
    async with asyncio.timeout(PATIENCE):
        while (found := await plane.nodes.get(node.id)).revision != 1:
            await plane.catalog.changes.wait(plane.catalog.changes.count, 0.2)
    assert found.status == "HEALTHY"
    assert found.docker is not None
    assert found.docker.image == http_image
    assert "refuses" in found.reason
    assert "give a registry user and a secret" in found.reason
    assert (await plane.get(node, "/x"))["path"] == "/x"


async def test_an_image_that_ends_fails_with_its_last_words(plane: Plane, http_image: str) -> None:
    broken = spec(http_image, env=[{"name": "PORT", "value": "not a number"}])
    node = await plane.nodes.create(form(broken))
    found = await plane.nodes.wait(node.id, timeout=PATIENCE)
    assert found.status == "FAILED"
    assert "It failed 3 times." in found.reason
    assert "ValueError: invalid literal for int() with base 10: 'not a number'" in found.reason
    await plane.nodes.patch(node.id, NodePatch(docker=spec(http_image)))
    await plane.healthy(node)


async def test_grpc(plane: Plane, grpc_image: str) -> None:
    check = {"type": "grpc", "port": 50051, "path": "echo.v1.Echo", "interval": 0.5}
    endpoint = {"type": "grpc", "port": 50051}
    wanted = spec(grpc_image, endpoint=endpoint, healthcheck=check, telemetry=None)
    node = await plane.healthy(await plane.nodes.create(form(wanted)))
    assert "scrape_up{" not in await plane.nodes.instances.metrics(node.id)
    await plane.nodes.suspend(node.id)
    async with asyncio.timeout(PATIENCE):
        while await plane.backend.observe(node.id):
            await plane.catalog.changes.wait(plane.catalog.changes.count, 0.2)
    await plane.nodes.resume(node.id)
    await plane.healthy(node)


async def test_through_the_gateway(
    plane: Plane, http_image: str, grpc_image: str, home: Home
) -> None:
    http = await plane.nodes.create(form(spec(http_image)))
    check = {"type": "grpc", "port": 50051, "interval": 0.5}
    endpoint = {"type": "grpc", "port": 50051}
    wanted = spec(grpc_image, endpoint=endpoint, healthcheck=check, telemetry=None)
    rpc = await plane.nodes.create(form(wanted).model_copy(update={"name": "rpc"}))
    await plane.healthy(http)
    await plane.healthy(rpc)
    token = await plane.tokens.issue(None, 3600, "")
    sent = {"authorization": f"Bearer {token.token}", "x-folder-id": token.folder}

    async with httpx.AsyncClient(base_url=plane.gateway.url) as client:
        to_http = sent | {"x-node-id": http.id}
        seen = (await client.put("/any/path?q=1", content=b"body", headers=to_http)).json()
        assert (seen["method"], seen["path"], seen["body"]) == ("PUT", "/any/path?q=1", "body")
        assert "authorization" not in seen["headers"]
        events = await client.get("/events", headers=to_http)
        assert events.text == "data: 0\n\ndata: 1\n\ndata: 2\n\n"
        refused = await client.get("/x", headers={"x-node-id": http.id})
        assert (refused.status_code, refused.json()["code"]) == (401, 16)

    metadata = [(name, value) for name, value in (sent | {"x-node-id": rpc.id}).items()]
    address = plane.gateway.url.removeprefix("http://")
    async with grpc.aio.insecure_channel(address) as channel:
        call = channel.unary_unary("/echo.v1.Echo/Say")
        one = call(b"hello", metadata=[*metadata, ("x-echo", "back")], timeout=PATIENCE)
        assert await one == b"hello"
        assert ("x-echoed", "back") in tuple(await one.trailing_metadata())
        stream = channel.unary_stream("/echo.v1.Echo/Stream")(b"s", metadata=metadata)
        assert [part async for part in stream] == [b"s"] * 3
