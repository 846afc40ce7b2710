"""The one queue: bounded, fair, and never in the way of an idle worker."""

from __future__ import annotations

import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ...support.waiting import until
from .conftest import Served, variable

Make = Callable[..., Path]
Serve = Callable[..., Served]

CELL = """\
import os, time
if gate:
    open(gate + ".entered", "w").close()
    while not os.path.exists(gate):
        time.sleep(0.005)
y = gate
"""


class Gates:
    """Requests that run until they are let through."""

    def __init__(self, node: Served, directory: Path) -> None:
        self.node = node
        self.directory = directory
        self.count = 0

    def hold(self, *, entered: bool = True) -> tuple[Any, Callable[[], None]]:
        """Send a request that holds a worker; return its future and what lets it go."""
        self.count += 1
        gate = self.directory / f"gate{self.count}"
        future = self.node.send({"gate": str(gate)})
        if entered:
            until(lambda: gate.with_name(gate.name + ".entered").exists())
        return future, gate.touch


@pytest.fixture
def start(make_bundle: Make, serve: Serve, tmp_path: Path) -> Callable[..., Gates]:
    def run(workers: int, *arguments: str, **settings: Any) -> Gates:
        bundle = make_bundle(CELL, [variable("gate")], [variable("y")], **settings)
        return Gates(serve(bundle, "--workers", str(workers), *arguments), tmp_path)

    return run


def test_no_idle_worker_while_a_request_waits(start: Callable[..., Gates]) -> None:
    gates = start(3)
    held = [gates.hold(), gates.hold()]
    for _ in range(20):  # the third worker takes them all
        assert gates.node.post({"gate": ""}).status_code == 200
    held.append(gates.hold())
    waiting = [gates.node.send({"gate": ""}) for _ in range(5)]
    until(lambda: gates.node.stats()["queue"] == 5)
    held[1][1]()  # one worker becomes free: it serves all that wait
    assert [one.result().status_code for one in waiting] == [200] * 5
    assert not held[0][0].done()
    for future, release in held:
        release()
        assert future.result().status_code == 200


def test_health_while_all_workers_are_busy(start: Callable[..., Gates]) -> None:
    gates = start(1)
    future, release = gates.hold()
    assert gates.node.get("/livez").status_code == 200
    assert gates.node.get("/readyz").status_code == 200
    assert gates.node.stats()["in_flight"] == 1
    assert "requests_in_flight 1" in gates.node.get("/metrics").text
    release()
    assert future.result().status_code == 200


def test_full_queue(start: Callable[..., Gates]) -> None:
    gates = start(1, queue=2)
    first, release = gates.hold()
    waiting = [gates.node.send({"gate": ""}) for _ in range(2)]
    until(lambda: gates.node.stats()["queue"] == 2)
    refused = gates.node.post({"gate": ""})
    assert (refused.status_code, refused.json()["code"]) == (429, 8)
    assert int(refused.headers["retry-after"]) >= 1
    release()
    assert [one.result().status_code for one in [first, *waiting]] == [200] * 3


def test_no_queue_at_all(start: Callable[..., Gates]) -> None:
    gates = start(1, queue=0)
    first, release = gates.hold()
    assert gates.node.post({"gate": ""}).status_code == 429
    release()
    assert first.result().status_code == 200
    assert gates.node.post({"gate": ""}).status_code == 200


def test_waiting_has_a_limit(start: Callable[..., Gates]) -> None:
    gates = start(1, timeout=1.0)
    held, _ = gates.hold()  # never let through: it runs into its timeout
    refused = [gates.node.send({"gate": "/never"}) for _ in range(3)]
    assert held.result().status_code == 504
    codes = sorted(one.result().status_code for one in refused)
    assert codes[0] == 429
    assert "no worker was free" in next(
        one.result().json()["message"] for one in refused if one.result().status_code == 429
    )


def test_waiting_has_a_limit_of_its_own(start: Callable[..., Gates]) -> None:
    gates = start(1, queue_timeout=0.2)
    held, release = gates.hold()
    refused = gates.node.post({"gate": ""})
    assert (refused.status_code, refused.json()["code"]) == (429, 8)
    assert "no worker was free for 0.2 s" in refused.json()["message"]
    release()
    assert held.result().status_code == 200


def test_client_that_goes_away_leaves_the_queue(start: Callable[..., Gates]) -> None:
    gates = start(1, queue=1)
    first, release = gates.hold()
    host, port = (gates.node.directory / "address").read_text().split(":")
    with socket.create_connection((host, int(port))) as client:
        client.sendall(b'POST / HTTP/1.1\r\nhost: n\r\ncontent-length: 11\r\n\r\n{"gate":""}')
        until(lambda: gates.node.stats()["queue"] == 1)
        assert gates.node.post({"gate": ""}).status_code == 429
    until(lambda: gates.node.stats()["queue"] == 0)
    waits = gates.node.send({"gate": ""})
    until(lambda: gates.node.stats()["queue"] == 1)
    release()
    assert first.result().status_code == waits.result().status_code == 200
    until(lambda: 'requests_total{code="499"} 1' in gates.node.get("/metrics").text)


def test_client_that_goes_away_during_its_run(start: Callable[..., Gates]) -> None:
    gates = start(1)
    gate = gates.directory / "gate"
    host, port = (gates.node.directory / "address").read_text().split(":")
    body = b'{"gate":"%s"}' % str(gate).encode()
    with socket.create_connection((host, int(port))) as client:
        client.sendall(
            b"POST / HTTP/1.1\r\nhost: n\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
        )
        until(lambda: gate.with_name("gate.entered").exists())
    gate.touch()
    assert gates.node.post({"gate": ""}).json() == {"y": ""}


def test_drain(start: Callable[..., Gates]) -> None:
    gates = start(1)
    first, release = gates.hold()
    waiting = [gates.node.send({"gate": ""}) for _ in range(3)]
    until(lambda: gates.node.stats()["queue"] == 3)
    gates.node.process.terminate()
    state = until(lambda: (got := gates.node.get("/readyz")).status_code == 503 and got.json())
    assert state["status"] == "draining"
    refused = gates.node.post({"gate": ""})
    assert (refused.status_code, refused.json()["code"]) == (503, 14)
    assert gates.node.get("/livez").status_code == 200
    release()
    assert [one.result().status_code for one in [first, *waiting]] == [200] * 4
    assert gates.node.process.wait(60) == 0


def test_drain_ends_with_the_grace_period(start: Callable[..., Gates]) -> None:
    gates = start(1, "--grace", "0.3")
    first, _ = gates.hold()
    waits = gates.node.send({"gate": ""})
    until(lambda: gates.node.stats()["queue"] == 1)
    processes = gates.node.processes()
    assert len(processes) == 3
    assert gates.node.stop() == 0
    assert first.result().status_code == 500
    assert waits.result().status_code == 503
    until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in processes[1:]))
