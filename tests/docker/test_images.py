"""Instances of images: pulled, hardened, asked for their health."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import docker
import grpc
import httpx
import pytest
from docker.models.containers import Container

from jupyter_node_deploy.backends.base import (
    Endpoint,
    Healthcheck,
    ImageWorkload,
    InstanceSpec,
    InstanceStatus,
    ObservedInstance,
    RegistryImage,
    Resources,
)
from jupyter_node_deploy.backends.docker import labels
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.backends.docker.owner import Owner
from jupyter_node_deploy.home import Home

from ..support.waiting import until_async
from .registry import PASSWORD, USER, Registry

SECRET = "v4lue-of-a-secret"


class Bench:
    """A backend."""

    def __init__(self, engine: docker.DockerClient, home: Home) -> None:
        self.engine = engine
        self.home = home
        self.backend = DockerBackend(home, docker.from_env(), "none:1")

    def container(self) -> Container:
        label = f"{labels.HOME}={self.home.id}"
        (found,) = self.engine.containers.list(filters={"label": label})
        return found

    async def until(self, wanted: Callable[[ObservedInstance], bool]) -> ObservedInstance:
        found: list[ObservedInstance] = []

        async def reached() -> ObservedInstance | None:
            found[:] = await self.backend.observe()
            return next(filter(wanted, found), None)

        return await until_async(reached, lambda: f"another state than {found}")

    async def healthy(self, spec: InstanceSpec) -> str:
        await self.backend.ensure(spec)
        one = await self.until(lambda one: one.status is InstanceStatus.HEALTHY)
        assert one.address is not None
        return one.address


@pytest.fixture
async def bench(engine: docker.DockerClient, home: Home) -> AsyncIterator[Bench]:
    one = Bench(engine, home)
    yield one
    await one.backend.close()


def spec(
    image: str,
    *,
    endpoint: Endpoint | None = None,
    healthcheck: Healthcheck | None = None,
    environment: dict[str, str] | None = None,
    command: tuple[str, ...] | None = None,
    login: tuple[str, str] | None = None,
    egress: bool = False,
) -> InstanceSpec:
    return InstanceSpec(
        instance_id="n1-1-0",
        node_id="n1",
        revision=1,
        workload=ImageWorkload(
            RegistryImage(image, *(login or ())),
            endpoint or Endpoint("http", 8080, 60, 300),
            None,
            healthcheck,
            command,
        ),
        resources=Resources(1, 256 * 1024 * 1024),
        environment=environment or {},
        egress=egress,
    )


async def get(url: str) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.get(url)


async def post(url: str, content: bytes) -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.post(url, content=content)


def http_check(**changes: Any) -> Healthcheck:
    fields = {"timeout": 2.0, "interval": 0.1, "fails_threshold": 3, "passes_threshold": 2}
    return Healthcheck("http", 8080, "/health", **(fields | changes))


async def test_hardened(bench: Bench, http_image: str) -> None:
    address = await bench.healthy(spec(http_image, healthcheck=http_check()))
    inside = (await get(f"http://{address}/inside")).json()
    assert inside["uid"] == Owner.current().uid
    assert inside["root"] == "Read-only file system"
    assert inside["tmp"] is inside["home"] is inside["volume"] is True
    assert inside["capabilities"] == 0
    assert inside["no_new_privileges"] == 1


@pytest.mark.parametrize(
    ("user", "uid"), [("app", 4242), ("app:staff", 4242), ("4242", 4242), ("toor", None)]
)
async def test_a_user_of_the_image(
    bench: Bench, http_image: str, user: str, uid: int | None, tmp_path: Path
) -> None:
    """It can write to the volumes, though their directories were root's; root is not allowed."""
    add = "useradd --no-create-home"
    lines = [
        f"FROM {http_image}",
        f"RUN {add} --uid 4242 app && {add} --non-unique --uid 0 toor",
        f"USER {user}",
    ]
    (tmp_path / "Dockerfile").write_text("\n".join(lines))
    tag = "jupyter-node-deploy-test/user:1"
    bench.engine.images.build(path=str(tmp_path), tag=tag, rm=True, forcerm=True)
    try:
        address = await bench.healthy(spec(tag, healthcheck=http_check()))
        inside = (await get(f"http://{address}/inside")).json()
        assert inside["uid"] == (uid or Owner.current().uid)
        assert inside["volume"] is True
    finally:
        await bench.backend.remove("n1-1-0", grace=0)
        bench.engine.images.remove(tag)


async def test_command_and_environment(bench: Bench, http_image: str) -> None:
    wanted = spec(http_image, environment={"TOKEN": SECRET, "GREETING": "hi"}, command=("a", "b c"))
    address = await bench.healthy(wanted)
    seen = (await post(f"http://{address}/x?y=1", b"body")).json()
    assert (seen["method"], seen["path"], seen["body"]) == ("POST", "/x?y=1", "body")
    assert (seen["greeting"], seen["token_length"]) == ("hi", len(SECRET))
    assert seen["arguments"] == ["a", "b c"]
    container = bench.container()
    told = [
        container.labels,
        container.logs().decode(),
        repr(wanted),
        repr(await bench.backend.observe()),
    ]
    assert SECRET not in json.dumps(told)


async def test_health_as_declared(bench: Bench, http_image: str) -> None:
    address = await bench.healthy(spec(http_image, healthcheck=http_check()))
    await get(f"http://{address}/health/503")
    ill = await bench.until(lambda one: one.status is InstanceStatus.UNHEALTHY)
    assert "3 health checks in a row failed: /health answered with HTTP status 503" in ill.reason
    assert not ill.exited
    assert ill.checked_at is not None
    await get(f"http://{address}/health/200")
    await bench.until(lambda one: one.status is InstanceStatus.HEALTHY)


async def test_grpc(bench: Bench, grpc_image: str) -> None:
    check = Healthcheck("grpc", 50051, "echo.v1.Echo", 2.0, 0.1, 2, 2)
    endpoint = Endpoint("grpc", 50051, 60, 300)
    address = await bench.healthy(spec(grpc_image, endpoint=endpoint, healthcheck=check))
    async with grpc.aio.insecure_channel(address) as channel:
        assert await channel.unary_unary("/echo.v1.Echo/Say")(b"hello") == b"hello"
        await channel.unary_unary("/echo.v1.Echo/Sicken")(b"")
    ill = await bench.until(lambda one: one.status is InstanceStatus.UNHEALTHY)
    assert "'echo.v1.Echo' says NOT_SERVING" in ill.reason


async def test_an_end_is_explained(bench: Bench, http_image: str) -> None:
    wanted = spec(http_image, environment={"PORT": "not a number"})
    await bench.backend.ensure(wanted)
    ended = await bench.until(lambda one: one.exited)
    assert "ended with exit status 1" in ended.reason
    assert "ValueError" in ended.reason


async def test_an_image_that_wants_to_be_root_is_told_what_it_is(
    bench: Bench, engine: docker.DockerClient, base_image: str
) -> None:
    await bench.backend.ensure(spec(base_image, command=("sh", "-c", "echo x > /etc/mine")))
    ended = await bench.until(lambda one: one.exited)
    assert f"runs as user {Owner.current().user} with a read-only file system" in ended.reason


async def test_a_new_server_adopts_what_runs(bench: Bench, http_image: str) -> None:
    await bench.healthy(spec(http_image, healthcheck=http_check(passes_threshold=2)))
    await bench.backend.close()
    bench.backend = DockerBackend(bench.home, docker.from_env(), "none:1")
    (one,) = await bench.backend.observe()
    assert one.status is InstanceStatus.HEALTHY


async def test_from_a_registry(
    bench: Bench, http_image: str, registry: Registry, engine: docker.DockerClient
) -> None:
    reference = registry.push(http_image, "team/private:1")
    wrong = spec(reference, login=(USER, "wrong-" + PASSWORD))
    await bench.backend.ensure(wrong)
    refused = await bench.until(lambda one: one.exited)
    assert "Is the user right, and the secret's value the password?" in refused.reason
    assert PASSWORD not in refused.reason
    await bench.healthy(spec(reference, login=(USER, PASSWORD)))
    container = bench.container()
    assert PASSWORD not in json.dumps(container.attrs)
    assert PASSWORD not in json.dumps(engine.images.get(reference).history())
    container.remove(force=True)
    engine.images.remove(reference)


async def test_remove_leaves_nothing(bench: Bench, http_image: str) -> None:
    await bench.healthy(spec(http_image, egress=True))
    made: dict[str, str | list[str] | bool] = {"label": f"{labels.HOME}={bench.home.id}"}
    networks = bench.engine.networks.list(filters=made)
    assert sorted(one.attrs["Internal"] for one in networks) == [False, True]
    lines = [line async for line in bench.backend.logs("n1-1-0")]
    assert lines[0] == "listening"
    await bench.backend.remove("n1-1-0", grace=2)
    assert await bench.backend.observe() == []
    assert bench.engine.networks.list(filters=made) == []
    await bench.backend.ensure(spec(http_image))
    await bench.backend.remove("n1-1-0", grace=2)  # while it is made
    assert bench.engine.containers.list(all=True, filters=made) == []
