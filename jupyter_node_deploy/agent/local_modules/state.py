"""What of a local module's own variables is no longer as importing it anew would make it."""

from __future__ import annotations

import collections
import enum
import importlib.util
import sys
import types
import zlib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ...namespace.importable import dict_of, is_array, module_of
from .static import ModuleSource

_ATOMS = (type(None), bool, int, float, complex, str, bytes)
_MAPPINGS = (dict, collections.defaultdict, collections.OrderedDict, collections.Counter)
_CONTAINERS = (list, tuple, set, frozenset, collections.deque, *_MAPPINGS)
#: Items of a container that are looked at, and bytes of memory.
_LIMIT, _BYTES = 1_000, 1 << 18
#: What of a function others may set, and the functions that a property is made of.
_PARTS, _ACCESSORS = ("__code__", "__defaults__", "__kwdefaults__"), ("fget", "fset", "fdel")
#: Classes inside of one another that are looked into.
_DEPTH = 3
_unknown = object()


class ModuleState:
    """The variables of a module as they were when it was first seen.

    What the source does not make so was already changed then: a constant that it sets once, a
    function that it defines once, a name that it does not have. Of other values only what happens
    from then on can be told.
    Containers, arrays and instances of the notebook's and of local modules' classes are looked
    into; of other instances, and of what is large, only that they were replaced is seen.

    Args:
        source: the module's.
        namespace: its variables.
        is_local: tells of a module's name whether its classes are looked into.
    """

    def __init__(
        self, source: bytes, namespace: Mapping[str, Any], is_local: Callable[[str], bool]
    ) -> None:
        self._is_local = is_local
        self._module = namespace.get("__name__")
        declared = ModuleSource(source)
        self._known: dict[str, Any] = {}  # None: changed before
        self._classes: dict[str, dict[str, Any]] = {}
        for name, value in _own(namespace):
            if declared.set_from_outside(name, value):
                self._known[name] = None
            else:
                self._known[name] = self._form(declared.constants.get(name, value))
            if self._is_own_class(value):
                self._classes[name] = self._attributes(value)
        self._functions = dict(self._parts(namespace))

    def again(self, namespace: Mapping[str, Any]) -> None:
        """Take the variables as they are now for those that loading the module makes."""
        known = {name: self._form(value) for name, value in _own(namespace)}
        # What was changed before the module was first seen is no less changed.
        self._known = {n: None if self._known.get(n, n) is None else f for n, f in known.items()}
        own = [(name, value) for name, value in _own(namespace) if self._is_own_class(value)]
        self._classes = {name: self._attributes(value) for name, value in own}
        self._functions = dict(self._parts(namespace))

    def changed(self, namespace: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the variables that differ now, and the attributes of classes, ``Class.name``.

        Of functions that were given other code, as autoreload does, that: ``name.__code__``.
        """
        found = [
            name
            for name, form in self._known.items()
            if form is not _unknown and self._form(namespace.get(name, _unknown)) != form
        ]
        for name, value in _own(namespace):
            if name not in self._known and type(value) is not types.ModuleType:
                found.append(name)
        for name, known in self._classes.items():
            cls = namespace.get(name)
            if self._is_own_class(cls) and name not in found:
                now = self._attributes(cls)
                found += [
                    f"{name}.{attribute}"
                    for attribute in sorted({*known, *now})
                    if now.get(attribute) != known.get(attribute)
                ]
        altered = {
            path
            for path, (function, *parts) in self._functions.items()
            if function.__code__ is not parts[0]
            or function.__defaults__ is not parts[1]
            or function.__kwdefaults__ is not parts[2]
        }
        if altered:
            for path, (function, *parts) in self._parts(namespace):
                known, *before = self._functions.get(path, (None,))
                if path in altered and function is known:
                    differ = zip(_PARTS, parts, before, strict=True)
                    found += [f"{path}.{part}" for part, new, old in differ if new is not old]
        return tuple(found)

    def _parts(self, namespace: Mapping[str, Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
        """Yield its functions by their paths, each with what it is made of."""
        waiting = _own(namespace)
        while waiting:
            path, value = waiting.pop()
            kind = type(value)
            if kind is types.FunctionType:
                if value.__module__ == self._module:
                    yield path, (value, *(getattr(value, part) for part in _PARTS))
            elif kind in (staticmethod, classmethod):
                waiting.append((f"{path}.__func__", value.__func__))
            elif kind is property:
                waiting += [(f"{path}.{one}", getattr(value, one)) for one in _ACCESSORS]
            elif self._is_own_class(value) and path.count(".") < _DEPTH:
                waiting += [(f"{path}.{name}", inner) for name, inner in dict_of(value).items()]

    def _is_own_class(self, value: Any) -> bool:
        kind = type(value)  # an enumeration notes combinations of its flags in itself
        if not issubclass(kind, type) or issubclass(kind, enum.EnumMeta):
            return False
        return module_of(value) == self._module

    def _attributes(self, cls: Any) -> dict[str, Any]:
        found = {name: self._form(value) for name, value in _own(dict_of(cls))}
        return {name: form for name, form in found.items() if form is not _unknown}

    def _form(self, value: Any, depth: int = 3) -> Any:
        """Return what can be compared without running code of the value's."""
        kind = type(value)
        if value is _unknown:
            return (kind, "gone")
        if kind in _ATOMS:
            return (kind, value)
        if kind is bytearray or is_array(kind):
            return self._memory(value)
        if kind not in _CONTAINERS:
            if not depth or not self._is_looked_into(kind):
                return (kind, id(value))
            return (kind, id(value), self._form(_dict(value), depth - 1))
        if len(value) > _LIMIT or depth == 0:
            return _unknown
        if kind in _MAPPINGS:
            parts = [self._form(part, depth - 1) for item in list(value.items()) for part in item]
        else:
            parts = [self._form(part, depth - 1) for part in list(value)]
        if _unknown in parts:
            return _unknown
        return (kind, frozenset(parts) if kind in (set, frozenset) else tuple(parts))

    def _is_looked_into(self, kind: type) -> bool:
        if kind is types.SimpleNamespace:
            return True
        return bool(kind.__dictoffset__) and self._is_local(module_of(kind))

    def _memory(self, value: Any) -> Any:
        if type(value) is bytearray:
            return (bytearray, zlib.crc32(value) if len(value) <= _BYTES else id(value))
        if value.dtype.hasobject or value.nbytes > _BYTES:
            return (type(value), id(value))
        return (type(value), str(value.dtype), value.shape, zlib.crc32(value.tobytes()))


def _dict(value: Any) -> dict[str, Any]:
    found = object.__getattribute__(value, "__dict__")
    return found if type(found) is dict else {}


def _own(namespace: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name, value)
        for name, value in list(namespace.items())
        if type(name) is str and not name.startswith("__")
    ]


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
