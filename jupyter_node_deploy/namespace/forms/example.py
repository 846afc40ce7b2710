"""A value as a request would bring it: what ``decoding`` makes that very value of.

As an answer would have it, but for tables and series whose index an answer leaves out, or writes
in a way that can't be told from other labels: these are ``{columns, index, data}`` and ``{index,
data}``.
"""

from __future__ import annotations

import base64
import datetime as dt
import math
import sys
from typing import Any

from . import kinds, labels, objects, schema
from .encoding import plain
from .faults import NoInput
from .index import Labels

#: Characters of an example's JSON.
LENGTH = 64 * 1024


class NoExample(Exception):
    """It is too large, or not finite."""


def example_of(value: Any) -> Any:
    """Return a value as JSON's own types.

    Raises:
        NoExample: it is too large, or holds numbers that JSON does not have.
    """
    kind = type(value)
    if kind in kinds.BYTES:
        if len(value) > LENGTH:
            raise NoExample
        return base64.b64encode(value).decode()
    # A value takes two characters or more.
    if kinds.is_tensor(kind) and value.numel() * 2 > LENGTH:
        raise NoExample
    if kinds.is_array(kind) or kinds.of_pandas(kind) in ("DataFrame", "Series"):
        if value.size * 2 > LENGTH:
            raise NoExample
        if kinds.is_array(kind):
            return plain(value) if value.dtype.kind in "biuU" else _copy(plain(value), [LENGTH])
        return (_table if hasattr(value, "columns") else _series)(value)
    return _copy(value, [LENGTH])


def request_schema(value: Any, answer: schema.Schema) -> schema.Schema | None:
    """Return the schema of the example; ``answer`` is that of the answer."""
    name = kinds.of_pandas(type(value))
    if name == "Series" and not _is_plain_series(value):
        index = _labels_schema(value.index)
        parts = {"index": index, "data": _list_of(schema.column_schema(value))}
    elif name == "DataFrame" and not labels.is_default(value.index):
        parts = {
            "columns": {"type": "array"},
            "index": _labels_schema(value.index),
            "data": {"type": "array", "items": {"type": "array"}},
        }
    elif name == "DataFrame" and not labels.counts(value.index):
        return schema.schema_of(value.reset_index(drop=True))
    else:
        return _open(answer) or None
    return {"type": "object", "properties": parts, "required": list(parts)}


def _open(found: schema.Schema) -> schema.Schema:
    """Return a schema that takes anything where the example had null, which says nothing."""
    if found.get("type") == "null":
        return {}
    opened = dict(found)
    for key in ("items", "additionalProperties"):
        if type(inner := found.get(key)) is dict:
            opened[key] = _open(inner)
    if properties := found.get("properties"):
        opened["properties"] = {name: _open(inner) for name, inner in properties.items()}
    return opened


def _labels_schema(index: Any) -> schema.Schema:
    return _list_of({"type": "array"} if index.nlevels > 1 else schema.column_schema(index))


def _list_of(items: schema.Schema) -> schema.Schema:
    return {"type": "array", "items": items} if items else {"type": "array"}


def _table(frame: Any) -> Any:
    names = [labels.text(labels.name_of(name)) for name in frame.columns]
    columns = [_cells(frame.iloc[:, number]) for number in range(len(names))]
    if labels.is_default(frame.index):
        return labels.records(names, columns, len(frame))
    rows = (
        [list(row) for row in zip(*columns, strict=True)] if columns else [[] for _ in frame.index]
    )
    return {"columns": names, "index": _labels(frame.index), "data": rows}


def _series(series: Any) -> Any:
    if not _is_plain_series(series):
        return {"index": _labels(series.index), "data": _cells(series)}
    if labels.is_default(series.index):
        return _cells(series)
    return dict(zip(map(labels.text, series.index), _cells(series), strict=True))


def _is_plain_series(series: Any) -> bool:
    """Tell whether the answer's form says all of the index."""
    index = series.index
    if labels.is_default(index):
        return bool(labels.counts(index))
    if index.nlevels > 1 or labels.counts(index) or index.hasnans:
        return False
    keys = {labels.text(key) for key in index}
    if len(keys) < len(index) or keys == {"index", "data"}:
        return False
    return Labels(sys.modules["pandas"], index).has_texts


def _labels(index: Any) -> list[Any]:
    if index.nlevels == 1:
        return _cells(index)
    levels = [_cells(index.get_level_values(number)) for number in range(index.nlevels)]
    return [list(item) for item in zip(*levels, strict=True)]


def _cells(column: Any) -> list[Any]:
    left = [LENGTH]
    return [_copy(item, left) for item in labels.items_of(column)]


def _copy(value: Any, left: list[int]) -> Any:
    """Return a copy made of what JSON has, giving up once it gets long."""
    kind = type(value)
    left[0] -= len(value) if kind is str else 1
    if left[0] < 0:
        raise NoExample
    if kind is float and not math.isfinite(value):
        raise NoExample
    if kind in kinds.LEAVES or value is None:
        return value
    if kind in kinds.MAPPINGS:
        return {labels.key_text(key): _copy(item, left) for key, item in value.items()}
    if kind in (list, tuple):
        return [_copy(item, left) for item in value]
    if kinds.is_record(kind):
        return [_copy(item, left) for item in tuple.__iter__(value)]
    try:
        fields = objects.fields_of(value)
    except NoInput:
        fields = None  # as an answer has it
    if fields is not None:
        return {name: _copy(item, left) for name, item in fields.items()}
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return _copy(plain(value), left)
