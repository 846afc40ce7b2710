"""The dry run."""

from __future__ import annotations

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
    ("Kept.last.append(1)\nn = 1", "request", "'Kept'"),
]
STATE = """
import functools, random
import numpy, pandas
items, seen, given = [1], {}, [0]
rng, nprng = random.Random(1), numpy.random.default_rng(1)
frame = pandas.DataFrame({'a': [1.0, 2.0]})
frame['b'] = frame['a'] * 2
array = numpy.zeros(100_000)
def count(store=[]):
    store.append(1)
    return len(store)
@functools.lru_cache
def cached(x): return x
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
