"""Places outside of the notebook: dotted paths to modules, their classes, and what these hold.

Used where a session is saved, in the kernel, and where it is restored.
"""

from __future__ import annotations

import importlib
import sys
import types
from typing import Any

from .importable import dict_of

_missing = object()
#: What stood, before it was replaced, at a place in a module.
_originals: dict[tuple[str, str], Any] = {}


def resolve(path: str) -> Any:
    """Return what a dotted path leads to, importing modules on the way.

    Raises:
        ImportError: it begins with no module.
        AttributeError: there is no such attribute on the way.
    """
    top, *steps = path.split(".")
    found: Any = importlib.import_module(top)
    dotted = top
    for step in steps:
        dotted = f"{dotted}.{step}"
        inner = _module(found, dotted)
        if step == "__func__" and type(found) is types.FunctionType:
            continue  # of a static method, which a class gives as it is
        found = getattr(found, step) if inner is None else inner
    return found


def _module(parent: Any, dotted: str) -> types.ModuleType | None:
    """Return the submodule of that name: an attribute of a package may hide one."""
    if not issubclass(type(parent), types.ModuleType) or "__path__" not in vars(parent):
        return None
    if dotted in sys.modules:
        return sys.modules[dotted]
    if dotted.rpartition(".")[2] in vars(parent):
        return None
    try:
        return importlib.import_module(dotted)
    except ModuleNotFoundError as error:
        if error.name != dotted:
            raise
        return None


def held(holder: Any, name: str) -> Any:
    """Return an attribute as it is kept: of a module or class no code of theirs is run.

    Raises:
        AttributeError: there is none.
    """
    kind = type(holder)
    if issubclass(kind, type):
        found = dict_of(holder).get(name, _missing)
    elif issubclass(kind, types.ModuleType):
        found = vars(holder).get(name, _missing)
    else:
        found = getattr(holder, name, _missing)
    if found is _missing:
        raise AttributeError(name)
    return found


def put(holder: Any, name: str, value: Any) -> None:
    """Set an attribute; a metaclass is not asked."""
    kind = type(holder)
    if issubclass(kind, type):
        type.__setattr__(holder, name, value)
    elif issubclass(kind, types.ModuleType):
        if name in vars(holder):
            _originals.setdefault((holder.__name__, name), vars(holder)[name])
        vars(holder)[name] = value
    else:
        setattr(holder, name, value)


def original(module: str, name: str) -> Any:
    """Return what a module has under a name, or had before that was replaced.

    Raises:
        ImportError: there is no such module.
        AttributeError: it has no such name.
    """
    holder = importlib.import_module(module)
    found = _originals.get((module, name), _missing)
    return getattr(holder, name) if found is _missing else found
