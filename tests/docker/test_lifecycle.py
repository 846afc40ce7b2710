"""Containers over time: they end, are found again and drain (and outages: test_outages.py)."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import tempfile
from pathlib import Path

import docker
import pytest

from jupyter_node_deploy.backends.base import ObservedInstance
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.backends.docker.engine import connect
from jupyter_node_deploy.errors import NotFound
from jupyter_node_deploy.home import Home

from ..support.waiting import until_async
from .conftest import PATIENCE, MakeSpec, ask, state


async def test_another_server_finds_and_ends_what_runs(
    backend: DockerBackend, make_spec: MakeSpec, home: Home, base_image: str
) -> None:
    await backend.ensure(make_spec())
    first = await state(backend, "HEALTHY")
    other = DockerBackend(home, connect(), base_image)
    [one] = await other.observe()
    assert (one.status, one.started_at) == ("HEALTHY", first.started_at)
    assert (await other.ensure(make_spec())).started_at == first.started_at
    stats = await other.stats(one.instance_id)
    assert stats["processes"] >= 3  # front, zygote, worker
    assert stats["memory_bytes"] > 1_000_000
    assert stats["cpu_seconds"] > 0
    lines = [line async for line in other.logs(one.instance_id, tail=1000)]
    assert any("listening" in line for line in lines)
    await other.remove(one.instance_id, grace=5)
    assert await other.observe() == []
    assert list(home.instances.iterdir()) == []
    with pytest.raises(NotFound):
        await other.stats(one.instance_id)
    await other.close()


async def test_what_others_made_does_not_exist(
    backend: DockerBackend, make_spec: MakeSpec, engine: docker.DockerClient, base_image: str
) -> None:
    root = Path(tempfile.mkdtemp(prefix="jnd-"))
    neighbour = Home(root)
    neighbour.create()
    theirs = DockerBackend(neighbour, connect(), base_image)
    foreign = engine.containers.run(
        base_image, ["sleep", "1000"], detach=True, network_mode="none", labels={"jnd-test": "1"}
    )
    try:
        await backend.ensure(make_spec())
        await state(backend, "HEALTHY")
        assert await theirs.observe() == []
        await theirs.remove("node-1-0", grace=0)
        await theirs.remove(foreign.name or "", grace=0)
        assert (await state(backend, "HEALTHY")).instance_id == "node-1-0"
        foreign.reload()
        assert foreign.status == "running"
        assert len(await backend.observe()) == 1
    finally:
        foreign.remove(force=True)
        await theirs.close()
        shutil.rmtree(root)


async def test_remove_lets_requests_finish(backend: DockerBackend, make_spec: MakeSpec) -> None:
    await backend.ensure(make_spec("import time\ntime.sleep(1)\ny = 'done'\n"))
    one = await state(backend, "HEALTHY")
    answer = asyncio.create_task(ask(one))
    await asyncio.sleep(0.3)
    await backend.remove(one.instance_id, grace=30)
    assert await answer == b'{"y":"done"}'
    await backend.remove(one.instance_id)


async def test_the_engine_starts_again_what_has_crashed(
    backend: DockerBackend, make_spec: MakeSpec, engine: docker.DockerClient, home: Home
) -> None:
    await backend.ensure(make_spec())
    first = await state(backend, "HEALTHY")
    mine = f"jupyter-node-deploy.home={home.id}"
    [container] = engine.containers.list(filters={"label": mine})
    os.kill(container.attrs["State"]["Pid"], signal.SIGKILL)

    async def another() -> ObservedInstance | None:
        [one] = await backend.observe()
        return one if one.status == "HEALTHY" and one.started_at != first.started_at else None

    again = await until_async(another, seconds=PATIENCE)
    assert await ask(again) == b'{"y":1}'


async def test_what_was_stopped_by_hand_is_made_again_by_ensure(
    backend: DockerBackend, make_spec: MakeSpec, engine: docker.DockerClient, home: Home
) -> None:
    await backend.ensure(make_spec())
    await state(backend, "HEALTHY")
    [container] = engine.containers.list(filters={"label": f"jupyter-node-deploy.home={home.id}"})
    container.kill()
    one = await state(backend, "UNHEALTHY")
    assert one.exited
    assert "exit status 137" in one.reason
    await backend.ensure(make_spec())
    await state(backend, "HEALTHY")


async def test_following_a_log(backend: DockerBackend, make_spec: MakeSpec) -> None:
    await backend.ensure(make_spec("print('spoken')\ny = 1\n"))
    lines: list[str] = []

    async def follow() -> None:
        async for line in backend.logs("node-1-0", follow=True):
            lines.append(line)  # noqa: PERF401 - to be seen at once

    task = asyncio.create_task(follow())
    await ask(await state(backend, "HEALTHY"))
    await until_async(lambda: any("spoken" in line for line in lines), lambda: lines)
    assert any("Starting the container" in line for line in lines)
    await backend.remove("node-1-0", grace=5)
    await asyncio.wait_for(task, PATIENCE)
    with pytest.raises(NotFound):
        async for _ in backend.logs("node-1-0"):
            pass
