"""Cells that need what earlier cells made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ...support.environments import interpreter
from ...support.waiting import until
from .conftest import Served, variable

Make = Callable[..., Path]
Save = Callable[..., None]
Serve = Callable[..., Served]
Check = Callable[..., dict[str, Any]]

SETUP = """
rate = 2
table = {"a": 1}
alias = table
class Price:
    def __init__(self, value):
        self.value = value
    def total(self):
        return self.value * rate
def total(value):
    return Price(value).total()
"""


@pytest.mark.parametrize("version", ["3.10", "3.11", "3.12", "3.13", "3.14"])
def test_functions_see_the_request(
    make_bundle: Make, save_state: Save, serve: Serve, version: str
) -> None:
    python = interpreter(version)
    if python is None:
        pytest.skip(f"no Python {version} on this machine")
    inputs = [variable("value", "int"), variable("rate", "int", required=False)]
    bundle = make_bundle("out = [total(value), alias is table]", inputs, [variable("out")])
    save_state(bundle, SETUP, python)
    node = serve(bundle, "--python", python)
    assert node.post({"value": 5}).json() == {"out": [10, True]}
    assert node.post({"value": 5, "rate": 3}).json() == {"out": [15, True]}
    assert node.post({"value": 5}).json() == {"out": [10, True]}  # as the checkpoint had it


def hash_of_tea(seed: str) -> int:
    child = subprocess.run(
        [sys.executable, "-c", "print(hash('tea'))"],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return int(child.stdout)


def test_hashes_are_those_of_the_kernel(make_bundle: Make, serve: Serve) -> None:
    cell = "import os, subprocess, sys\nh = hash('tea')\nseed = os.environ.get('PYTHONHASHSEED')"
    python = {"version": "", "executable": sys.executable, "hash_seed": 4711}
    bundle = make_bundle(cell, [], [variable("h"), variable("seed")], python=python)
    assert serve(bundle).post({}).json() == {"h": hash_of_tea("4711"), "seed": None}


def test_hashes_are_those_of_the_kernel_where_workers_restore_by_themselves(
    make_bundle: Make, save_state: Save, serve: Serve
) -> None:
    files = {
        "ticker.py": "import threading, time\n"
        "threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"
    }
    python = {"version": "", "executable": sys.executable, "hash_seed": 4711}
    bundle = make_bundle("h = hash('tea')", [], [variable("h")], files, python=python)
    save_state(bundle, "import ticker")
    once = serve(bundle).post({}).json()
    assert once == {"h": hash_of_tea("4711")}


@pytest.mark.parametrize(("isolation", "expected"), [("shared", [2, 3, 4]), ("request", [2, 2, 2])])
def test_in_place_changes_of_the_state(
    make_bundle: Make, save_state: Save, serve: Serve, isolation: str, expected: list[int]
) -> None:
    cell = "table[len(table)] = 0\nn = len(table)\ntable = None"
    bundle = make_bundle(cell, [], [variable("n")], isolation=isolation)
    save_state(bundle, SETUP)
    node = serve(bundle)
    assert [node.post({}).json()["n"] for _ in range(3)] == expected


def test_error_in_an_earlier_cells_function(
    make_bundle: Make, save_state: Save, serve: Serve
) -> None:
    bundle = make_bundle("out = total(value)", [variable("value")], [variable("out")])
    save_state(bundle, SETUP)
    lines = serve(bundle).post({"value": None}).json()["details"][0]["traceback"]
    text = "\n".join(lines)
    assert "in <module>" in text
    assert "in total" in text
    assert lines[-1].startswith("TypeError: unsupported operand")


def test_arrays_are_writable_and_shared(make_bundle: Make, save_state: Save, serve: Serve) -> None:
    cell = "weights[0] += 1\nout = [int(weights[0]), int(x.sum())]\nd = str(x.dtype)"
    inputs = [variable("x", "ndarray", required=False)]
    bundle = make_bundle(cell, inputs, [variable("out"), variable("d")], isolation="request")
    save_state(bundle, "import numpy\nweights = numpy.ones(100_000)\nx = numpy.ones(3, 'float32')")
    node = serve(bundle)
    for _ in range(2):
        assert node.post({"x": [1, 2]}).json() == {"out": [2, 3], "d": "float32"}
    assert node.post({}).json() == {"out": [2, 3], "d": "float32"}
    assert node.post({"x": [1, 1e300]}).json()["details"][0]["path"] == "x"


def test_model(make_bundle: Make, save_state: Save, serve: Serve) -> None:
    setup = (
        "import numpy as np\nfrom sklearn.linear_model import LinearRegression\n"
        "rows = np.arange(20.0).reshape(-1, 1)\n"
        "model = LinearRegression().fit(rows, 3 * rows[:, 0] + 1)"
    )
    bundle = make_bundle(
        "y = model.predict(features)",
        [variable("features", "ndarray")],
        [variable("y", "ndarray")],
    )
    save_state(bundle, setup)
    node = serve(bundle, "--workers", "2")
    assert node.stats()["start"] == "fork"
    got = node.post({"features": [[1], [2.5]]}).json()["y"]
    assert got == pytest.approx([4.0, 8.5])


def test_dry_run_keeps_the_checkpoints_values(
    make_bundle: Make, save_state: Save, check: Check
) -> None:
    bundle = make_bundle("out = total(rate)", [variable("rate", "int")], [variable("out")])
    save_state(bundle, SETUP)
    assert check(bundle)["output"] == {"out": 4}
    assert check(bundle, {"rate": 3})["output"] == {"out": 9}
    assert not check(bundle, {})["ok"]


def test_corrupted_blob(make_bundle: Make, save_state: Save, serve: Serve, check: Check) -> None:
    bundle = make_bundle("out = table", [], [variable("out")])
    save_state(bundle, SETUP)
    groups = json.loads((bundle / "state" / "manifest.json").read_text())["groups"]
    blob = next(group["pickle"] for group in groups if "table" in group["names"])
    path = bundle / "state" / "blobs" / blob
    path.write_bytes(path.read_bytes()[:-2] + b"xx")
    node = serve(bundle, wait=False)
    state = until(lambda: (got := node.get("/readyz").json())["status"] == "failed" and got)
    assert "table" in state["reason"]
    assert blob in state["reason"]
    assert node.post({}).status_code == 503
    result = check(bundle)
    assert result["error"]["error_name"] == "DataLoss"
    assert blob in result["error"]["error_message"]


def test_module_that_is_missing(make_bundle: Make, save_state: Save, check: Check) -> None:
    bundle = make_bundle("out = 1", [], [variable("out")], files={"own.py": "class Own:\n    pass"})
    save_state(bundle, "import own\nthing = own.Own()")
    assert check(bundle)["ok"]
    (bundle / "files" / "own.py").unlink()
    result = check(bundle)
    assert result["error"]["error_name"] == "CannotRun"
    assert "own" in result["error"]["error_message"]


THREADED = """
import threading, time
class Ticker:
    def __init__(self):
        self.start()
    def start(self):
        self.ticks = []
        self.stop = False
        threading.Thread(target=self.run, daemon=True, name="ticker").start()
    def run(self):
        while True:
            self.ticks.append(1)
            time.sleep(0.01)
    def __getstate__(self):
        return {}
    def __setstate__(self, state):
        self.start()
"""


def test_state_with_threads_is_restored_in_each_worker(
    make_bundle: Make, save_state: Save, serve: Serve, check: Check
) -> None:
    cell = (
        "import time, os\nbefore = len(ticker.ticks)\n"
        "while len(ticker.ticks) == before:\n    time.sleep(0.01)\n"
        "if die: os._exit(1)\nout = 'it ticks'"
    )
    bundle = make_bundle(
        cell,
        [variable("die", required=False, default=False)],
        [variable("out")],
        files={"own.py": THREADED},
    )
    save_state(bundle, "import own\nticker = own.Ticker()")
    node = serve(bundle, "--workers", "2")
    stats = node.stats()
    assert stats["start"] == "fresh"
    assert "threads: ticker" in stats["start_reason"]
    assert node.post({}).json() == {"out": "it ticks"}
    assert node.post({"die": True}).status_code == 500
    for _ in range(3):
        assert node.post({}).json() == {"out": "it ticks"}
    assert check(bundle, {})["ok"]


CONNECTED = """
import socket
class Client:
    def __setstate__(self, state):
        self.socket = socket.socket()
        self.socket.bind(("127.0.0.1", 0))
    def __getstate__(self):
        return {"open": False}
"""
STARTED = """
import threading, time
threading.Thread(target=time.sleep, args=(1000,), daemon=True, name="of a module").start()
class Client:
    pass
"""
# What the true one looks like after its first use of a device.
CUDA = """
class cuda:
    is_initialized = staticmethod(lambda: True)
seed = print
"""


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"own.py": CONNECTED}, "open sockets"),
        ({"own.py": STARTED}, "runs threads: of a module"),
        ({"own.py": "import torch\nclass Client:\n    pass", "torch.py": CUDA}, "CUDA"),
    ],
)
def test_state_that_cannot_be_forked(
    make_bundle: Make,
    save_state: Save,
    serve: Serve,
    check: Check,
    files: dict[str, str],
    reason: str,
) -> None:
    def make(cell: str, isolation: str) -> Path:
        return make_bundle(cell, [], [variable("out")], files=files, isolation=isolation)

    bundle = make("out = 1", "shared")
    save_state(bundle, "import own\nclient, seen = own.Client(), []")
    node = serve(bundle, "--workers", "2")
    stats = node.stats()
    assert stats["start"] == "fresh"
    assert reason in stats["start_reason"]
    (told,) = until(lambda: node.lines("restored"))
    assert (told["start"], told["reason"]) == ("fresh", stats["start_reason"])
    assert node.post({}).json() == {"out": 1}
    # With isolation request each run is in a process that has restored the state for it alone.
    node = serve(make("seen.append(1)\nout = len(seen)", "request"), "--workers", "2")
    assert [node.post({}).json()["out"] for _ in range(4)] == [1] * 4
    assert 'reason="crash"' not in node.get("/metrics").text
    result = check(make("seen.append(1)\nout = len(seen)", "auto"), {})
    assert (result["ok"], result["output"]) == (True, {"out": 1})
    assert result["isolation"]["chosen"] == "request"
    assert "changes 'seen' in place" in result["isolation"]["reason"]


def test_fresh_workers_import_before_they_are_forked(
    make_bundle: Make, save_state: Save, serve: Serve
) -> None:
    files = {"own.py": CONNECTED, "slow.py": "import os\npid = os.getpid()\nclass Slow: pass"}
    cell = "import os, slow\nout = [slow.pid == os.getppid(), slow.pid == os.getpid()]"
    bundle = make_bundle(cell, [], [variable("out")], files=files, isolation="request")
    save_state(bundle, "import own, slow\nclient, thing = own.Client(), slow.Slow()")
    node = serve(bundle)
    assert [node.post({}).json()["out"] for _ in range(2)] == [[True, False]] * 2


def test_fresh_workers_share_arrays(make_bundle: Make, save_state: Save, serve: Serve) -> None:
    size = 200_000_000
    cell = "out = [int(weights.sum()), os.getpid()]"
    bundle = make_bundle(cell, [], [variable("out")], files={"own.py": CONNECTED})
    setup = f"import numpy, os, own\nclient, weights = own.Client(), numpy.ones({size}, 'i1')"
    save_state(bundle, setup)
    node = serve(bundle, "--workers", "3")
    until(lambda: len({worker["pid"] for worker in node.stats()["workers"]}) == 3)
    assert node.stats()["start"] == "fresh"
    pids: set[int] = set()
    while len(pids) < 3:
        for answer in [node.send({}) for _ in range(6)]:
            total, pid = answer.result().json()["out"]
            assert total == size
            pids.add(pid)
    shared = sum(_proportional(pid) for pid in node.processes())
    assert shared < 2 * size


def _proportional(pid: int) -> int:
    """Return a process' memory in bytes, with its share of what others have, too."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) * 1024
    return 0


@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_memory_of_the_state_is_no_run_s(
    make_bundle: Make, save_state: Save, serve: Serve, isolation: str
) -> None:
    limit = 64 * 1024 * 1024
    bundle = make_bundle(
        "out = len(text)",
        [],
        [variable("out")],
        files={"own.py": CONNECTED},
        memory_limit=limit,
        isolation=isolation,
    )
    save_state(bundle, f"import own\nclient, text = own.Client(), 'x' * {2 * limit}")
    node = serve(bundle)
    time.sleep(1.2)  # the memory is looked at twice
    assert node.post({}).json() == {"out": 2 * limit}
    assert 'reason="memory"' not in node.get("/metrics").text


# A thread that neither Python nor an at-fork handler of its library knows of.
NATIVE = """
import ctypes
libc = ctypes.CDLL(None)
class Native:
    def __setstate__(self, state):
        libc.pthread_create(ctypes.byref(ctypes.c_void_p()), None, libc.pause, None)
    def __getstate__(self):
        return {"threads": 1}
"""


def test_native_threads_are_noticed(
    make_bundle: Make, save_state: Save, serve: Serve, check: Check
) -> None:
    bundle = make_bundle("out = 1", [], [variable("out")], files={"own.py": NATIVE})
    save_state(bundle, "import own\nthing = own.Native()")
    node = serve(bundle)
    assert node.stats()["start"] == "fresh"
    assert "native threads: python" in node.stats()["start_reason"]
    assert node.post({}).json() == {"out": 1}
