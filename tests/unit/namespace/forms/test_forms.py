"""Values of all kinds: what is suggested can be returned, meets its schema, and comes back."""

from __future__ import annotations

import array
import collections
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import json
import math
import pathlib
import uuid
from typing import Any

import jsonschema
import numpy as np
import pandas as pd
import pydantic
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_node_deploy.agent.describe.json_form import json_form
from jupyter_node_deploy.namespace.forms.decoding import decoder
from jupyter_node_deploy.namespace.forms.encoding import Encoder
from jupyter_node_deploy.namespace.forms.faults import Mismatch, NotJson

Pair = collections.namedtuple("Pair", "a b")


@dataclasses.dataclass
class Item:
    name: str


class Colour(enum.Enum):
    RED = "red"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


@dataclasses.dataclass(frozen=True)
class Order:
    price: decimal.Decimal
    items: list[Item]
    total: decimal.Decimal = dataclasses.field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "total", self.price * len(self.items))


class Place(pydantic.BaseModel):
    city: str


class Person(pydantic.BaseModel):
    name: str
    born: dt.date
    home: Place | None = None


def _with_more() -> Item:
    item = Item("x")
    item.more = 1  # type: ignore[attr-defined]
    return item


DAYS = pd.date_range("2024-01-01", periods=3, freq="D")
TABLE = pd.DataFrame({"a": [1, 2, 3], "b": [1.5, None, 2.0], "s": ["x", "y", None]})
#: Values that a request can bring as they are.
BOTH: dict[str, Any] = {
    "int": 1,
    "float": 1.5,
    "text": "x",
    "none": None,
    "bytes": b"ab",
    "bytearray": bytearray(b"ab"),
    "tuple": (1, 2),
    "tuples": [(1, 2), (3, 4)],
    "nested": {"a": (1, [2.5, None]), "b": {1: {"x"}}},
    "number keys": {1: 2},
    "set": {1, 2},
    "frozenset": frozenset({1}),
    "counter": collections.Counter("abca"),
    "ordered": collections.OrderedDict(a=1),
    "defaultdict": collections.defaultdict(list, a=[1]),
    "deque": collections.deque([1, 2], maxlen=3),
    "rows": [{"a": 1}, {"a": None, "b": (1,)}],
    "date": dt.date(2020, 1, 2),
    "datetime": dt.datetime(2020, 1, 2, 3, 4, 5, 6),
    "utc": dt.datetime(2020, 1, 2, tzinfo=dt.UTC),
    "days": [dt.date(2020, 1, 2), None],
    "days by name": {"from": dt.date(2020, 1, 2), "to": dt.datetime(2020, 1, 2, 3)},
    "named tuple": Pair(1, "x"),
    "named tuples": [Pair(1, 2), Pair(3, (4,))],
    "dataclass": Item("x"),
    "dataclasses": {"items": [Item("x"), Item("y")]},
    "dataclass with a field of its own making": Order(decimal.Decimal("1.10"), [Item("x")]),
    "model": Person(name="anna", born=dt.date(2020, 1, 2), home=Place(city="Rome")),
    "enum": Colour.RED,
    "flag": Access.READ | Access.WRITE,
    "members": [Colour.RED],
    "fraction": fractions.Fraction(1, 3),
    "decimal": decimal.Decimal("1.10"),
    "decimals": [decimal.Decimal("1.10")],
    "time": dt.time(1, 2),
    "timedelta": dt.timedelta(1, 2, 3),
    "uuid": uuid.UUID(int=1),
    "uuids": {"a": uuid.UUID(int=1)},
    "np.float64": np.float64(1.5),
    "np.int8": np.int8(3),
    "np.bool": np.bool_(True),
    "list of np.float64": [np.float64(1.0)],
    "0-d array": np.array(3),
    "0-d float array": np.array(3.5, "float32"),
    "array": np.arange(6).reshape(2, 3),
    "array of text": np.array(["a", "b"]),
    "array of dates": np.array(["2020-01-01"], "datetime64[D]"),
    "days in a series": pd.Series([dt.date(2020, 1, 1)]),
    "array of dates, one missing": np.array(["2020-01-01", "NaT"], "datetime64[ns]"),
    "array of durations, one missing": np.array([1, "NaT"], "timedelta64[ms]"),
    "rows of dates": np.array([["2020-01-01"], ["NaT"]], "datetime64[D]"),
    "array of durations": np.array([1, 2], "timedelta64[s]"),
    "array of objects": np.array(["a", None], object),
    "timestamp": pd.Timestamp("2020-01-01"),
    "timestamp with zone": pd.Timestamp("2020-07-01", tz="Europe/Berlin"),
    "series": pd.Series([1, 2], name="n"),
    "labelled": pd.Series([1.0, 2.0], index=["a", "b"], name="p"),
    "filtered": pd.Series([1, 2], index=[5, 7]),
    "from one": pd.Series([1, 2], index=pd.RangeIndex(1, 3)),
    "named numbers": pd.Series([1, 2], index=pd.RangeIndex(2, name="id")),
    "by day": pd.Series([1, 2, 3], index=DAYS),
    "by day and zone": pd.Series([1, 2, 3], index=DAYS.tz_localize("Europe/Berlin")),
    "by month": pd.Series([1, 2], index=pd.period_range("2020-01", periods=2, freq="M")),
    "by week": pd.Series(pd.period_range("2020-01-01", periods=2, freq="W-SUN")),
    "by interval": pd.Series([1, 2], index=pd.interval_range(0, 2)),
    "by category": pd.Series([1, 2], index=pd.CategoricalIndex(["a", "b"])),
    "by float": pd.Series([1, 2], index=[0.5, 1.5]),
    "by truth": pd.Series([1, 2], index=[True, False]),
    "by two": pd.Series(
        [1, 2], index=pd.MultiIndex.from_tuples([("a", 1), ("b", 2)], names=["k", "n"])
    ),
    "labels index and data": pd.Series([[1], [2]], index=["index", "data"]),
    "Int64": pd.Series([1, None], dtype="Int64"),
    "Float64": pd.Series([1.5, None], dtype="Float64"),
    "boolean": pd.Series([True, None], dtype="boolean"),
    "string": pd.Series(["a", None], dtype="string"),
    "category": pd.Series(["a", None, "b"], dtype="category"),
    "category of numbers": pd.Series([2, 1], dtype="category"),
    "ordered category": pd.Series(pd.Categorical(["a"], ["b", "a"], ordered=True)),
    "dates": pd.Series(pd.to_datetime(["2020-01-01", None])),
    "dates with zone": pd.Series(DAYS.tz_localize("Europe/Berlin")),
    "durations": pd.Series(pd.to_timedelta([1, 2], unit="h")),
    "intervals": pd.Series(pd.interval_range(0.5, 2.5)),
    "intervals of dates": pd.Series(pd.interval_range(pd.Timestamp("2020-01-01"), periods=2)),
    "series of tuples": pd.Series([(1, 2), (3, 4)]),
    "series of lists": pd.Series([[1], [2, 3]]),
    "mixed series": pd.Series([1, "a", None], dtype=object),
    "gap in text": pd.Series([math.nan, "a"], dtype=object),
    "small numbers": pd.Series([1, 2], dtype="uint8"),
    "empty series": pd.Series([], dtype=float),
    "table": TABLE,
    "filtered table": TABLE[TABLE.a > 1],
    "labelled table": TABLE.set_index("s").iloc[:2],
    "index named like a column": TABLE.set_index("a", drop=False),
    "table by day": TABLE.set_axis(DAYS),
    "table by two": TABLE.set_index(["a", "b"]),
    "numbers as names": pd.DataFrame([[1.0, None], [3.0, 4.0]]),
    "mixed names": pd.DataFrame({"a": [1], 0: [2]}),
    "periods as names": pd.DataFrame(
        [[1, 2]], columns=pd.period_range("2020", periods=2, freq="M")
    ),
    "intervals as names": pd.DataFrame([[1, 2]], columns=pd.interval_range(0, 2)),
    "days as names": pd.DataFrame([[1, 2, 3]], columns=DAYS),
    "categories as names": pd.DataFrame([[1, 2]], columns=pd.CategoricalIndex(["a", "b"])),
    "name of the names": TABLE.rename_axis(columns="c"),
    "empty table": pd.DataFrame(columns=["a", "b"]),
    "nothing": pd.DataFrame(),
    "description": TABLE.describe(),
    "counts": pd.Series(["a", "b", "a"]).value_counts(),
    "crosstab": pd.crosstab([1, 2], ["a", "b"]),
    "pivot": pd.DataFrame({"c": pd.Categorical(["a", "b"]), "v": [1, 2]})
    .groupby("c", observed=False)
    .sum(),
    "nullable table": pd.DataFrame(
        {"a": pd.array([1, None], "Int64"), "t": pd.to_datetime(["2020-01-01T00:00:00.123", None])}
    ),
}
#: Values that can only be returned.
OUT: dict[str, Any] = {
    "dataclass with more": _with_more(),
    "decimal and text": [decimal.Decimal("1.1"), "1.1"],
    "path": pathlib.PurePosixPath("a"),
    "range": range(3),
    "compact": array.array("i", [1]),
    "keys": {"a": 1}.keys(),
    "list and tuple": [[1], (2,)],
    "row of several types": TABLE.iloc[0],
    "period": pd.Period("2020Q1"),
    "interval": pd.Interval(0, 1),
    "NaT": pd.NaT,
    "NA": pd.NA,
    "index": pd.Index([1, 2]),
    "day index": DAYS,
    "multi index": pd.MultiIndex.from_tuples([("a", 1)]),
    "categorical": pd.Categorical(["a", None]),
    "cut": pd.cut([1, 2, 3], 2),
    "empty array of several dimensions": np.zeros((0, 3)),
    "table in a dict": {"t": TABLE},
    "np.datetime64": np.datetime64("2020-01-01"),
}
#: Values that have no JSON form; the reason has the words.
NEITHER: dict[str, tuple[Any, str]] = {
    "object": (object(), "type object"),
    "objects": ([object()], "type object"),
    "complex": (3j, "type complex"),
    "complex array": (np.array([1j]), "complex128"),
    "complex series": (pd.Series([1j]), "complex"),
    "tuples as keys": ({(1, 2): 3}, "key of type tuple"),
    "same keys": ({1: 1, "1": 2}, "same as text"),
    "columns of two levels": (
        pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", 1), ("a", 2)])),
        "several levels",
    ),
    "same columns": (pd.DataFrame([[1, 2]], columns=["a", "a"]), "not unique"),
    "same labels": (pd.Series([1, 2], index=["a", "a"]), "not unique"),
    "objects in a table": (pd.DataFrame({"x": [object()]}), "type object"),
}


def encoded(value: Any, declared: str | None = None) -> Any:
    return json.loads(Encoder().encode(value, declared or "any"))


@pytest.mark.parametrize("value", [*BOTH.values(), *OUT.values()], ids=[*BOTH, *OUT])
def test_what_is_suggested_can_be_returned_and_meets_its_schema(value: Any) -> None:
    form = json_form(value)
    assert form.declared is not None, form.no_output
    assert form.no_output is None
    answer = encoded(value, form.declared)
    if form.schema is not None:
        jsonschema.Draft202012Validator.check_schema(form.schema)
        jsonschema.validate(answer, form.schema)


@pytest.mark.parametrize("value", BOTH.values(), ids=BOTH.keys())
def test_the_example_of_an_input_comes_back_as_it_was(value: Any) -> None:
    form = json_form(value)
    assert form.no_input is None
    assert form.declared is not None
    example = json.loads(json.dumps(form.example, allow_nan=False))
    jsonschema.validate(example, form.input_schema or form.schema or {})
    assert_same(decoder(form.declared, value)(example), value)


@pytest.mark.parametrize("value", OUT.values(), ids=OUT.keys())
def test_what_no_request_can_bring_says_why(value: Any) -> None:
    assert json_form(value).no_input


@pytest.mark.parametrize(("value", "words"), NEITHER.values(), ids=NEITHER.keys())
def test_what_can_not_be_returned_says_why(value: Any, words: str) -> None:
    form = json_form(value)
    assert form.declared is None
    assert words in (form.no_output or "")
    with pytest.raises(NotJson):
        Encoder().encode(value)


def assert_same(got: Any, expected: Any) -> None:
    """Require the same value, of the same types, labels and frequency."""
    assert type(got) is type(expected)
    if isinstance(expected, pd.DataFrame):
        pd.testing.assert_frame_equal(got, expected)
    elif isinstance(expected, pd.Series):
        pd.testing.assert_series_equal(got, expected)
    elif isinstance(expected, np.ndarray):
        assert got.dtype == expected.dtype
        assert got.shape == expected.shape
        assert got.tolist() == expected.tolist()
    elif isinstance(expected, dict):
        assert list(got) == list(expected)
        for one, other in zip(got.values(), expected.values(), strict=True):
            assert_same(one, other)
    elif isinstance(expected, (list, tuple, collections.deque)):
        assert len(got) == len(expected)
        for one, other in zip(got, expected, strict=True):
            assert_same(one, other)
    else:
        assert got == expected


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.text()
    | st.floats(allow_nan=False, allow_infinity=False)
)
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner)
        | st.lists(inner).map(tuple)
        | st.dictionaries(st.text(), inner)
        | st.dictionaries(st.integers(), inner)
        | st.dictionaries(st.text(), inner).map(collections.OrderedDict)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(VALUES)
def test_any_nesting_comes_back_or_says_why(value: Any) -> None:
    form = json_form(value)
    if form.declared is None:
        assert form.no_output
        return
    answer = encoded(value)
    if form.schema is not None:
        jsonschema.validate(answer, form.schema)
    if form.no_input is None:
        assert_same(decoder(form.declared, value)(json.loads(json.dumps(form.example))), value)


COLUMNS = st.one_of(
    st.lists(st.integers(-(2**60), 2**60), min_size=3, max_size=3),
    st.lists(st.floats(allow_nan=True, allow_infinity=False), min_size=3, max_size=3),
    st.lists(st.booleans(), min_size=3, max_size=3),
    st.lists(st.text(max_size=3) | st.none(), min_size=3, max_size=3),
    st.lists(
        st.datetimes(dt.datetime(1980, 1, 1), dt.datetime(2100, 1, 1)), min_size=3, max_size=3
    ),
    st.lists(st.sampled_from("abc"), min_size=3, max_size=3).map(pd.Categorical),
    st.lists(st.integers(0, 9) | st.none(), min_size=3, max_size=3).map(
        lambda items: pd.array(items, "Int64")
    ),
)
INDEXES = st.one_of(
    st.none(),
    st.lists(st.text(max_size=2), min_size=3, max_size=3, unique=True),
    st.lists(st.integers(-9, 9), min_size=3, max_size=3),
    st.just(DAYS),
    st.just(pd.MultiIndex.from_product([["a"], [1, 2, 3]], names=["k", None])),
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.text(max_size=2) | st.integers(0, 3), COLUMNS, min_size=1), INDEXES)
def test_any_table_comes_back_or_says_why(columns: dict[Any, Any], index: Any) -> None:
    frame = pd.DataFrame(columns, index=index)
    form = json_form(frame)
    if form.declared is None:
        assert form.no_output
        return
    if form.schema is not None:
        jsonschema.validate(encoded(frame), form.schema)
    if form.no_input is None:
        assert_same(decoder("DataFrame", frame)(json.loads(json.dumps(form.example))), frame)


# --- what else a request may bring ---


def refused(declared: str, example: Any, value: Any) -> tuple[str, str]:
    with pytest.raises(Mismatch) as caught:
        decoder(declared, example)(value)
    return caught.value.path, caught.value.message


def test_a_plain_list_is_no_series_with_labels() -> None:
    path, message = refused("Series", BOTH["labelled"], [1.0, 2.0])
    assert path == ""
    assert "the example's index has labels: send an object of them" in message
    assert decoder("Series", BOTH["series"])([3]).index.tolist() == [0]


def test_the_encoders_form_of_a_labelled_table_is_taken_back() -> None:
    table = TABLE.set_axis(DAYS.rename("day"))
    assert_same(decoder("DataFrame", table)(encoded(table)), table)
    _, message = refused("DataFrame", table, [{"a": 1, "b": 1.5, "s": "x"}])
    assert "add day to each row" in message


def test_other_labels_than_the_examples() -> None:
    by_day = BOTH["by day"]
    two = {"2024-02-01": 1, "2024-02-03": 2}
    got = decoder("Series", by_day)(two)
    assert got.index.freq is None
    assert got.index.dtype == by_day.index.dtype
    assert refused("Series", by_day, {"monday": 1})[0] == "[0]"
    assert "integers" in refused("Series", BOTH["filtered"], {"x": 1})[1]
    assert "of 2 labels" in refused("Series", BOTH["by two"], {"index": ["a"], "data": [1]})[1]
    assert "same length" in refused("Series", by_day, {"index": [], "data": [1]})[1]
    assert decoder("Series", BOTH["series"])({"x": 1}).index.tolist() == ["x"]


def test_a_gap_in_a_column_of_integers_is_as_pandas_reads_it() -> None:
    known = pd.DataFrame({"age": [1, 2]})
    got = decoder("DataFrame", known)([{"age": None}, {"age": 5}])
    assert got["age"].dtype == float
    assert got["age"].isna().tolist() == [True, False]
    assert decoder("DataFrame", known)([{"age": 5.0}])["age"].dtype == "int64"
    assert decoder("DataFrame", known)([]).dtypes.tolist() == ["int64"]


@pytest.mark.parametrize(
    ("column", "value", "words"),
    [
        (pd.Series([1]), "5", "expected items of dtype int64, got a string"),
        (pd.Series([1.5]), "5", "got a string"),
        (pd.Series([1]), True, "got a boolean"),
        (pd.Series([1]), 1.5, "got a number"),
        (pd.Series([True]), 1, "got an integer"),
        (pd.Series([True]), None, "got null"),
        (pd.Series(["a"]), 1, "got an integer"),
        (pd.Series(["a"], dtype=object), 1, "got an integer"),
        (pd.Series(["a"], dtype="string"), 1, "got an integer"),
        (pd.Series(["a"], dtype="category"), "z", '"z" is none of the categories: "a"'),
        (pd.Series(DAYS), 5, "got an integer"),
        (pd.Series(DAYS), "soon", "ISO 8601"),
        (pd.Series(DAYS), "2024-01-01T00:00Z", "has a time zone"),
        (pd.Series(DAYS.tz_localize("UTC")), "2024-01-01", "has no time zone"),
        (pd.Series([1], dtype="uint8"), 300, "does not fit"),
        (pd.Series([1.5], dtype="float32"), 1e300, "does not fit"),
        (pd.Series(pd.interval_range(0, 1)), "[0, 1)", "not an interval"),
        (pd.Series(pd.period_range("2020", periods=1, freq="M")), "x", "not periods"),
        (pd.Series(pd.to_timedelta([1])), "1h", "got a string"),
    ],
)
def test_columns_refuse_what_is_of_another_kind(column: Any, value: Any, words: str) -> None:
    frame = pd.DataFrame({"n": column})
    path, message = refused("DataFrame", frame, [{"n": value}])
    assert path.startswith(".n")
    assert words in message


def test_a_column_that_all_rows_lack_is_missing() -> None:
    known = pd.DataFrame({"a": [1], "b": [2]})
    assert refused("DataFrame", known, [{"a": 1}]) == (".b", "missing")
    assert decoder("DataFrame", known)([{"b": 1, "a": 2, "c": "x"}]).columns.tolist() == [
        "a",
        "b",
        "c",
    ]


def test_the_names_of_columns_are_not_shared_with_the_state() -> None:
    known = pd.DataFrame({"a": [1]})
    decoder("DataFrame", known)([{"a": 1}]).columns.name = "changed"
    assert known.columns.name is None


def test_what_is_of_another_shape_than_the_example_stays_as_it_is() -> None:
    assert decoder("list", [(1, 2)])([[3], 4, {"a": [5]}]) == [(3,), 4, {"a": [5]}]
    assert decoder("dict", {"a": (1,)})({"b": [2], "a": "x"}) == {"b": (2,), "a": "x"}
    assert refused("dict", {1: 2}, {"x": 1}) == (
        ".x",
        "the key 'x' is no integer, as in the example",
    )
    assert refused("list", {1}, [[1]])[1].startswith("can't be in a set")
    assert refused("int", np.int8(1), 300)[1] == "the number does not fit into int8"
    assert refused("datetime", dt.date(2020, 1, 1), "2020-01-01T10:00")[1].startswith(
        "expected a day"
    )


def test_what_holds_itself_is_given_up() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert json_form(loop).example is None
    assert decoder("list", loop)([1]) == [1]


def test_keys_that_are_no_text_are_data() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "string"}}
    assert json_form({1: "a", 2: "b"}).schema == schema
    assert json_form({dt.date(2020, 1, 1): "a"}).schema == schema
    assert (json_form({"a": "x"}).schema or {})["required"] == ["a"]


@pytest.mark.parametrize(
    ("value", "asked", "words"),
    [
        (decimal.Decimal("1.1"), "x", "a decimal number"),
        ([decimal.Decimal("1.1")], ["NaN"], "not finite"),
        (uuid.UUID(int=1), "x", "a UUID"),
        (Colour.RED, "green", "green"),
        ({"a": dt.date(2020, 1, 2)}, {"a": "2020-13-01"}, "not a valid date"),
        (Person(name="a", born=dt.date(2020, 1, 2)), {"name": "b"}, "born"),
        (Item("x"), {"name": "x", "more": 1}, "more"),
        (Pair(1, 2), [1], "Pair"),
        (dt.timedelta(1), 1e300, "seconds"),
    ],
)
def test_objects_refuse_what_they_can_not_be_made_of(value: Any, asked: Any, words: str) -> None:
    form = json_form(value)
    assert form.declared is not None
    with pytest.raises(Mismatch, match=words):
        decoder(form.declared, value)(asked)


def test_null_in_an_example_says_nothing_of_other_requests() -> None:
    form = json_form({"paid": None, "lines": [{"at": None}], "total": 1})
    jsonschema.validate(
        {"paid": True, "lines": [{"at": "x"}], "total": 2}, form.input_schema or form.schema or {}
    )


def test_a_tensor_comes_back_with_its_dtype() -> None:
    torch = pytest.importorskip("torch")
    for dtype in (torch.float32, torch.float16, torch.bfloat16, torch.int8, torch.bool):
        value = torch.tensor([[1, 0]]).to(dtype)
        form = json_form(value)
        assert form.declared == "list"
        assert form.no_input is None
        found = decoder("list", value)(json.loads(json.dumps(form.example)))
        assert found.dtype is dtype
        assert torch.equal(found, value)
    assert json_form(torch.tensor([1.0], requires_grad=True)).no_input
