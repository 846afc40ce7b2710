"""The JSON form of values: declared type, JSON Schema and example, where there is one.

Only exact builtin types and those of NumPy and pandas are looked into: no code of the user's runs.
"""

from __future__ import annotations

import base64
import collections
import datetime
import json
import math
import sys
from dataclasses import dataclass
from typing import Any

from .preview import library

#: Characters of an example's JSON.
EXAMPLE_LENGTH = 64 * 1024
_DEPTH = 8
_PROPERTIES = 64
#: Values looked at one by one; of longer lists only the types are.
_LOOKED_AT = 2_000

Schema = dict[str, Any]


@dataclass(frozen=True)
class JsonForm:
    """How a variable looks in a request.

    Attributes:
        declared: the variable type that a node would declare.
        schema: JSON Schema of it, None when it may be anything.
        example: the value itself, None when it is too large or not finite.
    """

    declared: str
    schema: Schema | None = None
    example: Any = None


class _NoForm(Exception):
    pass


class _NoExample(Exception):
    pass


_PLAIN: dict[type, tuple[str, Schema]] = {
    bool: ("bool", {"type": "boolean"}),
    int: ("int", {"type": "integer"}),
    float: ("float", {"type": "number"}),
    str: ("str", {"type": "string"}),
}
_MAPPINGS = frozenset({dict, collections.OrderedDict, collections.defaultdict})
_SEQUENCES = frozenset({list, tuple})
_KINDS: dict[str, Schema] = {
    "b": {"type": "boolean"},
    "i": {"type": "integer"},
    "u": {"type": "integer"},
    "f": {"type": "number"},
    "U": {"type": "string"},
}
_DATETIME: Schema = {"type": "string", "format": "date-time"}


def json_form(value: Any) -> JsonForm | None:
    """Return the JSON form of a value, None when it has none."""
    try:
        declared, schema = _declared(value)
    except (_NoForm, RecursionError):
        return None
    except Exception:  # another thread changes the value, or a library has its ways
        return None
    try:
        example = _example(value)
        if len(json.dumps(example, allow_nan=False)) > EXAMPLE_LENGTH:
            example = None
    except Exception:
        example = None
    return JsonForm(declared, schema, example)


def _declared(value: Any) -> tuple[str, Schema | None]:
    kind = type(value)
    if kind in _PLAIN:
        return _PLAIN[kind]
    if value is None:
        return "any", None
    if kind in _MAPPINGS:
        return "dict", _schema(value, _DEPTH)
    if kind in _SEQUENCES:
        return "list", _schema(value, _DEPTH)
    if kind in (bytes, bytearray):
        return "bytes", {"type": "string", "contentEncoding": "base64"}
    if _is_datetime(kind):
        return "datetime", _DATETIME
    found = library(kind)
    if found == "ndarray":
        return "ndarray", _array_schema(value)
    if found == "DataFrame":
        return "DataFrame", {"type": "array", "items": _row_schema(value)}
    if found == "Series":
        return "Series", {"type": "array", "items": _column_schema(value)}
    scalar = _scalar(value)
    if scalar is not None:
        return _PLAIN[type(scalar)]
    raise _NoForm


def _is_datetime(kind: type) -> bool:
    pandas = sys.modules.get("pandas")
    return kind is datetime.datetime or (
        pandas is not None and kind is pandas.__dict__.get("Timestamp")
    )


def _scalar(value: Any) -> Any:
    """Return a NumPy scalar as the Python value it equals, None if it is not one."""
    numpy = sys.modules.get("numpy")
    if numpy is None or not issubclass(type(value), getattr(numpy, "generic", ())):
        return None
    if value.dtype.kind not in _KINDS:
        return None
    item = value.item()
    return item if type(item) in _PLAIN else None


def _schema(value: Any, depth: int) -> Schema:
    kind = type(value)
    if kind in _PLAIN:
        return _PLAIN[kind][1]
    if value is None:
        return {"type": "null"}
    if depth == 0 and (kind in _MAPPINGS or kind in _SEQUENCES):
        return {}
    if kind in _MAPPINGS:
        return _object_schema(value, depth)
    if kind in _SEQUENCES:
        return _list_schema(value, depth)
    scalar = _scalar(value)
    if scalar is not None:
        return _PLAIN[type(scalar)][1]
    raise _NoForm


def _object_schema(value: Any, depth: int) -> Schema:
    if any(type(key) is not str for key in value):
        raise _NoForm
    if len(value) <= _PROPERTIES:
        schema: Schema = {"type": "object"}
        if value:
            schema["properties"] = {k: _schema(item, depth - 1) for k, item in value.items()}
            schema["required"] = list(value)
        return schema
    # So many keys are data.
    items = _items(list(value.values()), depth)
    return {"type": "object", "additionalProperties": items} if items else {"type": "object"}


def _list_schema(value: Any, depth: int) -> Schema:
    items = _items(value, depth)
    return {"type": "array", "items": items} if items else {"type": "array"}


def _items(values: Any, depth: int) -> Schema:
    """Return what holds for all the values."""
    kinds = dict.fromkeys(map(type, values))
    if len(values) <= _LOOKED_AT and not kinds.keys() <= _PLAIN.keys():
        return _union([_schema(item, depth - 1) for item in values])
    schemas = []
    for kind in kinds:
        if kind in _PLAIN:
            schemas.append(_PLAIN[kind][1])
        elif kind is type(None):
            schemas.append({"type": "null"})
        elif kind in _MAPPINGS:
            schemas.append({"type": "object"})
        elif kind in _SEQUENCES:
            schemas.append({"type": "array"})
        else:
            raise _NoForm
    return _union(schemas)


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


def _array_schema(array: Any) -> Schema:
    items = _KINDS.get(array.dtype.kind)
    if items is None:
        raise _NoForm
    for _ in range(array.ndim):
        items = {"type": "array", "items": items}
    return items


def _row_schema(frame: Any) -> Schema:
    names = list(frame.columns)
    if len(names) > _PROPERTIES or any(type(name) is not str for name in names):
        return {"type": "object"}
    if len(set(names)) != len(names):
        raise _NoForm
    return {
        "type": "object",
        "properties": {name: _column_schema(frame.iloc[:, n]) for n, name in enumerate(names)},
        "required": names,
    }


def _column_schema(column: Any) -> Schema:
    """Return what holds for the values of a column; missing ones are null."""
    kind = getattr(column.dtype, "kind", "O")
    if kind == "M":
        items = _DATETIME
    elif kind in "biuf":
        items = _KINDS[kind]
    elif len(column) <= _LOOKED_AT:
        present = [item for item in column.tolist() if type(item) in _PLAIN and item == item]  # noqa: PLR0124
        items = _union([_PLAIN[type(item)][1] for item in present])
        if len(present) < len(column) - int(column.isna().sum()):
            return {}
    else:
        return {}
    if items and kind not in "biu" and (len(column) > _LOOKED_AT or bool(column.isna().any())):
        return {**items, "type": [*_types(items), "null"]}
    return items


def _example(value: Any) -> Any:
    kind = type(value)
    if kind in (bytes, bytearray):
        if len(value) > EXAMPLE_LENGTH:
            raise _NoExample
        return base64.b64encode(value).decode()
    if _is_datetime(kind):
        return value.isoformat()
    found = library(kind)
    if found is None:
        return _copy(value, [EXAMPLE_LENGTH])
    # A value takes two characters or more.
    if value.size * 2 > EXAMPLE_LENGTH:
        raise _NoExample
    if found == "ndarray":
        return value.tolist()
    if found == "DataFrame":
        names = list(value.columns)
        columns = (_cells(value.iloc[:, position]) for position in range(len(names)))
        rows = zip(*columns, strict=True)
        return [dict(zip(names, row, strict=True)) for row in rows]
    return _cells(value)


def _cells(column: Any) -> list[Any]:
    missing = column.isna().tolist()
    return [
        None if gone else item.isoformat() if _is_datetime(type(item)) else _copy(item, [1_000])
        for item, gone in zip(column.tolist(), missing, strict=True)
    ]


def _copy(value: Any, left: list[int]) -> Any:
    """Return a copy made of what JSON has, giving up once it gets long."""
    kind = type(value)
    left[0] -= len(value) if kind is str else 1
    if left[0] < 0:
        raise _NoExample
    if kind is float and not math.isfinite(value):
        raise _NoExample
    if kind in _PLAIN or value is None:
        return value
    if kind in _MAPPINGS:
        return {key: _copy(item, left) for key, item in value.items()}
    if kind in _SEQUENCES:
        return [_copy(item, left) for item in value]
    scalar = _scalar(value)
    if scalar is None:
        raise _NoExample
    return _copy(scalar, left)
