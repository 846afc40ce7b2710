"""From the request's JSON to Python values of the declared types (standard library only).

Strict: nothing is guessed or cut. An int is accepted where a float is declared, nothing else.
numpy and pandas are used only when an input is declared as one of theirs.
"""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import json
import math
import re
from collections.abc import Callable
from typing import Any

from ...errors import InvalidArgument, Message

# Only such texts can hold a number that becomes infinite; they are rare, so a check of every
# number can wait until one of them is seen.
_HUGE = re.compile(r"[eE]\+?0*[1-9][0-9]{2}|[0-9]{300}")
_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)"
    r"(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))? ?(Z|z|[+-]\d\d(?::?\d\d)?)?)?"
)
_EXACT = 2**53  # a float holds every integer below it
_SPLIT = {"columns", "data", "index"}


class Mismatch(Exception):
    """A value is not of the declared type; ``path`` is relative to the variable."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class _Refused(ValueError):
    pass


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused(f"the key {json.dumps(twice)} occurs twice in one object")
    return members


def _no_constant(name: str) -> Any:
    raise _Refused(f"{name} is not allowed: numbers must be finite")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Refused(f"the number {text[:40]} is too large")
    return number


_LENIENT = json.JSONDecoder(object_pairs_hook=_members).decode
_STRICT = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_constant).decode
_CHECKED = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_no_constant, parse_float=_finite
).decode


def parse(body: bytes | bytearray, *, allow_nan: bool = False) -> Any:
    """Return the value of a JSON text: exact ints, no duplicate keys, no NaN unless allowed.

    Raises:
        InvalidArgument: it is malformed; the message says where.
    """
    try:
        text = body.decode()
        if allow_nan:
            return _LENIENT(text)
        return (_CHECKED if _HUGE.search(text) else _STRICT)(text)
    except json.JSONDecodeError as error:
        what = f"{error.msg}: line {error.lineno} column {error.colno}"
        place = {"line": error.lineno, "column": error.colno}
    except UnicodeDecodeError as error:
        what, place = f"not UTF-8: byte {error.start}", {}
    except RecursionError:
        what, place = "nested too deeply", {}
    except ValueError as error:  # ours, and ints of more digits than Python converts
        what, place = str(error), {}
    raise InvalidArgument(
        Message(f"the body is not valid JSON: {what}", "BODY_NOT_JSON", cause=what),
        [{"path": "", "message": what, **place}],
    )


def name_of(value: Any) -> str:
    """Return what a JSON value is, in JSON's words."""
    names: tuple[tuple[Any, str], ...] = (
        (bool, "a boolean"),
        (int, "an integer"),
        (float, "a number"),
        (str, "a string"),
        (list, "an array"),
        (dict, "an object"),
        (type(None), "null"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), type(value).__name__)


def decoder(declared: str, template: Any = None) -> Callable[[Any], Any]:
    """Return the function that turns a JSON value into the declared type.

    Args:
        declared: one of the declared types.
        template: the variable's value in the checkpoint; arrays and frames take its dtypes.

    Returns:
        A function that raises ``Mismatch``.

    Raises:
        ImportError: numpy or pandas is needed and not installed.
    """
    if declared == "ndarray":
        import numpy

        like = template.dtype if isinstance(template, numpy.ndarray) else None
        return lambda value: _array(numpy, value, like)
    if declared in {"DataFrame", "Series"}:
        import pandas

        make = _frame if declared == "DataFrame" else _series
        kind = getattr(pandas, declared)
        known = template if isinstance(template, kind) else None
        return lambda value: make(pandas, value, known)
    return _SIMPLE[declared]


def fit_array(numpy: Any, array: Any, template: Any) -> Any:
    """Return an array with the dtype of the checkpoint's; its number of dimensions must be that.

    Raises:
        Mismatch: it can't be had without a change of values.
    """
    if not isinstance(template, numpy.ndarray):
        return array
    if array.ndim != template.ndim:
        raise Mismatch(f"expected {template.ndim} dimensions, got {array.ndim}")
    return _of_dtype(numpy, array, template.dtype)


def fit_frame(pandas: Any, frame: Any, template: Any) -> Any:
    """Return a table with the order and the dtypes of the checkpoint's columns; none may lack.

    Raises:
        Mismatch: it has other columns, or values that don't fit.
    """
    if not isinstance(template, pandas.DataFrame):
        return frame
    for name in template.columns:
        if name not in frame.columns:
            raise Mismatch("missing", f".{name}")
    return _like(frame, template)


# --- scalars and containers ---


def _exactly(kind: type, expected: str) -> Callable[[Any], Any]:
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


def _datetime(value: Any) -> dt.datetime:
    if type(value) is not str:
        raise Mismatch(f"expected a string (ISO 8601 date and time), got {name_of(value)}")
    match = _INSTANT.fullmatch(value)
    if match is None:
        raise Mismatch("not an ISO 8601 date and time, such as 2026-01-31T12:00:00Z")
    day, time, fraction, zone = match.groups()
    try:
        instant = dt.datetime.fromisoformat(f"{day}T{time}" if time else day)
        if fraction:
            instant = instant.replace(microsecond=int(fraction[:6].ljust(6, "0")))
        if zone:
            instant = instant.replace(tzinfo=_zone(zone))
    except ValueError as error:
        raise Mismatch(f"not a valid date and time: {error}") from None
    return instant


def _zone(text: str) -> dt.timezone:
    if text in "Zz":
        return dt.timezone.utc  # noqa: UP017 - also on 3.10
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if text[0] == "-" else minutes))


_SIMPLE: dict[str, Callable[[Any], Any]] = {
    "any": lambda value: value,
    "dict": _exactly(dict, "an object"),
    "list": _exactly(list, "an array"),
    "str": _exactly(str, "a string"),
    "int": _exactly(int, "an integer"),
    "bool": _exactly(bool, "a boolean"),
    "float": _float,
    "bytes": _bytes,
    "datetime": _datetime,
}


# --- numpy and pandas ---


def _array(numpy: Any, value: Any, like: Any) -> Any:
    if type(value) is not list:
        raise Mismatch(f"expected an array, got {name_of(value)}")
    try:
        array = numpy.array(value)
    except (ValueError, OverflowError) as error:
        raise Mismatch(f"not a rectangular array: {error}") from None
    if array.dtype == object and (like is None or like.kind != "O"):
        raise Mismatch("the items are not all numbers, strings or booleans of one kind")
    return _of_dtype(numpy, array, like)


def _of_dtype(numpy: Any, array: Any, like: Any) -> Any:
    if like is None or array.dtype == like:
        return array
    if array.size == 0:
        return array.astype(like)
    if like.kind == "M" and array.dtype.kind == "U":
        try:
            return array.astype(like)
        except ValueError as error:
            raise Mismatch(f"not dates: {error}") from None
    return _cast(numpy, array, like)


def _cast(numpy: Any, array: Any, like: Any) -> Any:
    # Numbers may change width, never kind or value: no bool from 2, no uint8 from 300.
    ranks = "biufc"
    if like.kind not in ranks or array.dtype.kind not in ranks:
        if like.kind in (array.dtype.kind, "O"):
            return array.astype(like)
    elif array.dtype.kind == like.kind or (
        "b" not in (array.dtype.kind, like.kind)
        and ranks.index(array.dtype.kind) <= max(ranks.index(like.kind), ranks.index("u"))
    ):
        with numpy.errstate(all="ignore"):
            cast = array.astype(like)
        if like.kind in "fc":
            exact = bool((numpy.isfinite(cast) | ~numpy.isfinite(array)).all())
        else:
            exact = bool((cast == array).all())
        if exact:
            return cast
        raise Mismatch(f"a number does not fit into {like}")
    raise Mismatch(f"expected items of dtype {like}, got {array.dtype}")


def _frame(pandas: Any, value: Any, known: Any) -> Any:
    given: Callable[[Any], list[Any]]
    if type(value) is list:
        for index, row in enumerate(value):
            if type(row) is not dict:
                raise Mismatch(f"expected an object (a row), got {name_of(row)}", f"[{index}]")
        frame = pandas.DataFrame.from_records(value)
        given = lambda name: [row.get(name) for row in value]  # noqa: E731
        if not value and known is not None:
            frame = pandas.DataFrame(columns=known.columns)
    elif type(value) is dict and _SPLIT - {"index"} <= value.keys() <= _SPLIT:
        try:
            frame = pandas.DataFrame(value["data"], value.get("index"), value["columns"])
        except (ValueError, TypeError) as error:
            raise Mismatch(f"columns, data and index do not fit together: {error}") from None
        place = {name: index for index, name in enumerate(frame.columns)}
        given = lambda name: [row[place[name]] for row in value["data"]]  # noqa: E731
    elif type(value) is dict:
        for name, column in value.items():
            if type(column) is not list:
                raise Mismatch(f"expected an array (a column), got {name_of(column)}", f".{name}")
        try:
            frame = pandas.DataFrame(value)
        except ValueError as error:
            raise Mismatch(f"not a table: {error}") from None
        given = value.__getitem__
    else:
        raise Mismatch(
            "expected an array of rows, an object of columns or {columns, data}, got "
            + name_of(value)
        )
    if frame.columns.is_unique:
        for name in frame.columns:
            if _rounds(frame[name]):
                frame[name] = _integers(pandas, given(name), frame[name])
    return _like(frame, known)


def _rounds(column: Any) -> bool:
    # Where pandas made floats, it may have done so of integers with a null among them.
    return bool(column.dtype == float and (column.abs() >= _EXACT).any())


def _integers(pandas: Any, given: list[Any], column: Any) -> Any:
    """Return a column that pandas has rounded; as it is, unless all that was given are integers."""
    if not all(type(item) is int or item is None for item in given):
        return column
    try:
        return pandas.Series(given, column.index, "Int64", column.name)
    except OverflowError:
        return pandas.Series(given, column.index, object, column.name)


def _like(frame: Any, known: Any) -> Any:
    if known is None:
        return frame
    order = [name for name in known.columns if name in frame.columns]
    frame = frame[order + [name for name in frame.columns if name not in known.columns]]
    for name in order:
        frame[name] = _retype(frame[name], known.dtypes[name], f".{name}")
    return frame


def _series(pandas: Any, value: Any, known: Any) -> Any:
    if type(value) not in (list, dict):
        raise Mismatch(f"expected an array or an object, got {name_of(value)}")
    series = pandas.Series(value, dtype=None if len(value) else object)
    if _rounds(series):
        given = list(value.values()) if type(value) is dict else value
        series = _integers(pandas, given, series)
    if known is None:
        return series
    series.name = known.name
    return _retype(series, known.dtype, "")


def _retype(series: Any, dtype: Any, path: str) -> Any:
    if series.dtype == dtype:
        return series
    kinds = {getattr(one, "kind", "O") for one in (series.dtype, dtype)}
    if len(series) and kinds in ({"b", "i"}, {"b", "f"}):
        raise Mismatch(f"expected items of dtype {dtype}, got {series.dtype}", path)
    try:
        cast = series.astype(dtype)
        numbers = {"i", "u", "f"}
        if kinds <= numbers and getattr(dtype, "kind", "O") in "iu" and not (cast == series).all():
            raise ValueError("a number does not fit")
    except (ValueError, TypeError, OverflowError) as error:
        raise Mismatch(f"cannot be of dtype {dtype}: {error}", path) from None
    return cast
