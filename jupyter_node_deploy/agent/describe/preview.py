"""Short texts of values, made without running any code of the user's."""

from __future__ import annotations

import collections
import functools
import sys
import types
from collections.abc import Iterator
from typing import Any

from ...namespace.immutable_types import PLAIN

_bases = type.__dict__["__bases__"].__get__

_LENGTH = 200
_ITEMS = 30
_DEPTH = 4
_NUMBER_BITS = 1000
_CONTAINERS: dict[type, tuple[str, str]] = {
    list: ("[", "]"),
    tuple: ("(", ")"),
    set: ("{", "}"),
    frozenset: ("frozenset({", "})"),
    collections.deque: ("deque([", "])"),
}
_MAPPINGS: dict[type, tuple[str, str]] = {
    dict: ("{", "}"),
    collections.OrderedDict: ("OrderedDict({", "})"),
    collections.defaultdict: ("defaultdict({", "})"),
    collections.Counter: ("Counter({", "})"),
}
_SIZED = (str, bytes, bytearray, range, *_CONTAINERS, *_MAPPINGS)


def type_name(kind: type) -> str:
    """Return the type's name, qualified unless it is a builtin or the notebook's own."""
    name: str = type.__dict__["__qualname__"].__get__(kind)
    module = type.__dict__["__module__"].__get__(kind)
    if not isinstance(module, str) or module in ("builtins", "__main__"):
        return name
    return f"{module}.{name}"


def preview(value: Any) -> str:
    """Return a text of the value, at most 200 characters."""
    try:
        text = "".join(_pieces(value))
    except Exception:  # another thread changes the value
        text = f"<{type_name(type(value))}>"
    return text if len(text) <= _LENGTH else text[: _LENGTH - 1] + "…"


def shape(value: Any) -> str | None:
    """Return ``(100, 3)`` for arrays and frames, the length for sized builtins, else None."""
    kind = type(value)
    if kind in _SIZED:
        return str(len(value))
    if library(kind) is not None:
        try:
            return str(tuple(int(length) for length in value.shape))
        except Exception:
            return None
    return None


def library(kind: type) -> str | None:
    """Return ``ndarray``, ``DataFrame``, ``Series`` or ``Tensor`` for these very types."""
    for module, names in (
        ("numpy", ("ndarray",)),
        ("pandas", ("DataFrame", "Series")),
        ("torch", ("Tensor",)),
    ):
        loaded = sys.modules.get(module)
        if loaded is not None:
            for name in names:
                if loaded.__dict__.get(name) is kind:
                    return name
    return None


def _pieces(value: Any) -> Iterator[str]:
    length = 0
    for piece in _walk(value, _DEPTH):
        yield piece
        length += len(piece)
        if length > _LENGTH:
            return


def _walk(value: Any, depth: int) -> Iterator[str]:
    kind = type(value)
    if kind is str or kind is bytes or kind is bytearray:
        yield repr(value[:_LENGTH])
    elif kind is int:
        long = value.bit_length() > _NUMBER_BITS
        yield f"<int of {value.bit_length()} bits>" if long else repr(value)
    elif kind in PLAIN:
        yield repr(value)
    elif kind in _CONTAINERS:
        yield from _container(value, depth)
    elif kind in _MAPPINGS:
        yield from _mapping(value, depth)
    else:
        yield _other(value, kind)


def _container(value: Any, depth: int) -> Iterator[str]:
    opening, closing = _CONTAINERS[type(value)]
    if not value and type(value) is set:
        opening, closing = "set(", ")"
    yield opening
    for position, item in enumerate(value):
        if position == _ITEMS or not depth:
            yield "…"
            break
        if position:
            yield ", "
        yield from _walk(item, depth - 1)
    if type(value) is tuple and len(value) == 1:
        yield ","
    yield closing


def _mapping(value: Any, depth: int) -> Iterator[str]:
    opening, closing = _MAPPINGS[type(value)]
    yield opening
    for position, (key, item) in enumerate(value.items()):
        if position == _ITEMS or not depth:
            yield "…"
            break
        if position:
            yield ", "
        yield from _walk(key, depth - 1)
        yield ": "
        yield from _walk(item, depth - 1)
    yield closing


def _other(value: Any, kind: type) -> str:
    if kind is types.FunctionType:
        code = value.__code__
        count = code.co_argcount + code.co_kwonlyargcount
        return f"def {value.__name__}({', '.join(code.co_varnames[:count])})"
    if kind is functools._lru_cache_wrapper:
        return _other(value.__wrapped__, type(value.__wrapped__))
    if kind is types.ModuleType:
        version = value.__dict__.get("__version__")
        name = value.__dict__.get("__name__")
        return f"module {name} {version}" if type(version) is str else f"module {name}"
    if issubclass(kind, type):
        bases = [type_name(base) for base in _bases(value) if base is not object]
        return (
            f"class {type_name(value)}({', '.join(bases)})"
            if bases
            else f"class {type_name(value)}"
        )
    if kind in (types.BuiltinFunctionType, types.MethodType):
        return f"{getattr(value, '__name__', 'method')}(…)"
    found = library(kind)
    if found == "ndarray":
        return _array(value)
    if found == "DataFrame":
        columns = zip(list(value.columns[:_ITEMS]), list(value.dtypes.iloc[:_ITEMS]), strict=False)
        return "columns: " + ", ".join(f"{_text(name)} {_text(dtype)}" for name, dtype in columns)
    if found == "Series":
        return f"{_text(value.name)} {_text(value.dtype)}"
    numpy = sys.modules.get("numpy")
    if numpy is not None and issubclass(kind, getattr(numpy, "generic", ())):
        return (
            repr(value)[:_LENGTH] if kind.__module__.startswith("numpy") else f"<{type_name(kind)}>"
        )
    return f"<{type_name(kind)}>"


def _array(array: Any) -> str:
    if array.dtype.hasobject:
        return f"array of {array.dtype}"
    shown = array.ravel()[:_ITEMS] if array.flags.c_contiguous else array.flat[:_ITEMS]
    values = ", ".join(
        f"{item:.6g}" if type(item) is float else str(item) for item in shown.tolist()
    )
    rest = ", …" if array.size > _ITEMS else ""
    return f"array of {array.dtype}: {values}{rest}"


def _text(value: Any) -> str:
    # Names of columns are mostly strings; dtypes have short names of their own.
    kind = type(value)
    if kind in (str, int, float, type(None)):
        return str(value)[:_LENGTH]
    module = str(type.__dict__["__module__"].__get__(kind))
    return str(value) if module.partition(".")[0] in ("numpy", "pandas") else f"<{type_name(kind)}>"
