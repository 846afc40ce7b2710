"""Previews and shapes, and that no code of the user's runs for them."""

from __future__ import annotations

import collections
import functools
from typing import Any

import pytest

from jupyter_node_deploy.agent.describe.preview import preview, shape, type_name


class Hostile:
    def __repr__(self) -> str:
        raise AssertionError

    def __len__(self) -> int:
        raise AssertionError

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)

    shape = property(__repr__)


class HostileList(list):  # type: ignore[type-arg]
    __repr__ = __len__ = __iter__ = Hostile.__len__  # type: ignore[assignment]


def double(x: int, *, y: int = 2) -> int:
    return x * y


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, "1"),
        (1 << 2000, "<int of 2001 bits>"),
        ("a\n", "'a\\n'"),
        ([1, [2, (3,)]], "[1, [2, (3,)]]"),
        ({"a": {1}}, "{'a': {1}}"),
        (set(), "set()"),
        ((), "()"),
        (collections.OrderedDict(a=1), "OrderedDict({'a': 1})"),
        (double, "def double(x, y)"),
        (functools.lru_cache(double), "def double(x, y)"),
        (int, "class int"),
        (functools, "module functools"),
        (print, "print(…)"),
    ],
)
def test_previews(value: Any, expected: str) -> None:
    assert preview(value) == expected


def test_previews_are_short() -> None:
    nested: list[Any] = []
    nested.append(nested)

    for value in ("x" * 1000, list(range(1000)), {n: [n] * 50 for n in range(1000)}, b"x" * 1000):
        assert len(preview(value)) <= 200
        assert "…" in preview(value)[-2:]
    assert preview(nested) == "[[[[[…]]]]]"


def test_nothing_of_the_users_runs() -> None:
    assert preview([Hostile(), HostileList()]).count("Hostile") == 2
    assert shape(Hostile()) is None
    assert shape(HostileList()) is None


def test_shapes() -> None:
    assert shape([1, 2]) == "2"
    assert shape(3) is None


def test_arrays_and_frames() -> None:
    np = pytest.importorskip("numpy")
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame({"a": [1], "b": [2.0]})

    assert preview(np.arange(3.0)) == "array of float64: 0, 1, 2"
    assert preview(np.zeros((100, 100)).T).startswith("array of float64: 0, 0")
    assert preview(np.full(1, None)) == "array of object"
    assert shape(np.zeros((2, 3))) == "(2, 3)"
    assert preview(frame) == "columns: a int64, b float64"
    assert shape(frame) == "(1, 2)"
    assert preview(frame["a"]) == "a int64"
    assert type_name(type(frame)) == "pandas.DataFrame" or type_name(type(frame)).startswith(
        "pandas"
    )
    assert preview(np.float64(1.5)) == "np.float64(1.5)"
