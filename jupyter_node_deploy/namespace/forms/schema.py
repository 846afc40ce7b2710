"""The JSON Schema of what the encoder makes of a value: inferred from the value, not from its text.

No code of the user's runs. Of long lists only the types are looked at, so that a schema costs
little; where the items differ it says less, never what is wrong.
"""

from __future__ import annotations

import datetime as dt
import decimal
import enum
import fractions
import os
import sys
import uuid
from typing import Any

from . import kinds, labels
from .faults import NotJson

Schema = dict[str, Any]
DEPTH = 8
_PROPERTIES = 64
#: Values looked at one by one; of longer lists only the types are.
_LOOKED_AT = 2_000
#: Labels that are compared with each other.
_COMPARED = 20_000

DATETIME: Schema = {"type": "string", "format": "date-time"}
BASE64: Schema = {"type": "string", "contentEncoding": "base64"}
_LEAVES: dict[type, Schema] = {
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    str: {"type": "string"},
    type(None): {"type": "null"},
}
#: Of NumPy's kinds; dates and times are null where they are missing.
_KINDS: dict[str, Schema] = {
    "b": {"type": "boolean"},
    "i": {"type": "integer"},
    "u": {"type": "integer"},
    "f": {"type": "number"},
    "U": {"type": "string"},
    "S": BASE64,
    "M": {"type": ["string", "null"]},
    "m": {"type": ["number", "null"]},
}
_STANDARD: tuple[tuple[Any, Schema], ...] = (
    (dt.datetime, DATETIME),
    (dt.date, {"type": "string", "format": "date"}),
    (dt.timedelta, {"type": "number"}),
    ((dt.time, decimal.Decimal, fractions.Fraction, os.PathLike), {"type": "string"}),
    (uuid.UUID, {"type": "string", "format": "uuid"}),
)


def schema_of(value: Any, depth: int = DEPTH) -> Schema:
    """Return a schema that the encoded value meets.

    Raises:
        NotJson: it has no JSON form.
    """
    kind = type(value)
    if kind in _LEAVES:
        return _LEAVES[kind]
    if kind in kinds.MAPPINGS:
        return _object(value, depth)
    if kind in kinds.SEQUENCES or kinds.is_record(kind):
        return _list(value if kind in kinds.SEQUENCES else tuple.__iter__(value), depth)
    if kind in kinds.VIEWS:
        return _list(value, depth)
    if kind in kinds.BYTES:
        return BASE64
    if kind in kinds.STANDARD:
        return _standard(value)
    known = _of_library(value, kind, depth)
    return _of_class(value, kind, depth) if known is None else known


def _standard(value: Any) -> Schema:
    if isinstance(value, decimal.Decimal) and not value.is_finite():
        raise NotJson(f"Decimal {value} is not allowed in JSON")
    for kind, schema in _STANDARD:
        if isinstance(value, kind):
            return schema
    raise NotJson(f"a value of type {type(value).__name__} has no JSON form")


def _array(items: Schema) -> Schema:
    return {"type": "array", "items": items} if items else {"type": "array"}


def _object(value: Any, depth: int) -> Schema:
    keys = list(value)
    texts = {*map(type, keys)} <= {str}
    if not texts:
        keys = [_key(key) for key in keys]
        if len({*keys}) < len(keys):
            raise NotJson("two keys of an object are the same as text")
    if depth == 0:
        return {"type": "object"}
    if texts and len(keys) <= _PROPERTIES:
        schema: Schema = {"type": "object"}
        if keys:
            members = zip(keys, value.values(), strict=True)
            schema["properties"] = {key: schema_of(item, depth - 1) for key, item in members}
            schema["required"] = keys
        return schema
    # So many keys are data, and so are numbers and dates.
    items = items_schema(list(value.values()), depth)
    return {"type": "object", "additionalProperties": items} if items else {"type": "object"}


def _key(key: Any) -> str:
    kind = type(key)
    if kind is str:
        return str(key)
    if key is None or kind in kinds.LEAVES:
        return labels.key_text(key)
    if kinds.is_scalar(kind):
        return labels.key_text(labels.name_of(key))
    if isinstance(key, enum.Enum) and kind.__dict__.get("value") is None:
        return _key(key._value_)
    if kind in (dt.date, dt.datetime, dt.time, uuid.UUID, decimal.Decimal) or (
        kinds.of_pandas(kind) in ("Timestamp", "Period", "Interval")
    ):
        return labels.text(key)
    raise NotJson(f"a key of type {kind.__name__} has no JSON form")


def _list(values: Any, depth: int) -> Schema:
    return _array(items_schema(list(values), depth)) if depth else {"type": "array"}


def items_schema(values: list[Any], depth: int = DEPTH) -> Schema:
    """Return what holds for all the values; an empty schema allows anything.

    Raises:
        NotJson: one of them has no JSON form.
    """
    found = dict.fromkeys(map(type, values))
    if found.keys() <= _LEAVES.keys():
        return _union([_LEAVES[kind] for kind in found])
    if len(values) <= _LOOKED_AT:
        return _union([schema_of(item, depth - 1) for item in values])
    first: dict[type, Any] = {}
    for item in values:
        first.setdefault(type(item), item)
        if len(first) == len(found):
            break
    return _union([_of_many(item, depth) for item in first.values()])


def _of_many(item: Any, depth: int) -> Schema:
    """Return what holds for all values of this one's type."""
    schema = schema_of(item, depth - 1)
    loose = type(item) not in kinds.STANDARD | kinds.BYTES | _LEAVES.keys()
    if loose and not kinds.is_scalar(type(item)):
        return {"type": schema["type"]} if type(item) in kinds.MAPPINGS | kinds.SEQUENCES else {}
    return schema


# --- what holds for several ---


def _union(schemas: list[Schema]) -> Schema:
    if not schemas:
        return {}
    united = schemas[0]
    for schema in schemas[1:]:
        if schema != united:
            united = _either(united, schema)
    return united


def _either(one: Schema, other: Schema) -> Schema:
    """Return a schema that both kinds of values meet; an empty one allows anything."""
    types = [*_types(one), *(name for name in _types(other) if name not in _types(one))]
    if not types or not _types(other) or not _types(one):
        return {}
    if "number" in types and "integer" in types:
        types.remove("integer")
    null = "null" in types
    if null:
        types.remove("null")
    if len(types) > 1:
        return {}
    parts = [part for part in (one, other) if _types(part) != ["null"]]
    merged = dict(parts[0]) if len(parts) == 1 else _merged(types[0], *parts)
    merged["type"] = [types[0], "null"] if null else types[0]
    return merged


def _types(schema: Schema) -> list[str]:
    named = schema.get("type", [])
    return [named] if isinstance(named, str) else list(named)


def _merged(name: str, one: Schema, other: Schema) -> Schema:
    if name == "array" and "items" in one and "items" in other:
        items = _union([one["items"], other["items"]])
        return {"items": items} if items else {}
    if name == "object" and "properties" in one and "properties" in other:
        properties = dict(one["properties"])
        for key, schema in other["properties"].items():
            properties[key] = _union([properties[key], schema]) if key in properties else schema
        merged: Schema = {"properties": properties}
        required = [key for key in one.get("required", []) if key in other.get("required", [])]
        if required:
            merged["required"] = required
        return merged
    return {}


def nullable(schema: Schema) -> Schema:
    """Return the schema, for null, too."""
    if not schema or "null" in _types(schema):
        return schema
    return {**schema, "type": [*_types(schema), "null"]}


# --- NumPy, pandas, torch ---


def _of_library(value: Any, kind: type, depth: int) -> Schema | None:
    if kinds.is_scalar(kind):
        return _of_kind(value.dtype)
    if kinds.is_array(kind):
        items = _of_kind(value.dtype) if value.dtype.kind != "O" else None
        if items is None:
            return _list(value.tolist(), depth) if value.ndim else schema_of(value.item(), depth)
        for _ in range(value.ndim):
            items = {"type": "array", "items": items}
        return items
    name = kinds.of_pandas(kind)
    if name == "DataFrame":
        return _array(_row(*labels.columns_of(value)))
    if name == "Series":
        return _series(value)
    if name == "MultiIndex":
        return _array({"type": "array"})
    if name in ("Timestamp", "Timedelta", "Period", "Interval"):
        return {"Timestamp": DATETIME, "Timedelta": _KINDS["f"]}.get(name, _LEAVES[str])
    pandas = sys.modules.get("pandas")
    if pandas is not None and value in _missing(pandas):
        return _LEAVES[type(None)]
    if kinds.is_index(value) and kinds.module_of(kind) == "pandas":
        return _array(column_schema(value))
    if kinds.is_extension_array(value):
        return _array(column_schema(pandas.Series(value))) if pandas is not None else None
    torch = sys.modules.get("torch")
    if torch is not None and kind is torch.__dict__.get("Tensor"):
        if value.is_complex():
            raise NotJson("complex numbers have no JSON form")
        number = "f" if value.is_floating_point() else "i"
        items = _KINDS["b" if str(value.dtype) == "torch.bool" else number]
        for _ in range(value.ndim):
            items = {"type": "array", "items": items}
        return items
    return None


class _Same:
    """Members by identity: to compare with what is missing is missing, too."""

    def __init__(self, *members: Any) -> None:
        self._members = members

    def __contains__(self, value: Any) -> bool:
        return any(value is member for member in self._members)


def _missing(pandas: Any) -> _Same:
    return _Same(pandas.__dict__.get("NaT"), pandas.__dict__.get("NA"))


def _of_kind(dtype: Any) -> Schema:
    if dtype.kind not in _KINDS:
        raise NotJson(f"a value of NumPy's type {dtype} has no JSON form")
    return _KINDS[dtype.kind]


def _series(series: Any) -> Schema:
    items = column_schema(series)
    if labels.counts(series.index):
        return _array(items)
    if series.index.nlevels > 1:
        last = labels.name_of("value" if series.name is None else series.name)
        names, levels = labels.levels_of(series.index, [labels.text(last)])
        return _array(_row([*names, last], [*levels, series]))
    if len(series) <= _COMPARED and len({labels.text(key) for key in series.index}) < len(series):
        raise NotJson("the series' index is not unique, so it cannot become an object")
    return {"type": "object", "additionalProperties": items} if items else {"type": "object"}


def _row(names: list[Any], columns: list[Any]) -> Schema:
    if len(names) > _PROPERTIES:
        for column in columns:
            if column.dtype.kind in "Oc":
                column_schema(column)
        return {"type": "object"}
    texts = [labels.key_text(name) for name in names]
    if len({*texts}) < len(texts):
        raise NotJson("two columns have the same name as text")
    found = {name: column_schema(one) for name, one in zip(texts, columns, strict=True)}
    return {"type": "object", "properties": found, "required": texts}


def column_schema(column: Any) -> Schema:
    """Return what holds for the items of a Series or an Index; missing ones are null.

    Raises:
        NotJson: an item has no JSON form.
    """
    dtype = column.dtype
    kind = getattr(dtype, "kind", "O")
    many = len(column) > _LOOKED_AT
    categories = getattr(dtype, "categories", None)
    if categories is not None:
        items = column_schema(categories)
    elif kind == "M":
        items = DATETIME
    elif kind in "biufm":
        items = _LEAVES[float] if kind == "m" else _KINDS[kind]
    elif kind == "c":
        raise NotJson("complex numbers have no JSON form")
    elif _is_text(dtype):
        items = _LEAVES[str]
    elif many:
        some = column.iloc[:_LOOKED_AT] if hasattr(column, "iloc") else column[:_LOOKED_AT]
        items_schema(labels.items_of(some))
        return {}
    else:
        return items_schema(labels.items_of(column))
    if kind in "biu" and _is_numpy(dtype):
        return items
    return nullable(items) if many or bool(column.isna().any()) else items


def _is_text(dtype: Any) -> bool:
    return str(dtype) in ("str", "string")


def _is_numpy(dtype: Any) -> bool:
    return kinds.module_of(type(dtype)) == "numpy"


# --- the notebook's own classes ---


def _of_class(value: Any, kind: type, depth: int) -> Schema:
    if isinstance(value, enum.Enum) and issubclass(kind, enum.Enum):
        return schema_of(object.__getattribute__(value, "_value_"), depth)
    fields = kinds.fields_of(value)
    if fields is not None:
        return _object(fields, depth)
    pydantic = sys.modules.get("pydantic.main")
    model = pydantic.__dict__.get("BaseModel") if pydantic is not None else None
    if model is not None and issubclass(kind, model):
        return {"type": "object"}
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    raise NotJson(f"a value of type {name.removeprefix('__main__.')} has no JSON form")
