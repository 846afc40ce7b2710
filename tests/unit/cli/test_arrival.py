"""Waiting for a cell's checkpoint, and the reasons why there will be none."""

from __future__ import annotations

import time
from typing import Any, cast

import pytest

from jupyter_node_deploy.cli import arrival
from jupyter_node_deploy.cli.connection import Connection
from jupyter_node_deploy.cli.failure import Failure

KERNEL = {"id": "k", "name": "python3", "agent": True, "error": None, "error_at": None}


class _Server:
    """Answers as a server whose kernel has left ``checkpoints``."""

    def __init__(self, *kernels: dict[str, Any], checkpoints: tuple[str, ...] = ()) -> None:
        self.kernels = list(kernels)
        self.checkpoints = list(checkpoints)
        self.made: str | Failure = "forced"

    def call(self, method: str, path: str, body: Any = None, query: Any = None) -> Any:
        if path == "kernels":
            shown = self.kernels.pop(0) if len(self.kernels) > 1 else self.kernels[0]
            return {"kernels": [shown] if shown else []}
        if (method, path) == ("GET", "checkpoints"):
            return {"checkpoints": [{"id": one} for one in self.checkpoints]}
        if method == "GET":
            return {"id": path.removeprefix("checkpoints/")}
        assert (method, path, body) == ("POST", "checkpoints", {"kernel_id": "k"})
        if isinstance(self.made, Failure):
            raise self.made
        return {"id": self.made}

    @property
    def api(self) -> Connection:
        return cast("Connection", self)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, seconds in (("_MOMENT", 0.3), ("_ASK", 0.05), ("_LOOK", 0.01), ("_ATTACHED", 0.2)):
        monkeypatch.setattr(arrival, name, seconds)


async def test_a_checkpoint_that_is_there_is_taken() -> None:
    server = _Server(KERNEL, checkpoints=("shown",))
    assert await arrival.arrived(server.api, "k", "c1", None) == {"id": "shown"}


async def test_what_the_kernel_reports_ends_the_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrival, "_MOMENT", 60)
    server = _Server(KERNEL | {"error": "The disk is full.", "error_at": 7.0})
    started = time.monotonic()
    with pytest.raises(Failure, match=r"left no checkpoint\. The disk is full\."):
        await arrival.arrived(server.api, "k", "c1", None)
    assert time.monotonic() - started < 5


async def test_what_was_reported_of_an_earlier_cell_does_not() -> None:
    server = _Server(KERNEL | {"error": "The disk is full.", "error_at": 7.0})
    assert arrival.reported(server.api, "k") == 7.0
    assert await arrival.arrived(server.api, "k", "c1", 7.0) == {"id": "forced"}


async def test_a_kernel_that_leaves_none_is_asked_and_says_why() -> None:
    server = _Server(KERNEL)
    server.made = Failure("The kernel is busy.", code=4, reason="KERNEL_BUSY")
    with pytest.raises(Failure) as caught:
        await arrival.arrived(server.api, "k", "c1", None)
    assert "left no checkpoint. The kernel is busy." in caught.value.message
    assert (caught.value.code, caught.value.reason) == (4, "KERNEL_BUSY")


async def test_a_kernel_without_agent_is_refused_before_it_runs_anything() -> None:
    late = KERNEL | {"agent": False}
    await arrival.ready(_Server({}, late, KERNEL).api, "k")
    with pytest.raises(Failure, match=r"'python3' makes no checkpoints: it runs Python 3\.9"):
        await arrival.ready(_Server(late, late | {"error": "it runs Python 3.9"}).api, "k")
    with pytest.raises(Failure, match="can't reach the kernel"):
        await arrival.ready(_Server({}).api, "k")
