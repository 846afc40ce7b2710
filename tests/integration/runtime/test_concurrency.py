"""Several requests at a time in one worker, for cells that await."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import httpx
import pytest

from ...support.waiting import until
from .conftest import Served, variable

Make = Callable[..., Path]
Save = Callable[..., None]
Serve = Callable[..., Served]
Check = Callable[..., dict[str, Any]]

CELL = """\
import asyncio, os, sys, time

async def printer():
    print("task", name)

async def forever():
    try:
        await asyncio.sleep(1000)
    finally:
        open(gate + ".ended", "a").write(name)

print("begin", name)
await asyncio.create_task(printer())
await asyncio.to_thread(print, "thread", name)
if how == "leave":
    left = asyncio.create_task(forever())
    await asyncio.sleep(0)
if how == "raise":
    raise ValueError(name)
if how == "exit":
    await asyncio.create_task(asyncio.sleep(0))
    sys.exit(3)
if how == "task exits":
    async def leaving():
        sys.exit(4)
    await asyncio.create_task(leaving())
if how == "block":
    time.sleep(1000)
if how == "stubborn":
    while True:
        try:
            await asyncio.sleep(1000)
        except asyncio.CancelledError:
            pass
if how == "crash":
    os._exit(7)
if how == "wait":
    open(gate + ".at", "a").write("x")
    try:
        while not os.path.exists(gate):
            await asyncio.sleep(0.005)
    finally:
        print("end", name)
y = {"name": name, "pid": os.getpid()}
"""

AWAITS = "import asyncio\nawait asyncio.sleep(0)\n"


def _bundle(make: Make, **settings: Any) -> Path:
    inputs = [variable("name", "str"), variable("gate", "str", required=False, default="")]
    inputs.append(variable("how", "str", required=False, default="go"))
    return make(CELL, inputs, [variable("y")], concurrency=8, **settings)


@pytest.fixture
def gate(tmp_path: Path) -> str:
    return str(tmp_path / "gate")


def _waiting(node: Served, gate: str, names: str) -> list[Future[httpx.Response]]:
    """Send requests that wait for the gate, and return when all of them run."""
    at = Path(gate + ".at")
    before = at.stat().st_size if at.exists() else 0
    sent = [node.send({"name": name, "how": "wait", "gate": gate}) for name in names]
    until(lambda: at.exists() and at.stat().st_size == before + len(names))
    return sent


def test_they_run_at_the_same_time_each_with_its_own_inputs(
    make_bundle: Make, serve: Serve, gate: str
) -> None:
    node = serve(_bundle(make_bundle))
    sent = _waiting(node, gate, "abcdefgh")
    stats = node.stats()
    assert (stats["in_flight"], stats["queue"]) == (8, 0)
    assert stats["workers"][0]["running"] == 8
    ninth = node.send({"name": "i"})
    until(lambda: node.stats()["queue"] == 1)
    Path(gate).touch()
    answers = [one.result() for one in [*sent, ninth]]
    assert [one.json()["y"]["name"] for one in answers] == list("abcdefghi")
    assert len({one.json()["y"]["pid"] for one in answers}) == 1
    for name, answer in zip("abcdefgh", answers, strict=False):
        printed = node.logged(answer.headers["x-request-id"])["stdout"]
        assert printed == f"begin {name}\ntask {name}\nthread {name}\nend {name}\n"
    assert node.stats()["in_flight"] == 0


def test_they_are_spread_over_the_workers(make_bundle: Make, serve: Serve, gate: str) -> None:
    node = serve(_bundle(make_bundle), "--workers", "2")
    until(lambda: all(worker["ready"] for worker in node.stats()["workers"]))
    sent = _waiting(node, gate, "abcdef")
    assert [worker["running"] for worker in node.stats()["workers"]] == [3, 3]
    Path(gate).touch()
    assert all(one.result().status_code == 200 for one in sent)


@pytest.mark.parametrize(
    ("how", "error"),
    [("raise", "ValueError: a"), ("exit", "SystemExit: 3"), ("task exits", "SystemExit: 4")],
)
def test_what_one_raises_is_its_own(
    make_bundle: Make, serve: Serve, gate: str, how: str, error: str
) -> None:
    node = serve(_bundle(make_bundle))
    sent = _waiting(node, gate, "bc")
    answer = node.post({"name": "a", "how": how})
    assert answer.status_code == 500
    assert f"the cell raised {error}" in answer.json()["message"]
    assert error in node.logged(answer.headers["x-request-id"])["stderr"]
    assert node.post({"name": 1}).status_code == 400
    Path(gate).touch()
    assert [one.result().json()["y"]["name"] for one in sent] == ["b", "c"]


def test_the_deadline_is_each_ones_own(make_bundle: Make, serve: Serve, gate: str) -> None:
    node = serve(_bundle(make_bundle, timeout=1.0))
    (late,) = _waiting(node, gate, "a")
    others: list[int] = []
    stop = threading.Event()

    def call() -> None:
        while not stop.is_set():
            others.append(node.post({"name": "b"}).status_code)

    beside = threading.Thread(target=call)
    beside.start()
    answer = late.result()
    stop.set()
    beside.join()
    assert (answer.status_code, answer.json()["code"]) == (504, 4)
    assert "timeout of 1 s" in answer.json()["message"]
    line = node.logged(answer.headers["x-request-id"])
    assert line["stdout"].startswith("begin a\n")
    assert set(others) == {200}
    assert node.lines("run_cancelled")
    assert "worker_restarts_total{" not in node.get("/metrics").text
    until(lambda: node.stats()["in_flight"] == 0)


@pytest.mark.parametrize("how", ["block", "stubborn"])
def test_a_run_that_does_not_give_way_costs_its_worker(
    make_bundle: Make, serve: Serve, gate: str, how: str
) -> None:
    node = serve(_bundle(make_bundle, timeout=0.5))
    assert node.post({"name": "a", "how": how}).status_code == 504
    until(lambda: 'worker_restarts_total{reason="timeout"} 1' in node.get("/metrics").text)
    assert node.post({"name": "b"}).status_code == 200


def test_a_client_that_goes_away_stops_its_run(make_bundle: Make, serve: Serve, gate: str) -> None:
    node = serve(_bundle(make_bundle))
    sent = _waiting(node, gate, "b")
    inputs = {"name": "a", "how": "wait", "gate": gate}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{node.client.base_url}", json=inputs, timeout=0.3)
    until(lambda: node.lines("run_cancelled"))
    until(lambda: node.stats()["in_flight"] == 1)
    Path(gate).touch()
    assert sent[0].result().status_code == 200


def test_tasks_end_with_their_request(make_bundle: Make, serve: Serve, gate: str) -> None:
    node = serve(_bundle(make_bundle))
    sent = _waiting(node, gate, "b")
    assert node.post({"name": "a", "how": "leave", "gate": gate}).status_code == 200
    assert Path(gate + ".ended").read_text() == "a"
    Path(gate).touch()
    assert sent[0].result().status_code == 200


def test_a_crash_is_told_to_all_and_the_worker_replaced(
    make_bundle: Make, serve: Serve, gate: str
) -> None:
    node = serve(_bundle(make_bundle))
    sent = _waiting(node, gate, "bc")
    assert node.post({"name": "a", "how": "crash"}).status_code == 500
    for one in sent:
        assert one.result().status_code == 500
        assert one.result().json()["details"][0]["exit_code"] == 7
    assert node.post({"name": "d"}).json()["y"]["name"] == "d"


def test_drain_waits_for_all(make_bundle: Make, serve: Serve, gate: str) -> None:
    node = serve(_bundle(make_bundle))
    sent = _waiting(node, gate, "abc")
    node.process.terminate()
    until(lambda: node.get("/readyz").status_code == 503)
    Path(gate).touch()
    assert [one.result().status_code for one in sent] == [200] * 3
    assert node.process.wait() == 0


def test_outgrown_workers_finish_first(make_bundle: Make, serve: Serve, gate: str) -> None:
    cell = (
        "import asyncio, os, kept\nkept.data.append(b'x' * n)\nopen(gate + '.at', 'a').write('x')\n"
        "while not os.path.exists(gate):\n    await asyncio.sleep(0.005)\ny = os.getpid()"
    )
    bundle = make_bundle(
        cell,
        [variable("n"), variable("gate")],
        [variable("y")],
        {"kept.py": "data = []"},
        memory_limit=64 * 1024 * 1024,
        concurrency=4,
    )
    node = serve(bundle)
    sent = [node.send({"n": n, "gate": gate}) for n in (100_000_000, 1, 1)]
    until(lambda: Path(gate + ".at").exists() and len(Path(gate + ".at").read_text()) == 3)
    time.sleep(1.2)  # two looks at the memory
    Path(gate).touch()
    (first,) = {one.result().json()["y"] for one in sent}
    until(lambda: node.lines("worker_outgrown"))
    assert node.post({"n": 1, "gate": gate}).json()["y"] != first


@pytest.mark.parametrize(
    ("cell", "setup", "settings", "words"),
    [
        ("y = x", "", {}, "no await at its top level"),
        (
            AWAITS + "y = x",
            "",
            {"isolation": "request"},
            "isolation cannot be request",
        ),
        (
            AWAITS + "y = f()",
            "def f():\n    return x",
            {},
            "the function f of an earlier cell reads the variable x",
        ),
        (
            AWAITS + "y = A().f()",
            "class A:\n    def f(self):\n        global n\n        n = 1",
            {},
            "the function A.f of an earlier cell sets the global variable n",
        ),
    ],
)
def test_refused_where_requests_would_get_into_each_others_way(
    make_bundle: Make,
    save_state: Save,
    check: Check,
    cell: str,
    setup: str,
    settings: dict[str, Any],
    words: str,
) -> None:
    bundle = make_bundle(cell, [variable("x")], [variable("y")], concurrency=2, **settings)
    if setup:
        save_state(bundle, setup)
    result = check(bundle, {"x": 1})
    assert not result["ok"]
    assert words in result["error"]["error_message"]


def test_functions_of_earlier_cells_work(make_bundle: Make, save_state: Save, serve: Serve) -> None:
    cell = "import asyncio, math\nasync def g(v):\n    return f(v) + x\ny = await g(1)"
    bundle = make_bundle(cell, [variable("x")], [variable("y")], concurrency=4)
    save_state(bundle, "import math\nk = 10\ndef f(v):\n    return math.floor(k * v)")
    node = serve(bundle)
    sent = [node.send({"x": n}) for n in range(20)]
    assert [one.result().json()["y"] for one in sent] == [n + 10 for n in range(20)]


def test_the_dry_run_refuses_changes_in_place(
    make_bundle: Make, save_state: Save, check: Check
) -> None:
    cell = "import asyncio\nawait asyncio.sleep(0)\nseen.append(1)\ny = 1"
    settings: dict[str, Any] = {"concurrency": 2, "isolation": "auto"}
    bundle = make_bundle(cell, [], [variable("y")], **settings)
    save_state(bundle, "seen = []")
    result = check(bundle, {})
    assert not result["ok"]
    assert "the cell changes 'seen' in place" in result["error"]["error_message"]
    assert "concurrency to 1" in result["error"]["error_message"]
    quiet = make_bundle(cell.replace("append(1)", "count(1)"), [], [variable("y")], **settings)
    assert check(quiet, {})["isolation"]["chosen"] == "shared"
