"""Sites: modules, classes and registers of packages that hold something of the notebook's.

A walk over all of them takes about 0.1 s where 4,000 modules are loaded, so it is left to a
process forked from the kernel where possible. Looking at known sites again takes microseconds.
"""

from __future__ import annotations

import abc
import collections
import enum
import functools
import sys
import types
import weakref
from _abc import _get_dump  # type: ignore[import-not-found]
from collections.abc import Callable, Iterator, Mapping, Set
from typing import Any

from ...namespace.format.registrations import Registration
from ...namespace.importable import (
    MADE,
    dict_of,
    found_in,
    is_heap_type,
    module_of,
    mro,
    name_of,
    qualname_of,
)
from ...namespace.places import resolve
from .ownership import Notebook

#: Not looked at: the notebook itself, and what serves the kernel.
KERNEL = frozenset(
    {__name__.partition(".")[0], "IPython", "__main__", "__mp_main__", "_pytest", "comm"}
    | {"debugpy", "ipykernel", "ipywidgets", "jupyter_client", "jupyter_core"}
    | {"matplotlib_inline", "pydevd", "pytest", "tornado", "traitlets", "zmq"}
)
#: Of these only the attributes count: their registers keep what is running, or caches.
_KEEPERS = frozenset(
    {"asyncio", "builtins", "concurrent", "ctypes", "dis", "enum", "gc", "inspect", "linecache"}
    | {"logging", "multiprocessing", "os", "signal", "sys", "threading", "traceback", "types"}
    | {"typing", "warnings", "weakref", "_weakref", "_weakrefset"}
)
_STREAMS = frozenset({"stdin", "stdout", "stderr", "last_value", "last_exc", "last_traceback"})
_DICTS = (dict, collections.OrderedDict, collections.defaultdict, types.MappingProxyType)
_WEAK_DICTS = (weakref.WeakKeyDictionary, weakref.WeakValueDictionary)
_LISTS: dict[type, str] = {
    list: "append",
    set: "add",
    collections.deque: "append",
    weakref.WeakSet: "add",
}
_DISPATCH_CODE = functools.singledispatch(lambda _: None).__code__  # type: ignore[attr-defined]
#: Items of a register that are looked at.
_LIMIT = 4_000
_CHECKED = 64

#: What a type of value is to a walk.
_NOTHING, _ATTRIBUTE, _CLASS, _REGISTER, _INSTANCE = range(5)
_WRAPPERS = (
    types.FunctionType,
    types.MethodType,
    staticmethod,
    classmethod,
    property,
    functools.partial,
    functools._lru_cache_wrapper,
)
_Found = Iterator[tuple[str, Any]]


class Sites:
    """Finds what packages hold of the notebook's.

    Args:
        notebook: tells its objects.
        is_local: tells whether a module is one of the user's own files: these are looked at
            elsewhere.
    """

    def __init__(self, notebook: Notebook, is_local: Callable[[str], bool]) -> None:
        self._notebook = notebook
        self._is_local = is_local
        self._plans = _Plans()

    def walk(
        self, tops: Set[str] | None = None, check: Callable[[], None] | None = None
    ) -> list[str]:
        """Return the paths of all sites.

        Args:
            tops: look only at these top-level modules.
            check: called every so often; what it raises ends the walk.
        """
        found: dict[str, None] = {}
        seen: set[int] = set()
        for number, (name, module) in enumerate(list(sys.modules.items())):
            if check is not None and number % _CHECKED == 0:
                check()
            if not issubclass(type(module), types.ModuleType) or not self._is_looked_at(name):
                continue
            if id(module) in seen or not (tops is None or name.partition(".")[0] in tops):
                continue
            seen.add(id(module))
            for site in self._in_module(name, module, seen):
                found.setdefault(site)
        return list(found)

    def values(self, site: str) -> dict[str, Any]:
        """Return what a site holds of the notebook's, by the names under which it is saved."""
        try:
            holder = resolve(site)
        except Exception:  # it is gone, or a lazy module fails to import
            return {}
        kind = type(holder)
        if issubclass(kind, types.ModuleType):
            return dict(self._attributes(site, vars(holder)))
        if issubclass(kind, type):
            return {
                **dict(self._attributes(short(site, holder), dict_of(holder))),
                **dict(self._subclasses(short(site, holder), holder)),
            }
        if kind is types.FunctionType:
            return dict(self._implementations(site, holder))
        if self._plans[kind] == _REGISTER or isinstance(holder, dict):
            return dict(self._items(site, holder))
        return dict(self._attributes(site, _own_dict(holder)))

    def _is_looked_at(self, name: str) -> bool:
        top = name.partition(".")[0]
        return top not in KERNEL and top not in MADE and not self._is_local(name)

    def _in_module(self, name: str, module: types.ModuleType, seen: set[int]) -> Iterator[str]:
        suspects = self._suspects(vars(module))
        if any(True for _ in self._attributes(name, suspects)):
            yield name
        keeps = name.partition(".")[0] in _KEEPERS
        for attribute, value in suspects.items():
            plan = self._plans[type(value)]
            if keeps and plan != _CLASS:
                continue
            if plan == _ATTRIBUTE and type(value) is not types.FunctionType:
                continue
            if type(attribute) is not str or attribute.startswith("__") or id(value) in seen:
                continue
            if plan == _CLASS:
                seen.add(id(value))
                yield from self._in_class(f"{name}.{attribute}", value, seen)
            else:
                yield from self._in_value(f"{name}.{attribute}", value, seen)

    def _in_class(self, path: str, cls: type, seen: set[int]) -> Iterator[str]:
        module, qualname = module_of(cls), qualname_of(cls)
        if not is_heap_type(cls) or not self._is_looked_at(module) or issubclass(cls, enum.Enum):
            return
        if found_in(module, qualname, cls):
            path = f"{module}.{qualname}"
        own = self._suspects(dict_of(cls))
        if any(True for _ in self._attributes(path, own)) or any(
            True for _ in self._subclasses(path, cls)
        ):
            yield path
        for attribute, value in own.items():
            if self._plans[type(value)] != _REGISTER or module.partition(".")[0] in _KEEPERS:
                continue
            if type(attribute) is str and not attribute.startswith("__"):
                yield from self._in_value(f"{path}.{attribute}", value, seen)

    def _in_value(self, path: str, value: Any, seen: set[int]) -> Iterator[str]:
        kind = type(value)
        if kind is types.FunctionType:
            if value.__code__ is _DISPATCH_CODE and any(self._implementations(path, value)):
                yield path
            return
        if id(value) in seen:
            return
        seen.add(id(value))
        if self._plans[kind] == _REGISTER:
            if any(True for _ in self._items(path, value)):
                yield path
            return
        own = _own_dict(value)
        if any(True for _ in self._attributes(path, own)):
            yield path
        for attribute, inner in list(own.items()):
            if self._plans[type(inner)] == _REGISTER and id(inner) not in seen:
                seen.add(id(inner))
                if type(attribute) is str and any(self._items(f"{path}.{attribute}", inner)):
                    yield f"{path}.{attribute}"

    def _suspects(self, own: Mapping[str, Any]) -> dict[str, Any]:
        """Return what may be the notebook's, or hold something of it; most is not."""
        plans, namespace = self._plans, self._notebook.namespace
        return {
            name: value
            for name, value in list(own.items())
            if (
                plans[type(value)]
                if type(value) is not types.FunctionType
                else (value.__closure__ or value.__globals__ is namespace)
            )
        }

    def _attributes(self, path: str, own: Mapping[str, Any]) -> _Found:
        """Yield the attributes among a holder's own that are the notebook's."""
        owns = self._notebook.owns
        for attribute, value in list(own.items()):
            plan = self._plans[type(value)]
            if plan == _NOTHING or type(attribute) is not str:
                continue
            if plan in (_ATTRIBUTE, _CLASS):
                if not owns(value):
                    continue
            elif not self._is_descriptor(value):
                continue
            if path == "sys" and (attribute in _STREAMS or "hook" not in attribute):
                continue
            if not attribute.startswith("__") or callable(value):
                yield f"{path}.{attribute}", value

    def _is_descriptor(self, value: Any) -> bool:
        """Tell whether an attribute of a package's own type stands for something of ours.

        An accessor, or another descriptor, which was made to be put there.
        """
        kind = type(value)
        if self._plans[kind] != _INSTANCE or not any("__get__" in dict_of(c) for c in mro(kind)):
            return False
        return any(self._notebook.owns(one) for one in list(_own_dict(value).values()))

    def _items(self, path: str, register: Any) -> _Found:
        """Yield the entries of a register that are the notebook's."""
        owns = self._notebook.owns
        kind = type(register)
        if len(register) > _LIMIT:
            return
        if kind in _LISTS:
            ahead = 0  # how many of the notebook's stand before all others
            for position, item in enumerate(list(register)):
                if self._is_mine(item, owns):
                    call = Registration(f"{path}.{_LISTS[kind]}", (item,))
                    if kind is list and position == ahead:
                        ahead += 1
                        call = Registration(f"{path}.insert", (position, item))
                    yield f"{path}[{_label(item, position)}]", call
            return
        for position, (key, item) in enumerate(list(register.items())):
            if self._is_mine(item, owns) or self._is_mine(key, owns):
                call = Registration(f"{path}.__setitem__", (key, item))
                yield f"{path}[{_label(key, position)}]", call

    def _is_mine(self, value: Any, owns: Callable[[Any], bool]) -> bool:
        return self._plans[type(value)] in (_ATTRIBUTE, _CLASS) and owns(value)

    def _implementations(self, path: str, function: Any) -> _Found:
        owns = self._notebook.owns
        for cls, implementation in list(function.registry.items()):
            if owns(cls) or owns(implementation):
                call = Registration(f"{path}.register", (cls, implementation))
                yield f"{path}[{_label(cls)}]", call

    def _subclasses(self, path: str, cls: type) -> _Found:
        """Yield the notebook's classes that are registered as virtual subclasses of a class."""
        if not issubclass(type(cls), abc.ABCMeta) or "_abc_impl" not in dict_of(cls):
            return
        for reference in _get_dump(cls)[0]:
            subclass = reference()
            if subclass is not None and self._notebook.owns(subclass):
                yield f"{path}[{_label(subclass)}]", Registration(f"{path}.register", (subclass,))


class _Plans(dict[type, int]):
    """What values of a type are to a walk."""

    def __missing__(self, kind: type) -> int:
        plan = self[kind] = _planned(kind)
        return plan


def _planned(kind: type) -> int:
    if kind in _WRAPPERS:
        return _ATTRIBUTE
    if issubclass(kind, type):
        return _CLASS
    if kind in _DICTS or kind in _WEAK_DICTS or kind in _LISTS:
        return _REGISTER
    module = module_of(kind)
    if module == "__main__":
        return _ATTRIBUTE
    top = module.partition(".")[0]
    if top in KERNEL | _KEEPERS | {"_frozen_importlib", "_frozen_importlib_external", "importlib"}:
        return _NOTHING
    if issubclass(kind, enum.Enum | types.ModuleType) or not is_heap_type(kind):
        return _NOTHING
    return _INSTANCE if kind.__dictoffset__ else _NOTHING


def _own_dict(value: Any) -> dict[str, Any]:
    try:
        found = object.__getattribute__(value, "__dict__")
    except Exception:
        return {}
    return found if type(found) is dict else {}


def short(path: str, cls: type) -> str:
    """Return the path by which users know a class: ``pandas.DataFrame``."""
    top, name = path.partition(".")[0], name_of(cls)
    module = sys.modules.get(top)
    known = isinstance(module, types.ModuleType) and vars(module).get(name) is cls
    return f"{top}.{name}" if known else path


def _label(value: Any, position: int = 0) -> str:
    kind = type(value)
    if kind in (str, int, bool, bytes):
        return repr(value)[:60]
    if kind is tuple:
        return ", ".join(_label(one, number) for number, one in enumerate(value))
    if issubclass(kind, type):
        return name_of(value)
    name = getattr(value, "__name__", None) if kind in _WRAPPERS else None
    return name if type(name) is str else f"{name_of(kind)} {position}"
