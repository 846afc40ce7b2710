"""What the streams call for instances whose class would make them otherwise than they were.

Streams name these functions, so a name here is part of the saved format. Instances are made by the
class that they derive from, and filled by its methods: the constructors and the overridden methods
of the class itself did their work in the notebook, and may not be able to do it again.
"""

from __future__ import annotations

import collections
import importlib
import random
import weakref
from collections.abc import Callable
from typing import Any

from . import builders

State = tuple[type, Any, dict[str, Any], dict[str, Any], bool]


def make_instance(base: type, cls: type, *arguments: Any) -> Any:
    """Make an instance of ``cls`` as ``base`` makes one of its own, without ``__init__``."""
    return base.__new__(cls, *arguments)


def make_derived(base: type, cls: type, *arguments: Any) -> Any:
    """Make an instance of ``cls`` as ``base`` makes one of its own."""
    new: Any = base.__new__
    plain = new is object.__new__  # refuses arguments
    made = object.__new__(cls) if plain else new(cls, *arguments)
    if base.__init__ is not object.__init__:  # type: ignore[misc]
        base.__init__(made, *arguments)  # type: ignore[misc]
    return made


def fill_derived(obj: Any, state: State) -> None:
    """Complete an instance.

    Args:
        state: the class that holds the content, the content, attributes, slots, and whether the
            very dict of the attributes is referred to by others.
    """
    base, content, attributes, slots, shared = state
    if shared:
        object.__setattr__(obj, "__dict__", attributes)
    elif attributes:
        object.__getattribute__(obj, "__dict__").update(attributes)
    _set(obj, slots)
    if content is not None:
        _FILLED[base](obj, content)


def fill_rest(obj: Any, state: tuple[Any, Any, dict[str, Any], dict[str, Any]]) -> None:
    """Complete an instance as its class wants it, and with what that leaves out.

    Args:
        state: what the class gave, what sets that (None: as is usual), attributes, slots.
    """
    told, setter, attributes, slots = state
    if setter is not None:
        setter(obj, told)
    elif told is not None:
        own = getattr(obj, "__setstate__", None)
        if own is not None:
            own(told)
        else:
            values, others = told if type(told) is tuple and len(told) == 2 else (told, None)
            if values:
                obj.__dict__.update(values)
            for name, value in (others or {}).items():
                setattr(obj, name, value)
    if attributes:
        object.__getattribute__(obj, "__dict__").update(attributes)
    _set(obj, slots)


def _set(obj: Any, slots: dict[str, Any]) -> None:
    for name, value in slots.items():
        object.__setattr__(obj, name, value)


def _fill_default_dict(obj: Any, content: tuple[Any, dict[Any, Any]]) -> None:
    factory: Any = collections.defaultdict.__dict__["default_factory"]
    factory.__set__(obj, content[0])
    dict.update(obj, content[1])


def _fill_ordered_dict(obj: Any, content: list[tuple[Any, Any]]) -> None:
    for key, value in content:
        collections.OrderedDict.__setitem__(obj, key, value)


def _fill_deque(obj: Any, content: tuple[list[Any], int | None]) -> None:
    collections.deque.__init__(obj, *content)


def _fill_exception(
    exception: Any, content: tuple[BaseException | None, BaseException | None, bool]
) -> None:
    exception.__cause__, exception.__context__, suppressed = content
    exception.__suppress_context__ = suppressed  # setting the cause has changed it


def _fill_weak_set(obj: Any, content: list[Any]) -> None:
    for item in content:
        weakref.WeakSet.add(obj, item)


#: By the class that holds it, what puts the content into an instance of a class derived from it.
_FILLED: dict[type, Callable[[Any, Any], object]] = {
    dict: dict.update,
    collections.Counter: dict.update,
    collections.defaultdict: _fill_default_dict,
    collections.OrderedDict: _fill_ordered_dict,
    list: list.extend,
    set: set.update,
    bytearray: bytearray.extend,
    collections.deque: _fill_deque,
    random.Random: random.Random.setstate,
    weakref.WeakSet: _fill_weak_set,
    weakref.WeakKeyDictionary: weakref.WeakKeyDictionary.update,
    weakref.WeakValueDictionary: weakref.WeakValueDictionary.update,
    BaseException: _fill_exception,
}


def fill_registry(registry: Any, state: tuple[dict[str, Any], bool]) -> None:
    """Complete a registry of pint's units.

    Args:
        state: its attributes, and whether the package keeps it for everybody.
    """
    attributes, everybodys = state
    registry.__dict__.update(attributes)
    if everybodys:
        importlib.import_module("pint").set_application_registry(registry)


def fill_parametrized(cls: type, state: Any) -> None:
    """Complete a generic model of pydantic's with its arguments, and have ``Model[T]`` find it."""
    builders.fill_class(cls, state)
    metadata: Any = cls.__dict__["__pydantic_generic_metadata__"]
    origin, arguments = metadata["origin"], metadata["args"]
    generics = importlib.import_module("pydantic._internal._generics")
    generics.set_cached_generic_type(origin, arguments, cls, origin, arguments)
