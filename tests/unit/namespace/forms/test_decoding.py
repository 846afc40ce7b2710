"""Strict decoding by declared type."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import numpy as np
import pandas as pd
import pytest

from jupyter_node_deploy.namespace.forms.decoding import decoder
from jupyter_node_deploy.namespace.forms.encoding import Encoder
from jupyter_node_deploy.namespace.forms.faults import Mismatch

UTC = dt.UTC
GOOD: list[tuple[str, Any, Any]] = [
    ("any", None, None),
    ("dict", {"a": 1}, {"a": 1}),
    ("list", [1], [1]),
    ("str", "x", "x"),
    ("int", 2**100, 2**100),
    ("float", 1.5, 1.5),
    ("float", 2, 2.0),
    ("bool", True, True),
    ("bytes", "AAH/", b"\x00\x01\xff"),
    ("bytes", "", b""),
    ("datetime", "2026-01-31", dt.datetime(2026, 1, 31)),
    ("datetime", "2026-01-31T12:30", dt.datetime(2026, 1, 31, 12, 30)),
    ("datetime", "2026-01-31 12:30:01.5", dt.datetime(2026, 1, 31, 12, 30, 1, 500_000)),
    ("datetime", "2026-01-31T12:30:01Z", dt.datetime(2026, 1, 31, 12, 30, 1, tzinfo=UTC)),
    (
        "datetime",
        "2026-01-31T12:30:01.123456789-02:30",
        dt.datetime(2026, 1, 31, 12, 30, 1, 123456, tzinfo=dt.timezone(dt.timedelta(minutes=-150))),
    ),
]
BAD: list[tuple[str, Any]] = [
    ("dict", []),
    ("list", {}),
    ("str", 1),
    ("int", 1.0),
    ("int", True),
    ("int", "1"),
    ("float", "1"),
    ("float", True),
    ("float", 10**400),
    ("bool", 1),
    ("bool", None),
    ("bytes", "*"),
    ("bytes", "AAA"),
    ("bytes", [1]),
    ("datetime", 5),
    ("datetime", "soon"),
    ("datetime", "2026-13-01"),
    ("datetime", "2026-01-31T12:30:01+99:00"),
    ("ndarray", 1),
    ("ndarray", [[1, 2], [3]]),
    ("ndarray", [{"a": 1}]),
    ("DataFrame", 1),
    ("DataFrame", [1]),
    ("DataFrame", {"a": 1}),
    ("DataFrame", {"a": [1], "b": [1, 2]}),
    ("DataFrame", {"columns": ["a"], "data": [[1, 2]]}),
    ("Series", "x"),
]


@pytest.mark.parametrize(("declared", "value", "expected"), GOOD)
def test_accepted(declared: str, value: Any, expected: Any) -> None:
    got = decoder(declared)(value)
    assert got == expected
    assert type(got) is type(expected)


@pytest.mark.parametrize(("declared", "value"), BAD)
def test_refused(declared: str, value: Any) -> None:
    with pytest.raises(Mismatch):
        decoder(declared)(value)


@pytest.mark.parametrize(
    ("like", "value"),
    [
        ("float32", [1, 2.5]),
        ("float64", [1, 2]),
        ("int8", [1, -2]),
        ("uint8", [0, 255]),
        ("bool", [True, False]),
        ("float64", []),
        ("uint64", [2**64 - 1]),
        ("<U5", ["a", "b"]),
        ("datetime64[ns]", ["2026-01-01", "2026-01-02T03:00"]),
    ],
)
def test_array_takes_the_checkpoints_dtype(like: str, value: list[Any]) -> None:
    got = decoder("ndarray", np.zeros(1, like))(value)
    assert got.dtype.kind == np.dtype(like).kind
    if like != "<U5":
        assert got.dtype == like
    assert got.shape == np.array(value).shape


@pytest.mark.parametrize(
    ("like", "value"),
    [
        ("uint8", [300]),
        ("uint8", [-1]),
        ("int64", [1.5]),
        ("bool", [1]),
        ("int64", [True]),
        ("float64", ["1"]),
        ("float32", [1e300]),
        ("datetime64[ns]", ["soon"]),
    ],
)
def test_array_that_does_not_fit(like: str, value: list[Any]) -> None:
    with pytest.raises(Mismatch):
        decoder("ndarray", np.zeros(1, like))(value)


ROWS = [{"when": "2026-01-01", "n": 1, "c": "a"}, {"when": "2026-01-02", "n": 2, "c": "b"}]


@pytest.mark.parametrize(
    "value",
    [
        ROWS,
        {"when": ["2026-01-01", "2026-01-02"], "n": [1, 2], "c": ["a", "b"]},
        {
            "columns": ["when", "n", "c"],
            "data": [["2026-01-01", 1, "a"], ["2026-01-02", 2, "b"]],
        },
    ],
)
def test_frame_takes_the_checkpoints_form(value: Any) -> None:
    known = pd.DataFrame(
        {
            "c": pd.Categorical(["a", "b"]),
            "n": np.array([1, 2], "int32"),
            "when": pd.to_datetime(["2026-01-01", "2026-01-02"]),
        }
    )
    got = decoder("DataFrame", known)(value)
    pd.testing.assert_frame_equal(got, known)
    empty = decoder("DataFrame", known)([])
    assert list(empty.columns) == ["c", "n", "when"]


def test_frame_names_the_column_that_does_not_fit() -> None:
    known = pd.DataFrame({"n": [1, 2]})
    for bad in (["x"], [1.5], [True], [[1]], [2**63]):
        with pytest.raises(Mismatch) as caught:
            decoder("DataFrame", known)({"n": bad})
        assert caught.value.path.startswith(".n")


def test_series() -> None:
    known = pd.Series([1.0], name="price")
    got = decoder("Series", known)([1, 2])
    pd.testing.assert_series_equal(got, pd.Series([1.0, 2.0], name="price"))
    assert decoder("Series")({"a": 1}).to_dict() == {"a": 1}
    assert len(decoder("Series", known)([])) == 0


BIG = 2**53 + 1
NULLABLE = pd.DataFrame({"a": pd.array([1, None], "Int64")})


@pytest.mark.parametrize("known", [None, NULLABLE])
@pytest.mark.parametrize(
    "value",
    [
        [{"a": BIG}, {"a": None}],
        [{"a": -BIG}, {}],
        {"a": [BIG, None]},
        {"columns": ["a"], "data": [[BIG], [None]], "index": ["x", "y"]},
    ],
)
def test_large_integers_beside_a_null_are_exact(value: Any, known: Any) -> None:
    frame = decoder("DataFrame", known)(value)
    assert abs(int(frame["a"].iloc[0])) == BIG
    assert frame["a"].isna().tolist() == [False, True]
    (first, second) = json.loads(Encoder().encode(frame, "DataFrame"))
    assert (abs(first["a"]), second["a"]) == (BIG, None)


@pytest.mark.parametrize("known", [None, NULLABLE["a"]])
@pytest.mark.parametrize("value", [[BIG, None], {"x": BIG, "y": None}])
def test_large_integers_beside_a_null_in_a_series(value: Any, known: Any) -> None:
    series = decoder("Series", known)(value)
    assert (int(series.iloc[0]), bool(series.isna().iloc[1])) == (BIG, True)


def test_integers_too_large_for_pandas_beside_a_null() -> None:
    frame = decoder("DataFrame")([{"a": 2**70}, {"a": None}])
    assert json.loads(Encoder().encode(frame))[0]["a"] == 2**70


def test_floats_stay_floats() -> None:
    frame = decoder("DataFrame")([{"a": 1e300, "b": 1}, {"a": None, "b": None}, {"a": BIG}])
    assert [str(dtype) for dtype in frame.dtypes] == ["float64", "float64"]
