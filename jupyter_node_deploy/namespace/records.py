"""Records: dataclasses as JSON and back, with whatever is wrong told by its place.

Saved data comes from users' kernels, may be damaged, and may be of a version to come: a record that
was read has all its fields, each of the type that it is declared with.
"""

from __future__ import annotations

import dataclasses
import enum
import functools
import json
import math
import types
import typing
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")
#: Takes a value and its path, returns what the field gets.
Check = Callable[[Any, str], Any]

#: Integers are stored in 64 bits.
_LARGEST = 2**63


class Malformed(ValueError):
    """The data is no such record; the message says where and why."""


class NewerFormat(ValueError):
    """The data was written by a newer version of this program."""

    def __init__(self, what: str, found: Any) -> None:
        super().__init__(
            f"{what} has format {found}, which this version of jupyter_node_deploy does not know: "
            "it was written by a newer version. Upgrade jupyter_node_deploy."
        )


def require_format(what: str, found: Any, known: int) -> None:
    """Refuse what has not the known format.

    Args:
        what: is refused; begins the message.
        found: the number of its format.
        known: the only one that this version reads, so far.

    Raises:
        NewerFormat: it is newer.
        Malformed: it is none.
    """
    if type(found) is int and found > known:
        raise NewerFormat(what, found)
    if type(found) is not int or found != known:
        raise Malformed(f"format: {found!r} is not {known}")


def encode(record: Any, indent: int | None = None) -> str:
    """Return a record as JSON.

    Raises:
        ValueError: it has a number that JSON has not.
    """
    # No NaN: a reader in another language would choke on it.
    return json.dumps(record, default=_fields, allow_nan=False, indent=indent)


def decode(kind: Callable[..., T], data: Any, path: str = "") -> T:
    """Return the record that decoded JSON holds; unknown fields are ignored.

    Args:
        kind: the dataclass.
        data: what the JSON decoder has returned.
        path: where the record is in the whole, with a dot at the end.

    Raises:
        Malformed: it is no such record.
    """
    if type(data) is not dict:
        raise Malformed(f"{path.rstrip('.') or 'it'}: is not an object")
    found = {}
    for name, (check, required) in _checks(kind).items():
        if name in data:
            found[name] = check(data[name], f"{path}{name}")
        elif required:
            raise Malformed(f"{path}{name}: is missing")
    return kind(**found)


def _fields(record: Any) -> dict[str, Any]:
    if not dataclasses.is_dataclass(record):
        raise TypeError(f"{type(record).__name__} has no JSON form")
    return vars(record)


@functools.cache
def _checks(kind: Any) -> dict[str, tuple[Check, bool]]:
    hints = typing.get_type_hints(kind)
    missing = dataclasses.MISSING
    return {
        field.name: (
            _check(hints[field.name]),
            field.default is missing and field.default_factory is missing,
        )
        for field in dataclasses.fields(kind)
    }


def _check(hint: Any) -> Check:
    """Return what checks values of a declared type."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is Any:
        return lambda value, _: value
    if origin in (typing.Union, types.UnionType):
        (inner,) = (_check(one) for one in arguments if one is not types.NoneType)
        return lambda value, path: None if value is None else inner(value, path)
    if origin is list:
        return functools.partial(_list, _check(arguments[0]))
    if origin is typing.Literal:
        return functools.partial(_one_of, {value: value for value in arguments})
    if origin is dict:
        hint = dict
    elif issubclass(hint, enum.Enum):
        return functools.partial(_one_of, {one.value: one for one in hint})
    elif hint not in _PLAIN:
        return lambda value, path: decode(hint, value, f"{path}.")
    return functools.partial(_PLAIN[hint], hint)


def _of_type(kind: type, value: Any, path: str) -> Any:
    if type(value) is not kind:
        names = {str: "text", bool: "true or false", dict: "an object"}
        raise Malformed(f"{path}: is not {names[kind]}")
    return value


def _integer(_: type, value: Any, path: str) -> int:
    if type(value) is not int or not -_LARGEST <= value < _LARGEST:
        raise Malformed(f"{path}: is not an integer of 64 bits")
    return value


def _number(_: type, value: Any, path: str) -> float:
    if type(value) not in (int, float) or not abs(value) <= _LARGEST or math.isnan(value):
        raise Malformed(f"{path}: is not a number")
    return float(value)


_PLAIN: dict[type, Callable[[type, Any, str], Any]] = {
    bool: _of_type,
    dict: _of_type,
    float: _number,
    int: _integer,
    str: _of_type,
}


def _list(check: Check, value: Any, path: str) -> list[Any]:
    if type(value) is not list:
        raise Malformed(f"{path}: is not a list")
    return [check(item, f"{path}.{position}") for position, item in enumerate(value)]


def _one_of(values: dict[Any, Any], value: Any, path: str) -> Any:
    if type(value) is not str or value not in values:
        raise Malformed(f"{path}: is none of {', '.join(map(repr, values))}")
    return values[value]
