"""Saved data outlives this program: what it names must be there in all later versions."""

from __future__ import annotations

import importlib
import inspect
import pickle
from collections import OrderedDict
from typing import Any

import pytest

from jupyter_node_deploy.namespace import format as saved_format
from jupyter_node_deploy.namespace import random_state

from ...support.saved_names import FORMAT, FROZEN, check, names

PUBLIC = saved_format.__name__


@pytest.mark.parametrize("name", FROZEN)
def test_a_name_of_the_format_is_kept_and_takes_what_it_took(name: str) -> None:
    module, _, attribute = name.rpartition(".")
    found = getattr(importlib.import_module(f"{PUBLIC}.{module}"), attribute, None)
    assert found, (
        f"{name} is gone: saved data names it. Keep the old name beside the new one, for reading."
    )
    for count in FROZEN[name]:
        inspect.signature(found).bind(*[None] * count)


@pytest.mark.parametrize(
    "module",
    [
        "builders",
        "caches",
        "instances",
        "jitted",
        "plans",
        "processes",
        "registrations",
        "storages",
    ],
)
def test_what_is_new_in_the_format_is_frozen_too(module: str) -> None:
    home = importlib.import_module(f"{PUBLIC}.{module}")
    there = {
        f"{module}.{name}"
        for name, value in inspect.getmembers(home, inspect.isfunction)
        if value.__module__ == home.__name__ and not name.startswith("_")
    }
    new = sorted(there - FROZEN.keys())
    assert not new, f"{new}: from now on kept for ever; write that down in saved_names.py"


@pytest.mark.parametrize("protocol", [4, 5])
def test_names_are_found_in_streams(protocol: int) -> None:
    values = [OrderedDict(a=1), OrderedDict(b=2), importlib.import_module, names, "a", "b" * 300]
    found = names(pickle.dumps(values, protocol))
    assert found == {
        ("collections", "OrderedDict"),
        ("importlib", "import_module"),
        (names.__module__, "names"),
    }


def test_what_is_not_of_the_format_is_found() -> None:
    def stream(module: str, name: str) -> bytes:
        texts = [pickle.SHORT_BINUNICODE + bytes([len(t)]) + t.encode() for t in (module, name)]
        return pickle.PROTO + b"\x05" + b"".join(texts) + pickle.STACK_GLOBAL + pickle.STOP

    check(stream(f"{FORMAT}.builders", "lookup"))
    check(stream("json", "loads"))
    for module, name in (
        (f"{FORMAT}.builders", "_no_hook"),
        (f"{FORMAT}.builders", "dict_of"),
        ("_jupyter_node_deploy.namespace.importable", "dict_of"),
        ("jupyter_node_deploy.errors", "NotFound"),
    ):
        with pytest.raises(AssertionError, match=name):
            check(stream(module, name))


def test_the_random_state_names_nothing() -> None:
    pytest.importorskip("numpy.random")
    assert names(random_state.capture()) == set()


def test_parts_of_this_program_are_not_saved(notebook: Any) -> None:
    saved = notebook.save(
        """
        import sys
        ours = sys.modules['_jupyter_node_deploy.namespace']
        cls = ours.Reach
        instance = ours.Saved()
        function = ours.save
        held = [{'in': ours.OutOfTime('caught by a bare except')}]
        method = ours.Saved().__init__
        local = ours.silence.quiet_warnings.__wrapped__
        derived = type('Mine', (ours.Reach,), {})
        space = vars(ours.silence)['quiet_warnings']
        fine = 1
        """
    )
    reasons = saved["unsaved"]
    assert [group["names"] for group in saved["groups"]] == [["sys"], ["fine"]]
    words = "a part of jupyter_node_deploy itself"
    assert reasons["cls"] == f"{words}: don't keep it in a variable"
    assert reasons["held"] == f"{words} inside of it: don't keep it in a variable"
    assert all(reason.startswith(words) for reason in reasons.values())
