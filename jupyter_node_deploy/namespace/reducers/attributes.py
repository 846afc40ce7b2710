"""The attributes of an instance, and which of them its class' own way of pickling leaves out.

What a class leaves out that it knows of, a cache or a handle, is the class' business. What its code
never mentions has been set by somebody else, and would be lost without a word: that is carried.
"""

from __future__ import annotations

import copyreg
import sys
import types
from collections.abc import Iterator
from typing import Any

from ..importable import dict_of, is_heap_type, module_of, mro

#: What a class chooses with how its instances are pickled.
PICKLING = ("__reduce__", "__reduce_ex__", "__getstate__", "__setstate__")
#: What masked arrays know of, and leave out by mistake.
_FORGOTTEN = ("_hardmask", "_optinfo")
#: Patsy's description of a formula on a frame, which can't be saved: statsmodels makes it again.
_PUT_BY_PACKAGES = ("design_info",)
_missing = object()
#: Names with an underscore that attributes have which the notebook's cells set, as their texts say.
SET_BY_NOTEBOOK: set[str] = set()


def slots_of(kind: type) -> tuple[str, ...]:
    """Return the names by which instances of a type reach their slots, mangled as they are."""
    # A derived class may hide a slot behind an attribute of its own, as SymPy's integers do.
    return tuple(
        name for name in _slots(kind) if type(_seen(kind, name)) is types.MemberDescriptorType
    )


def hides_slots(kind: type) -> bool:
    """Tell whether a class hides slots of those that it derives from; ``object`` can't save it."""
    return len(slots_of(kind)) < len(_slots(kind))


def _slots(kind: type) -> list[str]:
    names: list[str] = copyreg._slotnames(kind) if is_heap_type(kind) else []  # type: ignore[attr-defined]
    return names


def _seen(kind: type, name: str) -> Any:
    return next((dict_of(cls)[name] for cls in mro(kind) if name in dict_of(cls)), None)


def attributes_of(obj: Any) -> dict[str, Any]:
    """Return the dict of an instance's attributes itself, without running any code of its class."""
    try:
        found = object.__getattribute__(obj, "__dict__")
    except AttributeError:
        return {}
    return found if type(found) is dict else {}


def values_of(obj: Any, slots: tuple[str, ...]) -> dict[str, Any]:
    """Return the slots that are set."""
    found = {}
    for name in slots:
        value = _slot(obj, name)
        if value is not _missing:
            found[name] = value
    return found


def _slot(obj: Any, name: str) -> Any:
    try:
        return object.__getattribute__(obj, name)
    except AttributeError:
        return _missing


def told_by(state: Any) -> frozenset[str]:
    """Return the attributes that a reduced state tells by their names."""
    parts = state if type(state) is tuple else (state,)
    dicts = [part for part in (parts if len(parts) == 2 else parts[-1:]) if isinstance(part, dict)]
    return frozenset(name for part in dicts for name in dict.keys(part) if type(name) is str)


class Owner:
    """The class that chooses how instances of a type are pickled.

    Args:
        kind: the type of the instances.

    Attributes:
        cls: the class.
        known: names of attributes that are its business.
    """

    def __init__(self, kind: type) -> None:
        classes = mro(kind)
        number = next(
            n for n, cls in enumerate(classes) if any(name in dict_of(cls) for name in PICKLING)
        )
        self.cls = classes[number]
        self.known = {*_PUT_BY_PACKAGES}
        self._classes = classes[number:]
        package = _package(self.cls)
        self._derived = [cls for cls in classes[:number] if _package(cls) != package]
        self._compiled = package not in sys.stdlib_module_names
        self._strange: set[str] = set()
        self._words: dict[type, _Words] = {}
        self._asked: set[str] = set()
        if module_of(self.cls).startswith("numpy.ma"):
            self._strange.update(_FORGOTTEN)

    def strange(self, names: set[str]) -> set[str]:
        """Return the names that nothing in the class speaks of."""
        # A name that a cell has set since is asked about again.
        new = (names & SET_BY_NOTEBOOK) - self._asked
        self.known -= new
        self._asked |= new
        for name in names - self._strange:
            (self.known if self._knows(name) else self._strange).add(name)
        return names - self.known

    def _knows(self, name: str) -> bool:
        if any(self._mentions(cls, name) for cls in self._classes):
            return True
        # Code that is compiled does not show what it speaks of: caches, that looking at a value
        # fills, have names like this.
        private = name.startswith("_") and self._compiled and name not in SET_BY_NOTEBOOK
        return private and not any(self._mentions(cls, name) for cls in self._derived)

    def _mentions(self, cls: type, name: str) -> bool:
        if cls not in self._words:
            self._words[cls] = _Words(cls)
        return self._words[cls].mention(name)


def _package(cls: type) -> str:
    return module_of(cls).partition(".")[0]


class _Words:
    """What a class speaks of: there may be thousands of names to ask for, and much code."""

    def __init__(self, cls: type) -> None:
        #: Attributes that it computes, and texts, which may name others.
        self._texts: set[str] = set()
        self._codes: dict[str, list[types.CodeType]] = {}
        self._set: dict[int, set[str]] = {}
        for key, value in dict_of(cls).items():
            if type(key) is str and hasattr(type(value), "__get__"):
                self._texts.add(key)
            for code in _codes(value):
                self._read(code)
            if isinstance(value, (list, tuple, set, frozenset, dict)):
                self._texts.update(one for one in value if type(one) is str)

    def mention(self, name: str) -> bool:
        """Tell whether it computes or sets an attribute of that name, or has it as a text."""
        return name in self._texts or any(
            name in self._set_by(code) for code in self._codes.get(name, ())
        )

    def _read(self, code: types.CodeType) -> None:
        for name in code.co_names:
            self._codes.setdefault(name, []).append(code)
        for part in code.co_consts:
            if isinstance(part, types.CodeType):
                self._read(part)
            elif type(part) is str:
                self._texts.add(part)
            elif isinstance(part, (tuple, frozenset)):
                self._texts.update(one for one in part if type(one) is str)

    def _set_by(self, code: types.CodeType) -> set[str]:
        import dis

        if id(code) not in self._set:
            self._set[id(code)] = {
                step.argval
                for step in dis.get_instructions(code)
                if step.opname in ("STORE_ATTR", "DELETE_ATTR")
            }
        return self._set[id(code)]


def _codes(value: Any) -> Iterator[types.CodeType]:
    if isinstance(value, (classmethod, staticmethod)):
        value = value.__func__
    if isinstance(value, property):
        for part in (value.fget, value.fset, value.fdel):
            yield from _codes(part)
    if isinstance(value, types.FunctionType):
        yield value.__code__


def references(attributes: dict[str, Any]) -> int:
    """Count who refers to a dict; ``OWN`` is what is counted where only its instance does."""
    return sys.getrefcount(attributes)


def _own() -> int:
    instance = types.SimpleNamespace()
    attributes = attributes_of(instance)
    return references(attributes)


OWN = _own()
