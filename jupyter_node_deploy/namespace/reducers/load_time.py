"""Which global names a class' own code may use while its instances are loaded."""

from __future__ import annotations

import types
from collections.abc import Iterator
from typing import Any

from ..importable import dict_of, found_in, is_heap_type, module_of, mro, qualname_of
from .code import global_names

#: Methods that loading an instance, or putting it into a set or dict, may call.
_CALLED = (
    "__array_finalize__",
    "__eq__",
    "__getattr__",
    "__getattribute__",
    "__hash__",
    "__init__",
    "__missing__",
    "__new__",
    "__reduce__",
    "__reduce_ex__",
    "__setattr__",
    "__setitem__",
    "__setstate__",
    "append",
    "extend",
)


def names_at_load(kind: type) -> frozenset[str]:
    """Return the global names that loading instances of the notebook's class may use."""
    found: set[str] = set()
    for cls in mro(kind):
        if is_heap_type(cls) and not found_in(module_of(cls), qualname_of(cls), cls):
            own = dict_of(cls)
            for name in _CALLED:
                for function in _functions(own.get(name)):
                    found |= global_names(function.__code__)
    return frozenset(found)


def _functions(value: Any) -> Iterator[types.FunctionType]:
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    while type(value) is types.FunctionType:
        yield value
        value = getattr(value, "__wrapped__", None)
