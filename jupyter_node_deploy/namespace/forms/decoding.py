"""From a request's JSON to Python values of the declared types, like those of the checkpoint.

Strict: nothing is guessed or cut. An int is accepted where a float is declared, nothing else.
numpy and pandas are used only when an input is declared as one of theirs.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Callable
from typing import Any

from . import arrays, kinds, likeness, moments, objects, tables
from .faults import Mismatch, NoInput
from .names import name_of

Decoder = Callable[[Any], Any]
#: Types of JSON's own, and those that stand for them.
_OF_JSON: dict[str, frozenset[type]] = {"dict": kinds.MAPPINGS, "list": kinds.SEQUENCES}


def decoder(declared: str, template: Any = None) -> Decoder:
    """Return the function that turns a JSON value into the declared type.

    Args:
        declared: one of the declared types.
        template: the variable's value in the checkpoint; where it is of the declared type, values
            become like it: dtypes and labels, tuples and sets.

    Returns:
        A function that raises ``Mismatch``.

    Raises:
        ImportError: numpy or pandas is needed and not installed.
    """
    try:
        return _like(declared, template)
    except NoInput:
        return _plain(declared)


def _plain(declared: str) -> Decoder:
    if declared == "ndarray":
        import numpy

        return lambda value: arrays.array(numpy, value, None)
    if declared in {"DataFrame", "Series"}:
        import pandas

        make = tables.table if declared == "DataFrame" else tables.row
        return lambda value: make(pandas, value)
    return _SIMPLE[declared]


def _like(declared: str, template: Any) -> Decoder:
    """Return the decoder for values like one.

    Raises:
        NoInput: the declared type is another than the example's, or JSON can't say all of it.
    """
    kind = type(template)
    if declared == "ndarray":
        import numpy

        if isinstance(template, numpy.ndarray):
            return lambda value: arrays.array(numpy, value, template)
    elif declared in {"DataFrame", "Series"}:
        import pandas

        if isinstance(template, getattr(pandas, declared)):
            return (tables.Table if declared == "DataFrame" else tables.Row)(pandas, template)
    elif declared == "datetime" and kind is dt.date:
        return moments.day
    elif declared == "datetime" and kinds.of_pandas(kind) == "Timestamp":
        return _timestamp(kind, template.tz)
    elif declared == "bytes" and kind is bytearray:
        return lambda value: bytearray(_bytes(value))
    elif kinds.is_scalar(kind) and declared in {"bool", "int", "float", "str"}:
        return _then(_SIMPLE[declared], likeness.scalar_maker(kind))
    elif kinds.is_array(kind) and template.ndim == 0 and declared in {"bool", "int", "float"}:
        import numpy

        return _then(
            _SIMPLE[declared],
            lambda value: arrays.of_dtype(numpy, numpy.array(value), template.dtype),
        )
    elif declared != "datetime" and (scalar := objects.scalar_of(template)) is not None:
        return _then(_SIMPLE[declared], scalar)
    elif declared == "list" and kinds.is_tensor(kind):
        arrays.require_exact_tensor(template)
        return lambda value: arrays.tensor(_SIMPLE["list"](value), template)
    elif declared in _OF_JSON and _is_of_json(declared, template):
        if likeness.is_plain(template):
            return _SIMPLE[declared]
        restore = likeness.restorer(likeness.like(template))
        return _SIMPLE[declared] if restore is None else _then(_SIMPLE[declared], restore)
    raise NoInput("it is declared as another type")


def _then(check: Decoder, make: Decoder) -> Decoder:
    return lambda value: make(check(value))


def _is_of_json(declared: str, value: Any) -> bool:
    kind = type(value)
    if kind in _OF_JSON[declared]:
        return True
    if declared == "list":
        return kinds.is_record(kind) or kinds.is_tensor(kind)
    return objects.fields_of(value) is not None


def require_type(declared: str, value: Any) -> None:
    """Require that values of a type can come from JSON, as the declared type.

    Raises:
        NoInput: they can't; the message says why.
    """
    kind = type(value)
    if value is None or (kind in kinds.LEAVES | {bytes} and declared != "any"):
        return
    if declared in _OF_JSON and _is_of_json(declared, value):
        return
    if objects.scalar_of(value) is not None:
        return
    if kinds.is_scalar(kind) and value.dtype.kind in "biufU":
        return
    if declared == "datetime" and (
        kind in (dt.date, dt.datetime) or kinds.of_pandas(kind) == "Timestamp"
    ):
        return
    if (
        kind is bytearray
        or kinds.is_array(kind)
        or kinds.of_pandas(kind) in ("DataFrame", "Series")
    ):
        return
    raise NoInput(f"JSON has nothing that stands for a {kind.__name__}")


def require_exact(declared: str, value: Any) -> None:
    """Require that a request can bring a value of such a type as it is.

    Raises:
        NoInput: it can't; the message says why.
        ImportError: see ``decoder``.
    """
    kind = type(value)
    if kinds.is_array(kind):
        arrays.require_exact(value)
    elif objects.scalar_of(value) is None and kind not in kinds.BYTES | kinds.LEAVES | {type(None)}:
        _like(declared, value)


# --- scalars and containers ---


def _exactly(kind: type, expected: str) -> Decoder:
    def check(value: Any) -> Any:
        if type(value) is kind:
            return value
        raise Mismatch(f"expected {expected}, got {name_of(value)}")

    return check


def _float(value: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            raise Mismatch("the integer is too large for a float") from None
    raise Mismatch(f"expected a number, got {name_of(value)}")


def _bytes(value: Any) -> bytes:
    if type(value) is not str:
        raise Mismatch(f"expected a string (base64), got {name_of(value)}")
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Mismatch(f"not valid base64: {error}") from None


def _timestamp(kind: Any, zone: Any) -> Decoder:
    def make(value: Any) -> Any:
        moments.instant(value)  # strict; pandas reads much else
        try:
            made = kind(value)
        except (ValueError, OverflowError) as error:
            raise Mismatch(f"not a valid date and time: {error}") from None
        return made if zone is None or made.tzinfo is None else made.tz_convert(zone)

    return make


_SIMPLE: dict[str, Decoder] = {
    "any": lambda value: value,
    "dict": _exactly(dict, "an object"),
    "list": _exactly(list, "an array"),
    "str": _exactly(str, "a string"),
    "int": _exactly(int, "an integer"),
    "bool": _exactly(bool, "a boolean"),
    "float": _float,
    "bytes": _bytes,
    "datetime": moments.instant,
}
