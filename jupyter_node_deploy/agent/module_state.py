"""What of a local module's own variables is no longer as importing it anew would make it."""

from __future__ import annotations

import ast
import collections
import importlib.util
import sys
import types
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..namespace import quiet_warnings
from ..namespace.importable import module_of

_ATOMS = (type(None), bool, int, float, complex, str, bytes)
#: Items of a container that are looked at.
_LIMIT = 1_000
_unknown = object()


class ModuleState:
    """The variables of a module as they were when it was first seen.

    A constant that the source sets once, and nothing else at its top level mentions, was already
    changed if it differs then. Of other values only what happens from then on can be told. Those
    of the module's own classes are looked into, of other instances only that they were replaced is
    seen.

    Args:
        source: the module's.
        namespace: its variables.
    """

    def __init__(self, source: bytes, namespace: Mapping[str, Any]) -> None:
        constants = _constants(source)
        self._module = namespace.get("__name__")
        self._known: dict[str, Any] = {}
        for name, value in list(namespace.items()):
            if type(name) is not str or name.startswith("__") or _is_code(value):
                continue
            self._known[name] = self._form(constants.get(name, value))

    def changed(self, namespace: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the variables that differ now."""
        return tuple(
            name
            for name, form in self._known.items()
            if form is not _unknown and self._form(namespace.get(name, _unknown)) != form
        )

    def _form(self, value: Any, depth: int = 3) -> Any:
        """Return what can be compared without running code of the value's."""
        kind = type(value)
        if value is _unknown:
            return (kind, "gone")
        if kind in _ATOMS:
            return (kind, value)
        if kind not in (list, tuple, dict, set, frozenset):
            own = module_of(kind) == self._module and depth and kind.__dictoffset__
            attributes = object.__getattribute__(value, "__dict__") if own else {}
            return (kind, id(value), self._form(attributes, depth - 1) if attributes else None)
        if len(value) > _LIMIT or depth == 0:
            return _unknown
        if kind is dict:
            parts = [self._form(part, depth - 1) for item in list(value.items()) for part in item]
        else:
            parts = [self._form(part, depth - 1) for part in list(value)]
        if _unknown in parts:
            return _unknown
        return (kind, frozenset(parts) if kind in (set, frozenset) else tuple(parts))


def was_edited(origin: str) -> bool:
    """Tell whether a source differs from the one that Python compiled when it imported it."""
    if sys.dont_write_bytecode:
        return False
    try:
        compiled = Path(importlib.util.cache_from_source(origin)).read_bytes()[:16]
        status = Path(origin).stat()
    except (OSError, NotImplementedError):
        return False
    if compiled[:4] != importlib.util.MAGIC_NUMBER or compiled[4:8] != bytes(4):
        return False  # of another Python, or checked by hash
    numbers = (int(status.st_mtime) & 0xFFFFFFFF, status.st_size & 0xFFFFFFFF)
    return compiled[8:16] != b"".join(number.to_bytes(4, "little") for number in numbers)


def _is_code(value: Any) -> bool:
    # Not of the value: that may ask code of its own.
    return issubclass(type(value), (types.ModuleType, types.FunctionType, type))


def _constants(source: bytes) -> dict[str, Any]:
    try:
        with quiet_warnings():
            body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    mentioned: collections.Counter[str] = collections.Counter()
    found: dict[str, Any] = {}
    for statement in body:
        for node in ast.walk(statement):
            names = [node.id] if isinstance(node, ast.Name) else getattr(node, "names", ())
            in_function = isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef)
            if not in_function:
                mentioned.update({name for name in names if isinstance(name, str)})
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target, value = statement.targets[0], statement.value
            if isinstance(target, ast.Name) and isinstance(value, ast.Constant):
                found[target.id] = value.value
    return {name: value for name, value in found.items() if mentioned[name] == 1}
