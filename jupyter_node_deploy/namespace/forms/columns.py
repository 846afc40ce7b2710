"""From a list of JSON values to a column like the example's: its dtype, and no value changed.

For the columns of tables, for Series and for the levels of an index. pandas and NumPy are handed
in: they are the user's.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from typing import Any

from . import likeness
from .faults import Mismatch, NoInput
from .moments import INSTANT
from .names import name_of

#: Makes an array of a list.
Column = Callable[[list[Any]], Any]
_EXACT = 2**53  # a float holds every integer below it
_INTERVAL = re.compile(r"([\[(])(.+?), (.+)([\])])")
_NULL = type(None)


def column_like(pandas: Any, known: Any) -> Column:
    """Return what makes arrays of lists of JSON values, with the dtype of a Series or an Index.

    The function that it returns raises ``Mismatch``.

    Raises:
        NoInput: JSON can't say all that the example holds.
    """
    return exact(pandas, known.dtype, known)


def exact(pandas: Any, dtype: Any, known: Any) -> Column:
    """Return the function for a dtype; ``known`` has it, and shows what its objects are."""
    import numpy

    kind = getattr(dtype, "kind", "O")
    if isinstance(dtype, numpy.dtype):
        if kind in "biuf":
            return lambda items: _numbers(pandas, numpy, dtype, items)
        if kind == "M":
            return lambda items: _instants(pandas, dtype, None, items)
        if kind == "m":
            return lambda items: _spans(numpy, dtype, items)
        if kind == "O":
            return _objects(pandas, numpy, known)
        raise NoInput(f"JSON has nothing that stands for the dtype {dtype}")
    if isinstance(dtype, pandas.DatetimeTZDtype):
        return lambda items: _instants(pandas, dtype, dtype.tz, items)
    if isinstance(dtype, pandas.StringDtype):
        return lambda items: pandas.array(_all_of(items, (str, _NULL), dtype), dtype=dtype)
    if isinstance(dtype, pandas.CategoricalDtype):
        return _categories(pandas, dtype)
    if isinstance(dtype, pandas.PeriodDtype):
        return lambda items: _periods(pandas, dtype, items)
    if isinstance(dtype, pandas.IntervalDtype):
        return _intervals(pandas, dtype)
    taken = {"b": (bool, _NULL), "i": (int, _NULL), "u": (int, _NULL), "f": (int, float, _NULL)}
    if kind in taken and str(dtype) != "Sparse":
        return lambda items: _made(pandas, _all_of(items, taken[kind], dtype), dtype)
    raise NoInput(f"JSON has nothing that stands for the dtype {dtype}")


def _made(pandas: Any, items: list[Any], dtype: Any) -> Any:
    try:
        return pandas.array(items, dtype=dtype)
    except (ValueError, TypeError, OverflowError) as error:
        raise Mismatch(f"cannot be of dtype {dtype}: {error}") from None


def _all_of(items: list[Any], taken: tuple[type, ...], dtype: Any) -> list[Any]:
    """Return the items, which are all of these types.

    Raises:
        Mismatch: one is not.
    """
    if {*map(type, items)}.issubset(taken):
        return items
    number, odd = next((n, one) for n, one in enumerate(items) if type(one) not in taken)
    raise Mismatch(f"expected items of dtype {dtype}, got {name_of(odd)}", f"[{number}]")


# --- numbers ---


def _numbers(pandas: Any, numpy: Any, dtype: Any, items: list[Any]) -> Any:
    kind = dtype.kind
    given = {*map(type, items)}
    if kind == "b":
        return numpy.array(_all_of(items, (bool,), dtype), dtype)
    if kind == "f":
        if _NULL in given:
            _all_of(items, (int, float, _NULL), dtype)
            items = [math.nan if item is None else item for item in items]
        else:
            _all_of(items, (int, float), dtype)
        return _fitting(numpy, items, dtype)
    if given <= {int}:
        return _fitting(numpy, items, dtype)
    _all_of(items, (int, float, _NULL), dtype)
    for number, item in enumerate(items):
        if type(item) is float and not item.is_integer():
            raise Mismatch(f"expected items of dtype {dtype}, got a number", f"[{number}]")
    if _NULL not in given:
        return _fitting(numpy, [int(item) for item in items], dtype)
    # As pandas reads it: a column of integers with a gap holds floats.
    if any(item is not None and abs(item) >= _EXACT for item in items):
        return _made(pandas, [None if one is None else int(one) for one in items], "Int64")
    return numpy.array([math.nan if item is None else item for item in items], float)


def _fitting(numpy: Any, items: list[Any], dtype: Any) -> Any:
    fits = True
    with numpy.errstate(all="ignore"):
        try:
            made = numpy.array(items, dtype)
            if dtype.kind == "f" and dtype.itemsize < 8:
                fits = (numpy.isinf(made) == numpy.isinf(numpy.array(items, float))).all()
        except OverflowError:
            fits = False
    if not fits:
        raise Mismatch(f"cannot be of dtype {dtype}: a number does not fit")
    return made


# --- dates and times ---


def _instants(pandas: Any, dtype: Any, zone: Any, items: list[Any]) -> Any:
    _all_of(items, (str, _NULL), dtype)
    for number, item in enumerate(items):
        match = INSTANT.fullmatch(item) if item is not None else None
        if item is not None and match is None:
            told = "not an ISO 8601 date and time, such as 2026-01-31T12:00:00"
            raise Mismatch(told + ("Z" if zone is not None else ""), f"[{number}]")
        if match is not None and (match[4] is None) != (zone is None):
            told = (
                "has a time zone, and the example's have none"
                if zone is None
                else "has no time zone, and the example's have one: add it, such as Z or +02:00"
            )
            raise Mismatch(told, f"[{number}]")
    options = {"format": "ISO8601"} if int(pandas.__version__.partition(".")[0]) >= 2 else {}
    try:
        # As objects: an empty list and one of nulls have no dtype of their own.
        given = pandas.Series(items, dtype=object)
        found = pandas.to_datetime(given, utc=zone is not None, **options)
        return found.astype(dtype).array
    except (ValueError, OverflowError) as error:
        raise Mismatch(f"cannot be of dtype {dtype}: {error}") from None


def _spans(numpy: Any, dtype: Any, items: list[Any]) -> Any:
    """Durations: seconds."""
    _all_of(items, (int, float, _NULL), dtype)
    try:
        made = ["NaT" if item is None else round(item * 10**9) for item in items]
        return numpy.array(made, "timedelta64[ns]").astype(dtype)
    except (ValueError, OverflowError) as error:
        raise Mismatch(f"cannot be of dtype {dtype}: {error}") from None


def _periods(pandas: Any, dtype: Any, items: list[Any]) -> Any:
    _all_of(items, (str, _NULL), dtype)
    try:
        made = [pandas.NaT if one is None else pandas.Period(one, dtype.freq) for one in items]
        return pandas.array(made, dtype=dtype)
    except (ValueError, TypeError) as error:
        raise Mismatch(f"not periods: {error}") from None


def _intervals(pandas: Any, dtype: Any) -> Column:
    kind = getattr(dtype.subtype, "kind", "O")
    if kind not in "iufM":
        raise NoInput(f"JSON has nothing that stands for the dtype {dtype}")
    side = exact(pandas, dtype.subtype, None)
    brackets = {
        "left": ("[", ")"),
        "right": ("(", "]"),
        "both": ("[", "]"),
        "neither": ("(", ")"),
    }[dtype.closed]

    def make(items: list[Any]) -> Any:
        _all_of(items, (str, _NULL), dtype)
        matches = [None if item is None else _INTERVAL.fullmatch(item) for item in items]
        for number, (item, match) in enumerate(zip(items, matches, strict=True)):
            if item is not None and (match is None or (match[1], match[4]) != brackets):
                told = f"not an interval, such as {brackets[0]}0, 1{brackets[1]}"
                raise Mismatch(told, f"[{number}]")
        try:
            ends = [
                [
                    None if one is None else one[n] if kind == "M" else json.loads(one[n])
                    for one in matches
                ]
                for n in (2, 3)
            ]
            left, right = (side(one) for one in ends)
            made = pandas.arrays.IntervalArray.from_arrays(left, right, closed=dtype.closed)
            return pandas.array(made, dtype=None if None in matches else dtype)
        except (ValueError, TypeError) as error:
            raise Mismatch(f"not intervals: {error}") from None

    return make


# --- what is one of several, and anything ---


def _categories(pandas: Any, dtype: Any) -> Column:
    make = column_like(pandas, dtype.categories)

    def made(items: list[Any]) -> Any:
        there = [item for item in items if item is not None]
        numbers = iter(dtype.categories.get_indexer(pandas.Index(make(there))).tolist())
        codes = [-1 if item is None else next(numbers) for item in items]
        for number, (item, code) in enumerate(zip(items, codes, strict=True)):
            if code < 0 and item is not None:
                shown = ", ".join(
                    json.dumps(str(one), ensure_ascii=False) for one in dtype.categories[:20]
                )
                told = f"{json.dumps(item, ensure_ascii=False)} is none of the categories: {shown}"
                raise Mismatch(told, f"[{number}]")
        return pandas.Categorical.from_codes(codes, dtype=dtype)

    return made


def _objects(pandas: Any, numpy: Any, known: Any) -> Column:
    """Objects: texts only, where the example's are; else anything, restored like the example's."""
    items = known.tolist() if known is not None else []
    missing = known.isna().tolist() if known is not None else []
    there = [item for item, gone in zip(items, missing, strict=True) if not gone]
    gaps = [item for item, gone in zip(items, missing, strict=True) if gone]
    if {*map(type, gaps)} not in (set(), {float}, {_NULL}):
        raise NoInput("JSON has one null, and it has missing values of other kinds")
    gap = gaps[0] if gaps else None
    text = bool(there) and {*map(type, there)} == {str}
    restore = None if text else likeness.restorer(likeness.united(there))

    def make(given: list[Any]) -> Any:
        if text:
            _all_of(given, (str, _NULL), "text")
        array = numpy.empty(len(given), object)
        for number, item in enumerate(given):
            array[number] = gap if item is None else item if restore is None else restore(item)
        # An Index: of a bare array pandas finds a dtype of its own.
        return pandas.Index(array, dtype=object, tupleize_cols=False)

    return make
