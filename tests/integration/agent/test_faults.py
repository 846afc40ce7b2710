"""Faults while a checkpoint is made: the session goes on, and what is shown is whole."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.checkpoints.blobs import BlobStore

from ...support.waiting import until
from .test_kernel import Kernel, Starter, kernel, start, variables

__all__ = ["kernel", "start"]  # fixtures

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is no process behind it")

#: Saving it takes a while, in a process of its own.
SLOW = """
import time
class Slow:
    def __reduce__(self):
        time.sleep(3)
        return (list, ())
slow, big = Slow(), bytearray(range(256)) * 40_000
"""


def error(kernel: Kernel) -> str:
    path = kernel.spool / "error.json"
    return str(json.loads(path.read_text())["message"]) if path.exists() else ""


def children(kernel: Kernel) -> list[int]:
    """Return the processes that make checkpoints behind a kernel, once there is one."""
    pid = json.loads((kernel.spool / "agent.json").read_text())["pid"]
    path = Path(f"/proc/{pid}/task/{pid}/children")
    return [int(child) for child in until(lambda: path.read_text().split(), pause=0.01)]


def assert_whole(kernel: Kernel, manifest: dict[str, Any]) -> None:
    store = BlobStore(kernel.home / "blobs")
    for group in manifest["groups"]:
        for blob in (group["pickle"], *group["buffers"]):
            store.verify(blob)


def assert_silent(published: list[dict[str, Any]]) -> None:
    assert not [m["content"] for m in published if m["msg_type"] in ("stream", "error")]


def test_a_killed_process_is_told_of(kernel: Kernel) -> None:
    kernel.run("x = 1")
    kernel.manifests()
    kernel.run(SLOW)
    (child,) = children(kernel)
    os.kill(child, signal.SIGKILL)

    _, published = kernel.run("del slow")

    assert_silent(published)
    found = kernel.manifests()
    assert len(found) == 1
    assert {"x", "big"} <= set(variables(found[0]))
    assert_whole(kernel, found[0])
    assert "short of memory" in error(kernel)


def test_an_interrupt_leaves_the_process_behind_alone(kernel: Kernel) -> None:
    kernel.run(SLOW)
    assert children(kernel)
    kernel.manager.interrupt_kernel()

    _, published = kernel.run("after = 1")

    assert_silent(published)
    first, last = kernel.manifests()
    assert variables(first)["big"]["reason"] is None
    assert set(variables(last)) == {*variables(first), "after"}
    assert_whole(kernel, first)


def test_a_restart_in_the_middle_of_a_checkpoint(kernel: Kernel) -> None:
    # What packages do after a fork takes long here: a process is not to be lost meanwhile.
    kernel.run(
        "import os, time\n"
        "os.register_at_fork(after_in_child=lambda: time.sleep(1),\n"
        "                    after_in_parent=lambda: time.sleep(1))"
    )
    kernel.manifests()
    kernel.run(SLOW)
    (child,) = children(kernel)
    until(lambda: os.getpgid(child) == child, seconds=0.9, pause=0.01)
    kernel.manager.restart_kernel(now=True)
    kernel.client.wait_for_ready(timeout=60)
    found = until(lambda: [path for path in kernel.spool.glob("*.json") if len(path.stem) == 20])

    manifest = json.loads(found[0].read_text())
    assert variables(manifest)["big"]["reason"] is None
    assert_whole(kernel, manifest)
    until(lambda: not list(kernel.home.rglob("*.tmp")))  # the last is written after the manifest


def test_more_than_the_memory(kernel: Kernel) -> None:
    # In small: what counts is what saving takes, not what the values take.
    kernel.run(
        "import sys\nbounds = sys.modules['_jupyter_node_deploy.agent.child_limits']\n"
        "bounds.MEMORY, bounds._STACK = 0.0, 60_000_000\ndel bounds"
    )
    kernel.run("huge = [str(n) for n in range(8_000_000)]\nfine = [1]")
    _, published = kernel.run("after = 1")

    assert_silent(published)
    found = variables(kernel.manifests()[-1])
    assert "not enough memory" in found["huge"]["reason"]
    assert found["fine"]["reason"] is found["after"]["reason"] is None


def test_a_disk_that_fills_up_behind_the_kernel(kernel: Kernel) -> None:
    kernel.run(
        "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, resource.RLIM_INFINITY))"
    )
    kernel.manifests()
    _, published = kernel.run("big = bytearray(range(256)) * 100_000")

    assert_silent(published)
    assert kernel.manifests() == []
    assert f"could not be written to {kernel.home}: File too large" in error(kernel)
    assert not list(kernel.home.rglob("*.tmp"))
    kernel.run("resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)")
    manifest = kernel.manifests()[-1]
    assert variables(manifest)["big"]["reason"] is None
    assert_whole(kernel, manifest)


def test_an_object_that_deletes_the_store(kernel: Kernel) -> None:
    kernel.run("x = [1]")
    kernel.manifests()
    _, published = kernel.run(
        "import shutil\nclass Deletes:\n    def __reduce__(self):\n"
        f"        shutil.rmtree({str(kernel.home / 'blobs')!r})\n        return (list, ())\n"
        "d = Deletes()"
    )

    assert_silent(published)
    kernel.run("del d")
    kernel.run("after = 1")
    manifest = kernel.manifests()[-1]
    assert {"x", "after"} <= set(variables(manifest))
    assert_whole(kernel, manifest)


def test_two_kernels_at_a_time(start: Starter) -> None:
    one = start()
    other = start(kernel_id="11111111-2222-3333-4444-666666666666")
    big = "big = bytearray(range(256)) * 40_000\n"
    for number in range(4):
        # Both write the same contents at once.
        one.client.execute(f"{big}big[{number}] = 1\nx = {number}")
        other.client.execute(f"{big}big[{number}] = 1\ny = {number}")
    for running, name in ((one, "x"), (other, "y")):
        found = running.manifests()
        assert [variables(m)[name]["example"] for m in found] == [0, 1, 2, 3]
        for manifest in found:
            assert_whole(running, manifest)
        assert error(running) == ""


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="without torch")
def test_hostile_objects_beside_tensors(kernel: Kernel) -> None:
    kernel.run("import torch\nt = torch.ones(2000, 2000) @ torch.ones(2000, 2000)")
    kernel.run("import sys\nsys.modules['_jupyter_node_deploy.agent.checkpointer']._VARIABLE = 2.0")
    kernel.run("import time\nclass S:\n    def __reduce__(self): time.sleep(60)\ns = S()")
    delay = kernel.request(do="ping")["delay"]

    found = variables(kernel.manifests()[-1])
    assert "takes longer than 2 seconds" in found["s"]["reason"]
    assert found["t"]["reason"] is None
    assert delay < 1.5  # in a process of its own: nobody waited for it
