"""From the cell's outputs to JSON (standard library only).

The C encoder does the work; what it does not know is turned into plain values one level at a
time. Only when that fails is the value walked in Python, to convert odd keys and to name the path
of what has no JSON form.
"""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import decimal
import enum
import fractions
import json
import math
import os
import sys
import uuid
from array import array
from collections.abc import Mapping, Sequence, Set, ValuesView
from typing import Any

from . import labels
from .faults import NotJson
from .labels import key_text

_LEAVES = frozenset((str, int, float, bool, type(None)))
_NUMBER = frozenset("-0123456789")
_STARTS = {
    "dict": (frozenset("{"), "an object"),
    "list": (frozenset("["), "an array"),
    "str": (frozenset('"'), "a string"),
    "int": (_NUMBER, "an integer"),
    "float": (_NUMBER | frozenset("NI"), "a number"),
    "bool": (frozenset("tf"), "a boolean"),
    "bytes": (frozenset('"'), "bytes"),
    "ndarray": (frozenset("["), "an array"),
    "DataFrame": (frozenset("["), "a table"),
    "Series": (frozenset("[{"), "a series"),
    "datetime": (frozenset('"'), "a date and time"),
}


class Encoder:
    """Encodes outputs.

    Args:
        allow_nan: NaN and infinities become ``NaN`` and ``Infinity`` instead of an error.

    Attributes:
        plain: the last value held nothing but JSON's own types, so it may be checked as it is.
    """

    def __init__(self, *, allow_nan: bool = False) -> None:
        self.allow_nan = allow_nan
        self.plain = True
        self._mixed_keys = False
        self._encode = json.JSONEncoder(
            ensure_ascii=False,
            allow_nan=allow_nan,
            separators=(",", ":"),
            default=self._default,
        ).encode

    def encode(self, value: Any, declared: str = "any") -> str:
        """Return the JSON text of a value.

        Raises:
            NotJson: it has none, or it is not what was declared.
        """
        self.plain = True
        self._mixed_keys = False
        try:
            text = self._encode(value)
            # Only now: what can be encoded does not contain itself.
            if self._mixed_keys or _has_mixed_keys(value):
                raise TypeError  # looked at one by one: two of them may be the same text
        except RecursionError:
            raise NotJson("nested too deeply, or it contains itself") from None
        except (TypeError, ValueError, OverflowError, NotJson):
            self.plain = False
            try:
                text = self._encode(self._convert(value, "", set()))
            except RecursionError:
                raise NotJson("nested too deeply") from None
            except (TypeError, ValueError, OverflowError) as error:
                raise NotJson(str(error)) from None
        if declared != "any":
            _check_declared(declared, value, text)
        return text

    def _default(self, value: Any) -> Any:
        self.plain = False
        found = plain(value)
        self._mixed_keys = self._mixed_keys or _has_mixed_keys(found)
        return found

    def _convert(self, value: Any, path: str, parents: set[int]) -> Any:
        if value is None or isinstance(value, (bool, int, str)):
            return value
        if isinstance(value, float):
            if not self.allow_nan and not math.isfinite(value):
                raise NotJson(f"{float(value)} is not allowed in JSON", path)
            return value
        if id(value) in parents:
            raise NotJson("it contains itself", path)
        parents.add(id(value))
        try:
            if isinstance(value, dict):
                keys = [_key(key, path) for key in value]
                if len({key_text(key) for key in keys}) < len(keys):
                    raise NotJson(f"two keys of the object are both {_twice(keys)} as text", path)
                return {
                    key: self._convert(item, f"{path}.{key_text(key)}", parents)
                    for key, item in zip(keys, value.values(), strict=True)
                }
            if isinstance(value, (list, tuple)):
                return [
                    self._convert(item, f"{path}[{index}]", parents)
                    for index, item in enumerate(value)
                ]
            try:
                once = plain(value)
            except NotJson as error:
                raise NotJson(error.message, path + error.path) from None
            return self._convert(once, path, parents)
        finally:
            parents.discard(id(value))


def _has_mixed_keys(value: Any) -> bool:
    """Whether a dict in it has keys of several types, such as 1 and "1"."""
    below = [value] if isinstance(value, (dict, list, tuple)) else []
    while below:
        items: Any = below.pop()
        if isinstance(items, dict):
            if len({*map(type, items)}) > 1:
                return True
            items = items.values()
        if not _LEAVES.issuperset(map(type, items)):
            below += [item for item in items if isinstance(item, (dict, list, tuple))]
    return False


def plain(value: Any) -> Any:
    """Return ``value`` one step nearer to JSON: its parts may need the same again.

    Raises:
        NotJson: there is no sensible form.
    """
    if isinstance(value, (bytes, bytearray, memoryview)):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, enum.Enum):
        return value.value
    pandas = sys.modules.get("pandas")
    if pandas is not None:
        known, result = _pandas(pandas, value)
        if known:
            return result
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        if isinstance(value, numpy.ndarray):
            if value.dtype.kind in "mM":
                return [plain(item) for item in value] if value.ndim else plain(value[()])
            return value.tolist()
        if isinstance(value, (numpy.datetime64, numpy.timedelta64)):
            if numpy.isnat(value):
                return None
            if isinstance(value, numpy.datetime64):
                return str(numpy.datetime_as_string(value))
            return float(value / numpy.timedelta64(1, "s"))
        if isinstance(value, numpy.generic) and not isinstance(value, numpy.complexfloating):
            item = value.item()
            return float(item) if isinstance(item, numpy.generic) else item
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, (decimal.Decimal, fractions.Fraction)):
        if isinstance(value, decimal.Decimal) and not value.is_finite():
            raise NotJson(f"Decimal {value} is not allowed in JSON")
        return str(value)  # exact; a float would not be
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        try:
            return sorted(value)
        except TypeError:
            return list(value)
    if isinstance(value, (Sequence, ValuesView, array)):
        return list(value)
    if not isinstance(value, type):
        if hasattr(value, "model_dump") and hasattr(type(value), "model_fields"):
            try:
                return value.model_dump(mode="json")  # pydantic 2
            except ValueError:  # it has no form of its own for bytes that are not UTF-8
                return value.model_dump()
        if hasattr(type(value), "__fields__") and callable(getattr(value, "dict", None)):
            return value.dict()  # pydantic 1
        torch = sys.modules.get("torch")
        if torch is not None and isinstance(value, torch.Tensor):
            return value.detach().cpu().tolist()
    kind = type(value)
    name = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    hint = ": turn it into a list in the cell" if hasattr(value, "__next__") else ""
    raise NotJson(f"a value of type {name} has no JSON form{hint}")


def _pandas(pandas: Any, value: Any) -> tuple[bool, Any]:
    if isinstance(value, pandas.DataFrame):
        names, columns = labels.columns_of(value)
        return True, labels.records(names, [labels.items_of(one) for one in columns], len(value))
    if isinstance(value, pandas.Series):
        if labels.counts(value.index):
            return True, labels.items_of(value)
        if value.index.nlevels == 1:
            return True, labels.labelled(value)
        last = labels.name_of("value" if value.name is None else value.name)
        names, levels = labels.levels_of(value.index, [labels.text(last)])
        items = [labels.items_of(one) for one in (*levels, value)]
        return True, labels.records([*names, last], items, len(value))
    if isinstance(value, pandas.MultiIndex):
        levels = [labels.items_of(value.get_level_values(n)) for n in range(value.nlevels)]
        return True, [list(item) for item in zip(*levels, strict=True)]
    if isinstance(value, pandas.Index):
        return True, labels.items_of(value)
    if isinstance(value, pandas.api.extensions.ExtensionArray):
        return True, labels.items_of(pandas.Series(value))
    if value is pandas.NaT or value is pandas.NA:
        return True, None
    if isinstance(value, (pandas.Period, pandas.Interval)):
        return True, str(value)
    return False, None


def _key(key: Any, path: str) -> Any:
    if key is None or isinstance(key, (str, bool, int, float)):
        return key
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(key, numpy.generic):
        return _key(key.item(), path)
    if isinstance(key, enum.Enum):
        return _key(key.value, path)
    if isinstance(key, (dt.date, dt.time)):
        return key.isoformat()
    if isinstance(key, (uuid.UUID, decimal.Decimal)):
        return str(key)
    pandas = sys.modules.get("pandas")
    if pandas is not None and isinstance(key, (pandas.Period, pandas.Interval)):
        return str(key)
    raise NotJson(f"a key of type {type(key).__name__} has no JSON form", path)


def _twice(keys: list[Any]) -> str:
    texts = [key_text(key) for key in keys]
    return json.dumps(next(text for text in texts if texts.count(text) > 1), ensure_ascii=False)


def _check_declared(declared: str, value: Any, text: str) -> None:
    # The declared type is a promise about the answer, so the answer is what is looked at.
    starts, name = _STARTS[declared]
    good = text[0] in starts
    if good and declared == "int":
        good = not isinstance(value, float) and text.lstrip("-").isdigit()
    elif good and declared == "bytes":
        good = isinstance(value, (bytes, bytearray, memoryview))
    elif good and declared == "datetime":
        numpy = sys.modules.get("numpy")
        good = isinstance(value, (dt.datetime, dt.date)) or (
            numpy is not None and isinstance(value, numpy.datetime64)
        )
    if not good:
        raise NotJson(f"declared as {name}, but the cell gave {type(value).__name__}")
