"""What a cell may give back, and how it looks as JSON."""

from __future__ import annotations

import array
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import json
import math
import pathlib
import types
import uuid
from typing import Any

import numpy as np
import pandas as pd
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_node_deploy.namespace.forms.encoding import Encoder
from jupyter_node_deploy.namespace.forms.faults import NotJson
from jupyter_node_deploy.runtime.worker.json_text import parse


class Colour(enum.Enum):
    RED = "red"


@dataclasses.dataclass
class Point:
    x: Any
    y: Any


class Model(pydantic.BaseModel):
    when: dt.date
    n: int


Pair = collections.namedtuple("Pair", "a b")
DAY = dt.date(2026, 1, 31)
FORMS: list[tuple[Any, Any]] = [
    (np.int64(5), 5),
    (np.float64(0.1), 0.1),
    (np.float32(0.5), 0.5),
    (np.bool_(True), True),
    (np.str_("s"), "s"),
    (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
    (np.array(3), 3),
    (np.array(["2026-01-31"], "datetime64[D]"), ["2026-01-31"]),
    (np.datetime64("NaT"), None),
    (np.timedelta64(1500, "ms"), 1.5),
    ({"a": {"b": np.int8(1)}}, {"a": {"b": 1}}),
    ({np.int64(1): 1, DAY: 2, Colour.RED: 3}, {"1": 1, "2026-01-31": 2, "red": 3}),
    ((1, 2), [1, 2]),
    ({3, 1, 2}, [1, 2, 3]),
    (Pair(1, 2), [1, 2]),
    (collections.OrderedDict(a=1), {"a": 1}),
    (collections.ChainMap({"a": 1}), {"a": 1}),
    (decimal.Decimal("1.10"), "1.10"),
    (dt.datetime(2026, 1, 31, tzinfo=dt.UTC), "2026-01-31T00:00:00+00:00"),
    (dt.timedelta(seconds=1.5), 1.5),
    (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
    (pathlib.PurePosixPath("a/b"), "a/b"),
    (b"\x00\xff", "AP8="),
    (Colour.RED, "red"),
    (Point(1, Point(np.int64(2), None)), {"x": 1, "y": {"x": 2, "y": None}}),
    (Model(when=DAY, n=1), {"when": "2026-01-31", "n": 1}),
    (2**100, 2**100),
    (pd.Timestamp("2026-01-31"), "2026-01-31T00:00:00"),
    (pd.NaT, None),
    (pd.NA, None),
    (pd.DataFrame({"a": [1, 2], "b": ["x", None]}), [{"a": 1, "b": "x"}, {"a": 2, "b": None}]),
    (pd.DataFrame({"a": [1.5, float("nan")]}), [{"a": 1.5}, {"a": None}]),
    (pd.DataFrame({"a": [1, 2, 3]}).query("a > 1"), [{"a": 2}, {"a": 3}]),
    (
        pd.DataFrame({"k": ["x", "x"], "v": [1, 2]}).groupby("k").sum(),
        [{"k": "x", "v": 3}],
    ),
    (pd.DataFrame({"t": pd.to_datetime(["2026-01-31"])}), [{"t": "2026-01-31T00:00:00"}]),
    (pd.Series([1, 2]), [1, 2]),
    (pd.Series([1.0, None]), [1.0, None]),
    (pd.Series({"a": 1, "b": 2}), {"a": 1, "b": 2}),
    (pd.Index([1, 2]), [1, 2]),
    (pd.Categorical(["a", "b"]), ["a", "b"]),
]


@pytest.mark.parametrize(("value", "expected"), FORMS, ids=[repr(form[0])[:40] for form in FORMS])
def test_forms(value: Any, expected: Any) -> None:
    assert json.loads(Encoder().encode(value)) == expected
    assert json.loads(Encoder().encode({"in": [value]})) == {"in": [expected]}


def endless() -> Any:
    items: list[Any] = []
    items.append(items)
    return {"a": items}


def deep() -> Any:
    items: list[Any] = []
    for _ in range(100_000):
        items = [items]
    return items


@pytest.mark.parametrize(
    ("value", "path", "text"),
    [
        ({"a": [1, object()]}, ".a[1]", "object has no JSON form"),
        ({"a": {"b": math.nan}}, ".a.b", "nan"),
        ([math.inf], "[0]", "inf"),
        (np.array([1.0, math.nan]), "[1]", "nan"),
        (pd.DataFrame({"a": [math.inf]}), "[0].a", "inf"),
        ({"a": 1 + 2j}, ".a", "complex"),
        ({(1, 2): 1}, "", "key of type tuple"),
        ({"a": (n for n in [1])}, ".a", "turn it into a list"),
        (endless(), ".a[0]", "contains itself"),
        (deep(), "", "nested too deeply"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "", "not unique"),
        (pd.Series([1, 2], index=["a", "a"]), "", "not unique"),
        ([decimal.Decimal("NaN")], "[0]", "Decimal NaN"),
        (10**5000, "", "4300"),
        (Point, "", "type type has no JSON form"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_no_form(value: Any, path: str, text: str) -> None:
    with pytest.raises(NotJson) as caught:
        Encoder().encode(value)
    assert text in caught.value.message
    assert caught.value.path == path


def test_nan_where_allowed() -> None:
    assert Encoder(allow_nan=True).encode([math.nan, -math.inf]) == "[NaN,-Infinity]"


@pytest.mark.parametrize(
    ("declared", "good", "bad"),
    [
        ("dict", [{}, Point(1, 2)], [[], None, "x"]),
        ("list", [[], (1,), {1}, np.array([1])], [{}, 1]),
        ("str", ["", np.str_("x")], [1, None]),
        ("int", [0, -5, np.int64(3)], [1.0, True, "1", np.float64(1)]),
        ("float", [0, 1.5, np.float32(1)], [True, "1", None]),
        ("bool", [True, np.bool_(False)], [1, "true"]),
        ("bytes", [b"", bytearray(b"x")], ["AAAA", 1]),
        ("datetime", [DAY, pd.Timestamp(DAY), np.datetime64("2026-01-31")], ["2026-01-31", 5]),
        ("ndarray", [np.zeros((2, 2)), []], [1, {}]),
        ("DataFrame", [pd.DataFrame({"a": [1]})], [{"a": 1}]),
        ("Series", [pd.Series([1]), pd.Series({"a": 1})], [1]),
        ("any", [None, 1, {}], []),
    ],
)
def test_declared_types(declared: str, good: list[Any], bad: list[Any]) -> None:
    encoder = Encoder()
    for value in good:
        encoder.encode(value, declared)
    for value in bad:
        with pytest.raises(NotJson, match="declared as"):
            encoder.encode(value, declared)


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(10**400), 10**400)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text()
)
JSON = st.recursive(LEAVES, lambda one: st.lists(one) | st.dictionaries(st.text(), one))


def same(left: Any, right: Any) -> bool:
    """Compare with types and the sign of zero."""
    return repr(left) == repr(right)


@given(JSON)
def test_every_json_value_comes_back_exactly(value: Any) -> None:
    assert same(parse(Encoder(allow_nan=False).encode(value).encode()), value)


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 2**64 - 1)))
def test_integers_of_arrays_are_exact(values: list[int]) -> None:
    array = np.array(values, dtype=object)
    assert json.loads(Encoder(allow_nan=False).encode(array)) == values


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_floats_of_arrays_are_exact(values: list[float]) -> None:
    assert same(parse(Encoder(allow_nan=False).encode(np.array(values)).encode()), values)


def test_tables_with_indexes_and_columns_of_several_levels() -> None:
    index = pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "n"])
    rows = [{"k": "a", "n": 1, "value": 5}, {"k": "b", "n": 2, "value": 6}]
    assert json.loads(Encoder().encode(pd.Series([5, 6], index=index))) == rows
    assert json.loads(Encoder().encode(pd.Series([5, 6], index=index, name="value"))) == rows
    assert json.loads(Encoder().encode(index)) == [["a", 1], ["b", 2]]
    with pytest.raises(NotJson, match="several levels"):
        Encoder().encode(pd.DataFrame([[1, 2]], columns=index))


def test_names_that_are_the_same_text_are_no_object() -> None:
    with pytest.raises(NotJson, match="not unique"):
        Encoder().encode(pd.DataFrame([[1, 2]], columns=[1, "1"]))
    with pytest.raises(NotJson, match="not unique"):
        Encoder().encode(pd.Series([1, 2], index=[1, "1"]))


def test_other_sequences() -> None:
    value = [collections.deque([1]), range(2), {"a": 3}.values(), array.array("d", [0.5])]
    assert json.loads(Encoder().encode(value)) == [[1], [0, 1], [3], [0.5]]


def test_a_model_with_bytes_that_are_no_text() -> None:
    class Model(pydantic.BaseModel):
        raw: bytes
        price: decimal.Decimal

    model = Model(raw=b"\xff", price=decimal.Decimal("1.10"))
    assert json.loads(Encoder().encode([model])) == [{"raw": "/w==", "price": "1.10"}]


@pytest.mark.parametrize(
    ("value", "path", "key"),
    [
        ({1: "a", "1": "b"}, "", '"1"'),
        ({"a": [{True: 1, "true": 2}]}, ".a[0]", '"true"'),
        ({"null": 1, None: 2}, "", '"null"'),
        ({DAY: 1, "2026-01-31": 2}, "", '"2026-01-31"'),
        ([types.MappingProxyType({1.5: 1, "1.5": 2})], "[0]", '"1.5"'),
        (Point({0: 1, "0": 2}, 1), ".x", '"0"'),
    ],
)
def test_keys_that_are_the_same_text_are_refused(value: Any, path: str, key: str) -> None:
    with pytest.raises(NotJson, match="two keys of the object") as caught:
        Encoder().encode(value)
    assert caught.value.path == path
    assert key in caught.value.message


@pytest.mark.parametrize(
    "value", [{1: "a", "2": "b"}, {1: {2: 3, "x": [4]}}, {"a": {True: 1, 0: 2}}, {1: 1, 2: 2}]
)
def test_keys_of_several_types(value: Any) -> None:
    assert json.loads(Encoder().encode(value)) == json.loads(json.dumps(value))
