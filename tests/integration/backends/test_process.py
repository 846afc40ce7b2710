"""The process backend alone, with real fronts."""

from __future__ import annotations

import asyncio
import dataclasses
import os
import platform
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_node_deploy.backends.base import (
    CellWorkload,
    InstanceSpec,
    ObservedInstance,
    Resources,
)
from jupyter_node_deploy.backends.process.backend import ProcessBackend
from jupyter_node_deploy.backends.process.record import Record
from jupyter_node_deploy.errors import NotFound
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.web.client import Client, ConnectionLost

from ...support import bundles
from ...support.waiting import until_async

MakeSpec = Callable[..., InstanceSpec]


@pytest.fixture
async def backend(home: Home) -> AsyncIterator[ProcessBackend]:
    backend = ProcessBackend(home)
    yield backend
    for one in await backend.observe():
        await backend.remove(one.instance_id, grace=0)
    await backend.close()


@pytest.fixture
def make_spec(home: Home, tmp_path: Path) -> MakeSpec:
    """Return a function that makes the spec of an instance that runs a cell."""

    def make(
        cell: str = "y = 1\n", name: str = "node-1-0", *, python: str = sys.executable, **more: Any
    ) -> InstanceSpec:
        target = tmp_path / f"bundle-{name}"
        if not target.exists():
            bundles.build(target, home, cell, platform.python_version())
        return InstanceSpec(
            **{
                "instance_id": name,
                "node_id": name.partition("-")[0],
                "revision": 1,
                "workload": CellWorkload(target, python, platform.python_version(), 1),
                "resources": Resources(1, 1000**3),
                **more,
            }
        )

    return make


def record_of(spec: InstanceSpec, address: str, at: float, pid: int | None = None) -> Record:
    assert isinstance(spec.workload, CellWorkload)
    return dataclasses.replace(Record.of(spec, spec.workload, address, at), pid=pid)


async def state(backend: ProcessBackend, status: str) -> ObservedInstance:
    """Wait until the only instance has a status."""

    async def reached() -> ObservedInstance | None:
        [one] = await backend.observe()
        assert status != "HEALTHY" or not one.exited, one.reason
        return one if one.status == status else None

    found: ObservedInstance = await until_async(reached)
    return found


async def ask(one: ObservedInstance, body: bytes = b"{}") -> bytes:
    client = Client(str(one.address))
    try:
        return bytes(
            (await client.request("POST", "/", {"content-type": "application/json"}, body)).body
        )
    finally:
        client.close()


def front_pid(home: Home, name: str = "node-1-0") -> int:
    return int((home.instances / name / "pid").read_text())


async def test_ensure_is_idempotent(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    spec = make_spec()
    first, second = await asyncio.gather(backend.ensure(spec), backend.ensure(spec))
    assert first.address == second.address
    await backend.ensure(spec)
    one = await state(backend, "HEALTHY")
    assert (one.instance_id, one.node_id, one.revision) == ("node-1-0", "node", 1)
    assert await ask(one) == b'{"y":1}'
    pid = front_pid(home)
    again = await backend.ensure(spec)
    assert again.status == "HEALTHY"
    assert front_pid(home) == pid


async def test_observe_by_node(backend: ProcessBackend, make_spec: MakeSpec) -> None:
    await backend.ensure(make_spec())
    await backend.ensure(make_spec(name="other-1-0"))
    assert [one.node_id for one in await backend.observe("other")] == ["other"]
    assert len(await backend.observe()) == 2


async def test_secrets_of_the_server_stay_there(
    backend: ProcessBackend, make_spec: MakeSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "kept")
    cell = (
        "import os\ny = [os.environ.get(n) for n in ('JUPYTER_TOKEN', 'JPY_API_TOKEN', 'MINE')]\n"
    )
    await backend.ensure(make_spec(cell))
    assert await ask(await state(backend, "HEALTHY")) == b'{"y":[null,null,"kept"]}'


async def test_a_home_with_a_long_path(tmp_path: Path, make_spec: MakeSpec) -> None:
    home = Home(tmp_path / ("long" * 25))
    home.create()
    backend = ProcessBackend(home)
    await backend.ensure(make_spec())
    one = await state(backend, "HEALTHY")
    assert await ask(one) == b'{"y":1}'
    socket = Path(str(one.address).removeprefix("unix:"))
    assert socket.parent.stat().st_mode & 0o777 == 0o700
    await backend.remove(one.instance_id)
    assert not socket.exists()  # noqa: ASYNC240


async def test_remove_lets_requests_finish(backend: ProcessBackend, make_spec: MakeSpec) -> None:
    await backend.ensure(make_spec("import time\ntime.sleep(1)\ny = 'done'\n"))
    one = await state(backend, "HEALTHY")
    answer = asyncio.create_task(ask(one))
    await asyncio.sleep(0.2)
    await backend.remove(one.instance_id, grace=30)
    assert await answer == b'{"y":"done"}'
    assert await backend.observe() == []
    await backend.remove(one.instance_id)


async def test_remove_kills_what_does_not_finish(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    # A child of the cell in a session of its own, which outlives its parent.
    cell = (
        "import subprocess, time\n"
        "child = subprocess.Popen(['sleep', '1000'], start_new_session=True)\n"
        "open('child', 'w').write(str(child.pid))\n"
        "time.sleep(1000)\n"
        "y = 1\n"
    )
    await backend.ensure(make_spec(cell))
    one = await state(backend, "HEALTHY")
    answer = asyncio.create_task(ask(one))
    path = home.instances / one.instance_id / "work" / "child"

    async def started() -> bool:
        return path.exists() and bool(path.read_text())

    await until_async(started)
    child = psutil.Process(int(path.read_text()))
    await backend.remove(one.instance_id, grace=0.2)
    # A container may have nobody to take the exit status of an orphan.
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
    with pytest.raises(ConnectionLost):
        await answer
    assert list(home.instances.iterdir()) == []


async def test_a_front_that_was_killed_is_started_again_by_ensure(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    spec = make_spec()
    await backend.ensure(spec)
    await state(backend, "HEALTHY")
    os.kill(front_pid(home), signal.SIGKILL)
    one = await state(backend, "UNHEALTHY")
    assert one.exited
    assert "SIGKILL" in one.reason
    await backend.ensure(spec)
    assert await ask(await state(backend, "HEALTHY")) == b'{"y":1}'


async def test_one_late_answer_does_not_make_an_instance_unhealthy(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    await backend.ensure(make_spec())
    await state(backend, "HEALTHY")
    front = psutil.Process(front_pid(home))
    front.suspend()
    try:
        seen = [(await backend.observe())[0].status for _ in range(3)]
    finally:
        front.resume()
    assert seen == ["HEALTHY", "HEALTHY", "UNHEALTHY"]
    await state(backend, "HEALTHY")


async def test_a_start_that_fails_says_why_and_can_be_tried_again(
    backend: ProcessBackend, make_spec: MakeSpec
) -> None:
    await backend.ensure(make_spec(python="/nowhere/python"))
    one = await state(backend, "UNHEALTHY")
    assert one.exited
    assert "/nowhere/python does not start" in one.reason
    await backend.ensure(make_spec())
    await state(backend, "HEALTHY")


async def test_another_server_finds_and_ends_what_runs(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    await backend.ensure(make_spec())
    await state(backend, "HEALTHY")
    other = ProcessBackend(home)
    [one] = await other.observe()
    assert one.status == "HEALTHY"
    stats = await other.stats(one.instance_id)
    assert stats["processes"] >= 3  # front, zygote, worker
    assert stats["memory_bytes"] > 1_000_000
    assert stats["cpu_seconds"] > 0
    await other.remove(one.instance_id)
    assert await other.observe() == []
    with pytest.raises(NotFound):
        await other.stats(one.instance_id)
    await other.close()


async def test_a_start_that_a_crash_cut_off(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    """The intent is on disk, no process was started: it counts as ended after a moment."""
    spec = make_spec()
    place = home.instances / spec.instance_id
    place.mkdir()
    record_of(spec, f"unix:{place / 'socket'}", time.time() - 10).write(place)
    [one] = await backend.observe()
    assert one.exited
    await backend.ensure(spec)
    await state(backend, "HEALTHY")


async def test_a_front_whose_id_nobody_wrote_down(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    """The server was killed between start and record; the front has only its lock so far."""
    spec = make_spec()
    await backend.ensure(spec)
    await state(backend, "HEALTHY")
    place = home.instances / spec.instance_id
    record = Record.read(place)
    assert record is not None
    dataclasses.replace(record, pid=None).write(place)
    (place / "pid").unlink()
    other = ProcessBackend(home)
    assert (await other.ensure(spec)).status == "HEALTHY"
    await other.close()


async def test_an_id_that_now_is_another_process(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    spec = make_spec()
    place = home.instances / spec.instance_id
    place.mkdir()
    record_of(spec, f"unix:{place / 'socket'}", time.time() - 10, pid=os.getpid()).write(place)
    (place / "pid").write_text(str(os.getpid()))
    [one] = await backend.observe()
    assert one.exited
    await backend.remove(spec.instance_id)  # and we are still here
    assert await backend.observe() == []


async def test_a_removal_that_was_cut_off_is_seen(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    spec = make_spec()
    await backend.ensure(spec)
    await state(backend, "HEALTHY")
    place = home.instances / spec.instance_id
    record = Record.read(place)
    assert record is not None
    dataclasses.replace(record, removing=True).write(place)
    other = ProcessBackend(home)
    [one] = await other.observe()
    assert one.status == "DELETING"
    assert (await other.ensure(spec)).status == "DELETING"
    await other.remove(spec.instance_id)
    assert (await other.ensure(spec)).status in ("STARTED", "PREPARING", "HEALTHY")
    await other.remove(spec.instance_id, grace=0)
    await other.close()


async def test_what_is_no_instance_is_left_alone_for_a_while(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    names = (".new-1", ".new-2", "broken", ".gone-1")
    young, cut_off, broken, _ = places = [home.instances / name for name in names]
    for place in places:
        place.mkdir()
    (broken / "instance.json").write_text("{")
    for place in (young, cut_off):
        record_of(make_spec("cell = 1"), "unix:/nowhere", 1.0).write(place)
    os.utime(broken, (1, 1))
    os.utime(cut_off, (1, 1))
    assert await backend.observe() == []
    assert [place.name for place in home.instances.iterdir()] == [".new-1"]


async def test_ids_do_not_lead_out_of_the_directory(backend: ProcessBackend) -> None:
    for name in ("../x", "", ".", "/etc"):
        with pytest.raises(NotFound):
            await backend.remove(name)


async def test_values_of_the_environment_are_not_written_down(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home
) -> None:
    spec = make_spec("import os\ny = os.environ['KEY']\n", environment={"KEY": "a-secret"})
    await backend.ensure(spec)
    assert await ask(await state(backend, "HEALTHY")) == b'{"y":"a-secret"}'
    assert "a-secret" not in repr(spec)
    for place in (home.instances / spec.instance_id).rglob("*"):
        assert not place.is_file() or b"a-secret" not in place.read_bytes()


async def test_a_copied_home_leaves_the_other_one_alone(
    backend: ProcessBackend, make_spec: MakeSpec, home: Home, tmp_path: Path
) -> None:
    started = await backend.ensure(make_spec())
    assert started.address is not None
    socket = Path(started.address.removeprefix("unix:"))
    await until_async(lambda: asyncio.to_thread(socket.exists))
    shutil.copytree(home.root, tmp_path / "copy", ignore=lambda *_: ["socket"])
    copy = ProcessBackend(Home(tmp_path / "copy"))
    [seen] = await copy.observe()
    assert seen.exited
    await copy.remove(seen.instance_id, grace=0)
    await copy.close()
    assert await asyncio.to_thread(socket.exists)
    [seen] = await backend.observe()
    assert not seen.exited
