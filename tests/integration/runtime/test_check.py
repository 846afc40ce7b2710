"""The dry run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.specs import DryRun

from ...support.randomizer import RANDOMIZER, SCHEMA
from .conftest import variable

Make = Callable[..., Path]
Check = Callable[..., dict[str, Any]]
Save = Callable[..., None]


def test_good(make_bundle: Make, check: Check) -> None:
    bundle = make_bundle(
        RANDOMIZER,
        [variable("input_data", "dict", schema=SCHEMA)],
        [variable("output_data", "dict")],
    )
    result = check(bundle, {"input_data": {"left_bound": 4, "right_bound": 4}})
    assert DryRun.model_validate(result).ok
    assert result["output"] == {"output_data": {"generated_value": 4}}
    assert result["stdout"] == "{'generated_value': 4}\n"
    assert result["seconds"] > 0


def test_bad_input(make_bundle: Make, check: Check) -> None:
    bundle = make_bundle("y = x", [variable("x", "dict", schema=SCHEMA)], [variable("y", "dict")])
    result = check(bundle, {"x": {"left_bound": "a"}})
    assert not DryRun.model_validate(result).ok
    assert result["error"]["error_name"] == "InvalidInput"
    paths = {detail["path"] for detail in result["error"]["details"]}
    assert paths == {"x.left_bound", "x.right_bound"}


def test_cell_raises(make_bundle: Make, check: Check) -> None:
    result = check(make_bundle("print('so far')\n1 / 0", [], [variable("y")]))
    assert result["stdout"] == "so far\n"
    assert result["error"]["error_name"] == "ZeroDivisionError"
    assert '  File "<cell>", line 2, in <module>' in result["error"]["traceback"]


def test_faults(make_bundle: Make, check: Check) -> None:
    out = [variable("y")]
    for cell, name, text in (
        ("import os; os._exit(0)", "Crash", "exit code 0"),
        ("while True: pass", "Timeout", "timeout of 0.5 s"),
        ("pass", "BadOutput", "did not set the output 'y'"),
        ("y = object()", "BadOutput", "object has no JSON form"),
        ("import sys; sys.exit()", "SystemExit", ""),
    ):
        result = check(make_bundle(cell, [], out, timeout=0.5))
        assert not result["ok"]
        assert result["error"]["error_name"] == name
        assert text in result["error"]["error_message"]


def test_raw_output_is_kept_apart(make_bundle: Make, check: Check) -> None:
    bundle = make_bundle("import os\nos.write(1, b'raw\\n')\ny = 1", [], [variable("y")])
    assert check(bundle)["output"] == {"y": 1}


def test_no_bundle(tmp_path: Path, check: Check) -> None:
    result = check(tmp_path / "nothing")
    assert result["error"]["error_name"] == "DataLoss"
    assert "not a bundle" in result["error"]["error_message"]


AUTO = [
    ("n = len(items)", "shared", "nothing in place"),
    ("items.append(1)\nn = 1", "request", "'items'"),
    ("seen['x'] = 1\nn = 1", "request", "'seen'"),  # the same after each run
    ("n = count()", "request", "'count'"),
    ("import memory\nmemory.calls.append(1)\nn = 1", "request", "'memory.calls'"),
    ("items = [*items, 1]\nn = 1", "shared", "nothing in place"),
    ("n = rng.random() + nprng.random()", "shared", "nothing in place"),
    ("n = float(frame.describe().values.sum() + frame.values.sum())", "shared", "nothing"),
    ("frame['c'] = 1\nn = 1", "request", "'frame'"),
    ("given.append(1)\nn = 1", "shared", "nothing in place"),  # each request brings its own
    ("n = items.pop()", "request", "second run"),
    ("n = array.sum()\narray[5] += 1", "request", "'array'"),
    ("n = cached(3)", "shared", "nothing in place"),
    ("listed(3).append(1)\nn = len(listed(3))", "request", "'listed'"),
    ("Kept.last.append(1)\nn = 1", "request", "'Kept'"),
    # The checkpoint has these as the example set them, and another request sets them otherwise.
    ("pandas.options.display.precision = n = len(given)", "request", "'pandas.options"),
    ("pandas.set_option('display.width', 70 + given[0])\nn = 1", "request", "set_option'"),
    ("import os\nos.environ['GIVEN'] = str(given)\nn = 1", "request", "'os.environ'"),
    ("import decimal as d\nd.getcontext().prec = n = 5 + given[0]", "request", "'decimal.getcon"),
    (
        "from numpy import seterr\nseterr(all=['warn', 'ignore'][given[0]])\nn = 1",
        "request",
        "numpy.seterr",
    ),
    # So it is with what a request puts into the state.
    ("memo[given[0]] = 1\nn = len(memo)", "request", "'memo'"),
    ("memo[0] = n = len(given)", "request", "'memo'"),
    ("n = memo.setdefault(given[0], 1)", "request", "'memo'"),
    ("met.add(given[0])\nn = len(met)", "request", "'met'"),
    ("memo[0] = n = 1", "shared", "nothing in place"),
    ("memo = dict(memo)\nmemo[given[0]] = n = 1", "shared", "nothing in place"),
    ("pandas.options.display.precision = 4\nn = len(given)", "shared", "nothing in place"),
    ("table = pandas.DataFrame()\ntable['c'] = given\nn = 1", "shared", "nothing"),
]
STATE = """
import functools, random
import numpy, pandas
items, seen, given = [1], {}, [0]
memo, met = {0: 1}, {0}
rng, nprng = random.Random(1), numpy.random.default_rng(1)
frame = pandas.DataFrame({'a': [1.0, 2.0]})
frame['b'] = frame['a'] * 2
array = numpy.zeros(100_000)
def count(store=[]):
    store.append(1)
    return len(store)
@functools.lru_cache
def cached(x): return x
@functools.lru_cache
def listed(x): return [x]
class Kept: last = []
"""


@pytest.mark.parametrize(("cell", "chosen", "why"), AUTO)
def test_isolation_is_chosen(
    make_bundle: Make, save_state: Save, check: Check, cell: str, chosen: str, why: str
) -> None:
    inputs = [variable("given", "list")]
    files = {"memory.py": "calls = []"}
    bundle = make_bundle(cell, inputs, [variable("n")], files, isolation="auto")
    save_state(bundle, STATE)
    result = DryRun.model_validate(check(bundle))
    assert result.ok
    assert result.isolation is not None
    assert result.isolation.chosen == chosen, result.isolation.reason
    assert why in result.isolation.reason


def test_isolation_that_is_given_is_not_questioned(make_bundle: Make, check: Check) -> None:
    result = check(make_bundle("y = 1", [], [variable("y")], isolation="shared"))
    assert result["isolation"] is None


HANGS = [
    # The cell, what its state defines, what is told.
    (
        "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()\ny = 1",
        "",
        "line 4",
    ),
    ("import own\nown.wait()\ny = 1", "", "own.py"),
    ("y = 1", "import own\nthing = own.Stuck()", "own.py"),
]
STUCK = """
import ctypes
def wait():
    libc = ctypes.CDLL(None)
    never = ctypes.create_string_buffer(64)
    libc.sem_init(never, 0, 0)
    libc.sem_wait(never)  # without the interpreter's lock: it is native code that hangs
class Stuck:
    def __getstate__(self):
        return {"a": 1}
    def __setstate__(self, state):
        wait()
"""


@pytest.mark.parametrize(("cell", "setup", "where"), HANGS)
@pytest.mark.parametrize("isolation", ["auto", "request"])
def test_what_hangs_is_told_at_once(
    make_bundle: Make,
    save_state: Save,
    check: Check,
    cell: str,
    setup: str,
    where: str,
    isolation: str,
) -> None:
    bundle = make_bundle(cell, [], [variable("y")], {"own.py": STUCK}, isolation=isolation)
    save_state(bundle, setup)
    start = time.monotonic()
    error = check(bundle)["error"]
    assert time.monotonic() - start < 25  # of 60 that the cell may take
    assert error["error_name"] == "Hang"
    assert where in error["error_message"]
    assert ("restoring the state hangs" if setup else "the cell hangs") in error["error_message"]
    assert any(where in line for line in error["traceback"])
    assert not any("runtime" in line for line in error["traceback"])


def test_what_waits_for_time_or_data_does_not_hang(make_bundle: Make, check: Check) -> None:
    cell = (
        "import multiprocessing, threading, time\n"
        "threading.Event().wait(3)\n"
        "lock = threading.Lock()\nlock.acquire()\n"
        "threading.Timer(3, lock.release).start()\nlock.acquire()\n"
        "done = multiprocessing.get_context('fork').Semaphore(0)\n"
        "def later():\n    time.sleep(3)\n    done.release()\n"
        "multiprocessing.get_context('fork').Process(target=later).start()\ndone.acquire()\ny = 1"
    )
    result = check(make_bundle(cell, [], [variable("y")], isolation="shared"))
    assert result["ok"], result["error"]


def test_a_restore_without_end_is_told_of(
    make_bundle: Make, save_state: Save, check: Check
) -> None:
    busy = STUCK.replace("        wait()", "        while True: pass")
    bundle = make_bundle("y = 1", [], [variable("y")], {"own.py": busy}, timeout=-45)
    save_state(bundle, "import own\nthing = own.Stuck()")
    error = check(bundle)["error"]
    assert error["error_name"] == "Timeout"
    assert "restoring the state takes too long" in error["error_message"]
    assert "own.py" in error["error_message"]
