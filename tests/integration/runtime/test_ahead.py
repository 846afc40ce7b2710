"""Short runs are handed to workers ahead; what that must not change."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from ...support.waiting import until
from .conftest import Served, variable

Make = Callable[..., Path]
Serve = Callable[..., Served]

CELL = """\
import os, time
if kind == "slow":
    open(mark, "w").close()
    while os.path.exists(mark):
        time.sleep(0.001)
if kind == "crash":
    os.kill(os.getpid(), 9)
with open(log, "a") as file:
    file.write(f"{number}\\n")
y = number
"""


def _bundle(make: Make, **settings: Any) -> Path:
    inputs = [variable(name) for name in ("kind", "number", "mark", "log")]
    return make(CELL, inputs, [variable("y")], queue=200, **settings)


class Caller:
    """Calls a node many times at once."""

    def __init__(self, node: Served, tmp_path: Path) -> None:
        self.client = httpx.Client(
            base_url=node.client.base_url, timeout=60, limits=httpx.Limits(max_connections=None)
        )
        self.log = tmp_path / "ran"
        self.mark = tmp_path / "mark"
        self.threads = ThreadPoolExecutor(40)

    def call(self, number: int, kind: str = "fast") -> tuple[int, Any]:
        inputs = {"kind": kind, "number": number, "mark": str(self.mark), "log": str(self.log)}
        answer = self.client.post("/", json=inputs)
        return answer.status_code, answer.json()

    def burst(self, numbers: range) -> list[tuple[int, Any]]:
        return list(self.threads.map(self.call, numbers))

    def ran(self) -> list[int]:
        return sorted(int(line) for line in self.log.read_text().split())


def test_a_slow_run_among_fast_ones_holds_up_nobody(
    make_bundle: Make, serve: Serve, tmp_path: Path
) -> None:
    node = serve(_bundle(make_bundle), "--workers", "2")
    caller = Caller(node, tmp_path)
    caller.burst(range(100))  # now it knows that runs are short
    for first in range(100, 400, 100):
        slow = caller.threads.submit(caller.call, first, "slow")
        until(caller.mark.exists)
        # Whatever was behind it on its worker runs on the other one.
        answers = caller.burst(range(first + 1, first + 40))
        assert answers == [(200, {"y": number}) for number in range(first + 1, first + 40)]
        caller.mark.unlink()
        assert slow.result() == (200, {"y": first})
    ran = caller.ran()
    assert len(ran) == len(set(ran)) == 100 + 3 * 40  # each once


def test_a_crash_costs_only_its_own_request(
    make_bundle: Make, serve: Serve, tmp_path: Path
) -> None:
    node = serve(_bundle(make_bundle), "--workers", "2")
    caller = Caller(node, tmp_path)
    caller.burst(range(100))
    for first in range(100, 300, 50):
        crash = caller.threads.submit(caller.call, first, "crash")
        answers = caller.burst(range(first + 1, first + 30))
        assert answers == [(200, {"y": number}) for number in range(first + 1, first + 30)]
        status, body = crash.result()
        assert status == 500
        assert body["details"][0]["signal"] == signal.SIGKILL
    ran = caller.ran()
    assert len(ran) == len(set(ran)) == 100 + 4 * 29


def test_a_worker_killed_from_outside_loses_no_waiting_request(
    make_bundle: Make, serve: Serve, tmp_path: Path
) -> None:
    node = serve(_bundle(make_bundle), "--workers", "1")
    caller = Caller(node, tmp_path)
    caller.burst(range(100))
    slow = caller.threads.submit(caller.call, 100, "slow")
    until(caller.mark.exists)
    behind = [caller.threads.submit(caller.call, number) for number in range(101, 120)]
    until(lambda: node.stats()["queue"] == 19)
    os.kill(node.stats()["workers"][0]["pid"], signal.SIGKILL)
    assert slow.result()[0] == 500
    assert [one.result() for one in behind] == [(200, {"y": n}) for n in range(101, 120)]


def test_a_run_that_nobody_waits_for_is_stopped(
    make_bundle: Make, serve: Serve, tmp_path: Path
) -> None:
    node = serve(_bundle(make_bundle), "--workers", "1")
    caller = Caller(node, tmp_path)
    inputs = {"kind": "slow", "number": 1, "mark": str(caller.mark), "log": str(caller.log)}
    with pytest.raises(httpx.ReadTimeout):
        caller.client.post("/", json=inputs, timeout=0.3)
    assert caller.mark.exists()
    assert until(lambda: node.lines("worker_abandoned"))
    assert caller.call(2) == (200, {"y": 2})
    assert caller.ran() == [2]
    until(lambda: any(line["status"] == 499 for line in node.lines("request")))
    assert 'worker_restarts_total{reason="abandoned"} 1' in node.get("/metrics").text


def test_a_large_answer_comes_whole(make_bundle: Make, serve: Serve) -> None:
    node = serve(make_bundle("y = 'x' * n", [variable("n")], [variable("y")]))
    for size in (1, 40_000, 300_000, 5_000_000, 3):
        answer = node.post({"n": size}).json()
        assert len(answer.get("y", "")) == size, str(answer)[:500]
