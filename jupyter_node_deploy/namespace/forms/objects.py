"""Objects that requests can bring, though JSON has none: numbers, dates, members, and records.

A record is an instance of a dataclass or a pydantic model: an object with its fields. Looking at
one runs no code of its class; making one in a node runs its constructor, as a cell would.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import sys
import uuid
from collections.abc import Callable
from typing import Any

from . import kinds, moments
from .faults import Mismatch, NoInput

#: Makes one value of another.
Make = Callable[[Any], Any]


def _text(make: Make, words: str) -> Make:
    def read(value: Any) -> Any:
        if type(value) is not str:
            return value  # whether it may be is for a schema
        try:
            return make(value)
        except (ValueError, ArithmeticError) as error:
            raise Mismatch(f"expected {words}: {error or type(error).__name__}") from None

    return read


def _span(value: Any) -> Any:
    if type(value) not in (int, float):
        return value
    try:
        return dt.timedelta(seconds=value)
    except (ValueError, OverflowError) as error:
        raise Mismatch(f"expected seconds: {error}") from None


def _decimal(text: str) -> decimal.Decimal:
    found = decimal.Decimal(text)
    if not found.is_finite():
        raise ValueError("it is not finite")
    return found


#: By type, what makes one of what an answer has for it.
_SCALARS: dict[type, Make] = {
    decimal.Decimal: _text(_decimal, "a decimal number as text"),
    fractions.Fraction: _text(fractions.Fraction, "a fraction as text, such as 1/3"),
    dt.datetime: _text(moments.instant, ""),
    dt.date: _text(moments.day, ""),
    dt.time: _text(dt.time.fromisoformat, "a time, such as 12:30:00"),
    dt.timedelta: _span,
    uuid.UUID: _text(uuid.UUID, "a UUID"),
}


def scalar_of(value: Any) -> Make | None:
    """Return what makes values like one of what JSON has for it, None where nothing does.

    Raises:
        NoInput: JSON can't say all of it.
    """
    kind = type(value)
    if isinstance(value, (dt.datetime, dt.time)) and kind in _SCALARS:
        if type(value.tzinfo) not in (type(None), dt.timezone):
            raise NoInput("JSON has a time's offset, and not its time zone")
        if value.fold:
            raise NoInput("JSON does not have which of two equal times it is")
    if kind in _SCALARS:
        return _SCALARS[kind]
    if issubclass(kind, enum.Enum) and isinstance(value, enum.Enum):
        if type(object.__getattribute__(value, "_value_")) not in kinds.LEAVES:
            raise NoInput("its value is no text or number")
        return _member(kind)
    return None


def _member(kind: Any) -> Make:
    def read(value: Any) -> Any:
        try:
            return kind(value)
        except ValueError as error:
            raise Mismatch(str(error)) from None

    return read


def fields_of(value: Any) -> dict[str, Any] | None:
    """Return a record's fields, None where a value is no record.

    Raises:
        NoInput: a request can't say all of it.
    """
    model = _model_of(type(value))
    found = kinds.fields_of(value) if model is None else _of_model(value, model)
    if found is None:
        return None
    if model is None:
        if {*object.__getattribute__(value, "__dict__")} != found.keys():
            raise NoInput("it has attributes beside its fields")
        known = getattr(type(value), "__dataclass_fields__").values()  # noqa: B009 - a class' own
        if any(one._field_type.name == "_FIELD_INITVAR" for one in known):
            raise NoInput("it is made with what it does not keep")
    return found


def _model_of(kind: type) -> Any:
    pydantic = sys.modules.get("pydantic.main")
    base = pydantic.__dict__.get("BaseModel") if pydantic is not None else None
    return base if base is not None and issubclass(kind, base) else None


def _of_model(value: Any, base: Any) -> dict[str, Any]:
    kind: Any = type(value)
    if not hasattr(base, "model_validate"):
        raise NoInput("it is a model of pydantic 1")
    known = type.__getattribute__(kind, "__pydantic_fields__")
    stored = object.__getattribute__(value, "__dict__")
    extra = object.__getattribute__(value, "__pydantic_extra__")
    if extra or {*stored} != {*known} or kind.__private_attributes__ or not known:
        raise NoInput("it has attributes beside its fields")
    if any(one.alias is not None or one.validation_alias is not None for one in known.values()):
        raise NoInput("its fields have other names outside")
    return dict(stored)


def made(kind: Any, fields: dict[str, Any]) -> Any:
    """Make a record.

    Args:
        kind: its class.
        fields: by name; those left out are as the class has them.

    Raises:
        Mismatch: the class does not take them.
    """
    late: dict[str, Any] = {}
    if _model_of(kind) is None and dataclasses.is_dataclass(kind):
        given = {one.name: one.init for one in dataclasses.fields(kind)}
        late = {name: value for name, value in fields.items() if not given.get(name, True)}
    try:
        found = kind(**{name: value for name, value in fields.items() if name not in late})
    except Exception as error:  # the class' own checks
        raise Mismatch(f"{kind.__name__} does not take it: {error}") from None
    for name, value in late.items():
        object.__setattr__(found, name, value)
    return found
