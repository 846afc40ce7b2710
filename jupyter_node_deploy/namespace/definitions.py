"""The notebook's own functions and classes, which saved variables refer to by name."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Mapping
from typing import Any

from .importable import HIDDEN_TYPES, found_in, module_of, qualname_of


def _is_definition(value: Any) -> bool:
    """Tell whether a value is a function or class of the notebook, referred to by name."""
    kind = type(value)
    if kind is types.FunctionType:
        return not found_in(value.__module__, value.__qualname__, value)
    if issubclass(kind, type):
        return value not in HIDDEN_TYPES and not found_in(
            module_of(value), qualname_of(value), value
        )
    if kind is functools._lru_cache_wrapper:
        attributes = value.__dict__
        return not found_in(attributes.get("__module__"), attributes.get("__qualname__"), value)
    return kind in _NAMED_TYPES and value.__module__ == "__main__"


_NAMED_TYPES = tuple(
    getattr(typing, name)
    for name in ("TypeVar", "ParamSpec", "TypeVarTuple", "NewType")
    if hasattr(typing, name)
)


def definitions(values: Mapping[str, Any]) -> dict[int, str]:
    """Return the name by which each function and class of the notebook is referred to."""
    found: dict[int, str] = {}
    for name, value in values.items():
        if _is_definition(value) and (id(value) not in found or _own_name(value) == name):
            found[id(value)] = name
    return found


def _own_name(value: Any) -> Any:
    if issubclass(type(value), type):
        return qualname_of(value)
    return getattr(value, "__name__", None)
