"""The kernel's out-of-memory killer, for real: a worker in a control group with little memory."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ...support.waiting import until
from .conftest import Served, variable

LIMIT = 100 * 1024 * 1024
ROOTS = (
    (Path("/sys/fs/cgroup/memory"), "memory.limit_in_bytes"),  # version 1
    (Path("/sys/fs/cgroup"), "memory.max"),
)


def await_empty(members: Path) -> None:
    until(lambda: not members.read_text())


@pytest.fixture
def group() -> Iterator[Path]:
    """Return the file that takes the ids of processes with little memory between them."""
    for root, name in ROOTS:
        directory = root / f"jupyter-node-deploy-test-{os.getpid()}"
        try:
            directory.mkdir()
        except OSError:
            continue
        try:
            (directory / name).write_text(str(LIMIT))
            swap = directory / "memory.swap.max"
            if swap.exists():
                swap.write_text("0")
            members = directory / "cgroup.procs"
            yield members
            await_empty(members)  # they are being reaped
            return
        except OSError:
            continue
        finally:
            directory.rmdir()
    pytest.skip("no control group for memory can be made here")


@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_a_run_that_the_kernel_kills_for_its_memory_is_answered(
    group: Path,  # the first, so that it goes after the node
    make_bundle: Callable[..., Path],
    serve: Callable[..., Served],
    isolation: str,
) -> None:
    cell = (
        "print('before')\ny = 0\n"
        "kept = [bytearray(1 << 20) for _ in range(megabytes)]\ny = len(kept)"
    )
    node = serve(make_bundle(cell, [variable("megabytes")], [variable("y")], isolation=isolation))
    (worker,) = node.stats()["workers"]
    # With `request` the run has a process of its own, which may be there already: all are members.
    for pid in node.processes():
        if pid == worker["pid"] or isolation == "request":
            group.write_text(str(pid))
    assert node.post({"megabytes": 1}).json() == {"y": 1}
    answer = node.post({"megabytes": 400}, x_request_id="greedy")
    assert answer.status_code == 500
    assert "memory ran out" in answer.json()["message"]
    assert answer.json()["details"][0]["signal"] == signal.SIGKILL
    assert node.logged("greedy")["stdout"] == "before\n"
    assert node.post({"megabytes": 1}).json() == {"y": 1}  # by another process
