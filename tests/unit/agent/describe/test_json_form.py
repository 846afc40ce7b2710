"""The JSON forms of values; each example meets its own schema."""

from __future__ import annotations

import collections
import datetime
import json
import math
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_node_deploy.agent.describe.json_form import JsonForm, json_form
from jupyter_node_deploy.namespace.forms.example import LENGTH

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON_VALUES)
def test_any_json_value_meets_its_schema(value: Any) -> None:
    form = json_form(value)

    if form.schema is not None:
        jsonschema.Draft202012Validator.check_schema(form.schema)
        jsonschema.validate(value, form.schema)
    if not any(isinstance(part, float) and math.isinf(part) for part in leaves(value)):
        assert form.example == value


def leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in leaves(item)]
    return [value]


def test_scalars() -> None:
    assert json_form(True) == JsonForm("bool", {"type": "boolean"}, True)
    assert json_form(3) == JsonForm("int", {"type": "integer"}, 3)
    assert json_form(1.5) == JsonForm("float", {"type": "number"}, 1.5)
    assert json_form(math.nan) == JsonForm("float", {"type": "number"}, None)
    assert json_form("x") == JsonForm("str", {"type": "string"}, "x")
    assert json_form(None) == JsonForm("any", None, None)
    assert json_form(b"ab") == JsonForm(
        "bytes", {"type": "string", "contentEncoding": "base64"}, "YWI="
    )
    assert json_form(datetime.datetime(2024, 5, 1, tzinfo=datetime.UTC)) == JsonForm(
        "datetime", {"type": "string", "format": "date-time"}, "2024-05-01T00:00:00+00:00"
    )


def test_dicts() -> None:
    form = json_form({"left": 1, "right": 2.5, "tags": ["a"]})

    assert form.declared == "dict"
    assert form.schema == {
        "type": "object",
        "properties": {
            "left": {"type": "integer"},
            "right": {"type": "number"},
            "tags": {"type": "array", "items": {"type": "string"}},
        },
        "required": ["left", "right", "tags"],
    }


def test_rows() -> None:
    form = json_form([{"a": 1, "b": None}, {"a": 2.5, "b": "x", "c": True}])

    assert form.schema == {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "a": {"type": "number"},
                "b": {"type": ["string", "null"]},
                "c": {"type": "boolean"},
            },
            "required": ["a", "b"],
        },
    }


def test_mixed_lists_are_lists_of_anything() -> None:
    assert json_form([1, "a"]) == JsonForm("list", {"type": "array"}, [1, "a"])
    assert json_form([]) == JsonForm("list", {"type": "array"}, [])
    assert json_form((1, 2)) == JsonForm(
        "list", {"type": "array", "items": {"type": "integer"}}, [1, 2]
    )


@pytest.mark.parametrize("value", [object(), [object()], {"a": {3j}}, print, int, 3j])
def test_values_without_a_json_form(value: Any) -> None:
    assert json_form(value).declared is None


class Hostile(dict):  # type: ignore[type-arg]
    def items(self) -> Any:
        raise AssertionError

    __len__ = __iter__ = __repr__ = items


def test_subclasses_of_the_users_are_not_looked_into() -> None:
    assert json_form(Hostile()).declared is None
    assert json_form({"a": Hostile()}).declared is None


def test_dicts_of_the_standard_library() -> None:
    ordered = json_form(collections.OrderedDict(a=1))

    assert ordered.declared == "dict"


def test_large_values_have_no_example() -> None:
    text = json_form("x" * (LENGTH + 1))
    numbers = json_form(list(range(100_000)))
    keys = json_form({str(n): n for n in range(1000)})

    assert text.example is None
    assert numbers == JsonForm("list", {"type": "array", "items": {"type": "integer"}}, None)
    assert keys.schema == {"type": "object", "additionalProperties": {"type": "integer"}}


def test_values_that_hold_themselves() -> None:
    loop: list[Any] = []
    loop.append(loop)

    form = json_form(loop)

    assert form.example is None


def test_arrays() -> None:
    np = pytest.importorskip("numpy")

    form = json_form(np.arange(6).reshape(2, 3))

    assert form == JsonForm(
        "ndarray",
        {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        [[0, 1, 2], [3, 4, 5]],
    )
    assert json_form(np.float32(1.5)) == JsonForm("float", {"type": "number"}, 1.5)
    assert json_form(np.array([1.0, np.nan])) == JsonForm(
        "ndarray", {"type": "array", "items": {"type": "number"}}, None
    )
    large = json_form(np.zeros(100_000))
    assert large.example is None
    assert json_form(np.array([object()])).declared is None


def test_frames() -> None:
    pd = pytest.importorskip("pandas")
    frame = pd.DataFrame(
        {
            "n": [1, 2],
            "x": [1.5, None],
            "s": ["a", "b"],
            "t": pd.to_datetime(["2024-01-01", None]),
            "b": [True, False],
        }
    )

    form = json_form(frame)

    assert form.declared == "DataFrame"
    assert form.schema is not None
    assert form.schema["items"]["required"] == ["n", "x", "s", "t", "b"]
    assert form.schema["items"]["properties"] == {
        "n": {"type": "integer"},
        "x": {"type": ["number", "null"]},
        "s": {"type": "string"},
        "t": {"type": ["string", "null"], "format": "date-time"},
        "b": {"type": "boolean"},
    }
    assert form.example == [
        {"n": 1, "x": 1.5, "s": "a", "t": "2024-01-01T00:00:00", "b": True},
        {"n": 2, "x": None, "s": "b", "t": None, "b": False},
    ]
    jsonschema.validate(json.loads(json.dumps(form.example)), form.schema)


def test_series() -> None:
    pd = pytest.importorskip("pandas")

    assert json_form(pd.Series([1, 2])) == JsonForm(
        "Series", {"type": "array", "items": {"type": "integer"}}, [1, 2]
    )
    large = json_form(pd.DataFrame(range(100_000)))
    assert large.example is None
