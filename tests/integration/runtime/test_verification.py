"""The dry run against the notebook: what came back, what a request loses, what the cell left."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import variable

Make = Callable[..., Path]
Check = Callable[..., dict[str, Any]]
Save = Callable[..., None]

_LOSSY = """
class Signal:
    def __init__(self): self.rate, self.name = 8000, 's'
    def __getstate__(self): return {'name': self.name}
signal = Signal()
n = 1
"""


@pytest.fixture
def compare(check: Check, tmp_path: Path) -> Check:
    """Return a function that makes a dry run and returns it, with its differences on top."""

    def run(bundle: Path, given: Any = None, **known: Any) -> dict[str, Any]:
        path = tmp_path / "known.json"
        path.write_text(json.dumps(known))
        result = check(bundle, given, "--known", str(path))
        told = (result["verification"] or {}).get("differences", [])
        return {**result, "told": [(one["kind"], one["subject"]) for one in told]}

    return run


@pytest.mark.parametrize("isolation", ["auto", "shared", "request"])
def test_a_lost_attribute_is_named(
    make_bundle: Make, save_state: Save, compare: Check, isolation: str
) -> None:
    cell = "y = getattr(signal, 'rate', 0) + n"
    bundle = make_bundle(cell, [variable("n", "int")], [variable("y")], isolation=isolation)
    save_state(bundle, _LOSSY)

    result = compare(bundle, input={"n": 1}, output={"y": 8001})

    assert result["ok"]
    assert result["told"] == [("value", "signal.rate"), ("output", "y")]
    (value, output) = result["verification"]["differences"]
    assert (value["before"], value["after"]) == ("8000", None)
    assert (output["before"], output["after"]) == ("8001", "1")
    assert result["verification"]["unverified"] == []


def test_what_is_as_it_was_is_not_told(make_bundle: Make, save_state: Save, compare: Check) -> None:
    bundle = make_bundle("y = [x, k['a']]", [variable("x", "list")], [variable("y")])
    save_state(bundle, "x = [1]\nk = {'a': 2}\nclass C: pass\nc = C()")

    result = compare(bundle, input={"x": [1]}, output={"y": [[1], 2]})

    assert result["told"] == []
    assert result["verification"]["compared"] == 4


def test_what_a_request_loses_is_named(make_bundle: Make, save_state: Save, compare: Check) -> None:
    bundle = make_bundle("y = type(x).__name__", [variable("x", "any")], [variable("y")])
    save_state(bundle, "x = (1, 2)")

    result = compare(bundle, input={"x": [1, 2]}, output={"y": "tuple"})

    assert result["told"] == [("input", "y")]
    (one,) = result["verification"]["differences"]
    assert (one["before"], one["after"]) == ('"tuple"', '"list"')
    assert result["output"] == {"y": "tuple"}

    sent = compare(bundle, {"x": [1, 2]}, input={"x": [1, 2]}, output={"y": "tuple"})
    assert sent["output"] == {"y": "list"}
    assert ("input", "y") in sent["told"]

    other = compare(bundle, {"x": [3]}, input={"x": [1, 2]}, output={"y": "tuple"})
    assert other["told"] == []


def test_an_example_that_fails_is_named(
    make_bundle: Make, save_state: Save, compare: Check
) -> None:
    names = [variable("x", "any")]
    bundle = make_bundle("y = x.bit_length()", names, [variable("y")], isolation="auto")
    save_state(bundle, "x = 5")

    result = compare(bundle, input={"x": "5"}, output={"y": 3})

    assert result["ok"]
    assert result["told"] == [("example", "")]
    assert "AttributeError" in result["verification"]["differences"][0]["detail"]
    assert result["isolation"]["chosen"] == "shared"


def test_clocks_and_draws_are_no_differences(
    make_bundle: Make, save_state: Save, compare: Check
) -> None:
    cell = "import random, time\ny = [x, random.random(), time.time_ns()]"
    bundle = make_bundle(cell, [variable("x", "int")], [variable("y")])
    save_state(bundle, "x = 1")

    result = compare(bundle, input={"x": 1}, output={"y": [1, 0.25, 12345]})
    assert result["told"] == []

    result = compare(bundle, input={"x": 1}, output={"y": [2, 0.25, 12345]})
    assert result["told"] == [("output", "y[0]")]


def test_a_cell_that_changes_its_state_is_compared_in_a_fresh_worker(
    make_bundle: Make, save_state: Save, compare: Check
) -> None:
    cell, names = "seen.append(x)\ny = len(seen)", [variable("x", "int")]
    bundle = make_bundle(cell, names, [variable("y")], isolation="auto")
    save_state(bundle, "seen = []\nx = 1")

    result = compare(bundle, input={"x": 1}, output={"y": 1})

    assert result["told"] == []
    assert result["isolation"]["chosen"] == "request"


def test_inputs_that_are_one_object(make_bundle: Make, save_state: Save, compare: Check) -> None:
    names = [variable("a", "list"), variable("b", "list")]
    bundle = make_bundle("a.append(3)\ny = len(b)", names, [variable("y")])
    save_state(bundle, "a = [1, 2]\nb = a")

    result = compare(bundle, input={"a": [1, 2], "b": [1, 2]}, output={"y": 3})

    # Kept as one where the request gives the same for both.
    assert result["told"] == [("alias", "a, b")]
    apart = compare(bundle, {"a": [1], "b": [1, 2]})
    assert apart["output"] == {"y": 2}
    same = compare(bundle, {"a": [1], "b": [1]})
    assert same["output"] == {"y": 2}


def test_an_input_that_is_changed_and_that_others_hold(
    make_bundle: Make, save_state: Save, compare: Check
) -> None:
    names = [variable("a", "dict"), variable("b", "dict")]
    bundle = make_bundle("a['n'] = b['n']\ny = len(seen)", names, [variable("y")])
    code = "import types\na, b = {'n': 1}, {'n': 1}\nseen = types.MappingProxyType(a)\nheld = [b]"
    save_state(bundle, code)
    path = bundle / "state" / "manifest.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"alters": ["a"]}))

    result = compare(bundle, input={"a": {"n": 1}, "b": {"n": 1}}, output={"y": 1})

    assert result["told"] == [("alias", "a, seen")]


def test_inputs_that_share_objects(make_bundle: Make, save_state: Save, compare: Check) -> None:
    names = [variable("a", "list"), variable("b", "list")]
    bundle = make_bundle("a[0].append(3)\ny = len(b[0])", names, [variable("y")])
    save_state(bundle, "inner = []\na = [inner]\nb = [inner]\ndel inner")

    result = compare(bundle, input={"a": [[]], "b": [[]]}, output={"y": 1})

    assert result["told"] == [("alias", "a, b"), ("input", "y")]
