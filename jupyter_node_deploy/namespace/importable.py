"""What can be found again by importing it; asks types without running any code of theirs."""

from __future__ import annotations

import sys
import types
from collections.abc import Mapping
from typing import Any, cast

_module = type.__dict__["__module__"].__get__
_mro = type.__dict__["__mro__"].__get__
_name = type.__dict__["__name__"].__get__
_qualname = type.__dict__["__qualname__"].__get__
_bases = type.__dict__["__bases__"].__get__
_dict = type.__dict__["__dict__"].__get__
_flags = type.__dict__["__flags__"].__get__
_missing = object()

#: Modules that the notebook has made: no other process finds them by their names.
MADE: set[str] = set()

#: Types that Python itself knows by no importable name.
HIDDEN_TYPES: dict[type, str] = {
    cls: name
    for name, cls in vars(types).items()
    if isinstance(cls, type) and cls.__module__ == "builtins"
}


def module_of(cls: type) -> str:
    """Return the name of the module that defines the class, empty if it can't be told."""
    try:
        module = _module(cls)
    except AttributeError:
        return ""
    return module if isinstance(module, str) else ""


def mro(cls: type) -> tuple[type, ...]:
    """Return the classes that the class derives from, itself first."""
    return cast("tuple[type, ...]", _mro(cls))


def name_of(cls: type) -> str:
    """Return the name of the class."""
    return cast("str", _name(cls))


def bases_of(cls: type) -> tuple[type, ...]:
    """Return the classes that the class was derived from."""
    return cast("tuple[type, ...]", _bases(cls))


def dict_of(cls: type) -> Mapping[str, Any]:
    """Return the class' own attributes."""
    return cast("Mapping[str, Any]", _dict(cls))


def is_heap_type(cls: type) -> bool:
    """Tell whether the class was made at run time, by a class statement or an extension."""
    return bool(_flags(cls) & 1 << 9)


def qualname_of(cls: type) -> str:
    """Return the dotted name of the class inside its module."""
    return cast("str", _qualname(cls))


def is_array(cls: type) -> bool:
    """Tell whether it is numpy's array, without importing numpy."""
    return cls is getattr(sys.modules.get("numpy"), "ndarray", _missing)


def is_made(module: types.ModuleType) -> bool:
    """Tell whether no import finds a module in another process."""
    name = types.ModuleType.__getattribute__(module, "__name__")
    return type(name) is str and (sys.modules.get(name) is not module or name in MADE)


def found_in(module: Any, qualname: Any, thing: Any) -> bool:
    """Tell whether a module that is not the notebook has ``thing`` under that dotted name."""
    if type(module) is not str or type(qualname) is not str or module == "__main__":
        return False
    if module in MADE:
        return False
    found: Any = sys.modules.get(module, _missing)
    for step in qualname.split("."):
        if found is _missing:
            return False
        found = _attribute(found, step)
    return found is thing


def _attribute(holder: Any, name: str) -> Any:
    if type(holder) is types.ModuleType:
        return holder.__dict__.get(name, _missing)
    try:
        return getattr(holder, name, _missing)
    except Exception:  # a lazy module that fails to import what was asked of it
        return _missing
