"""The parts of an object: what a digest hashes of it, and what it looks at inside.

Nothing is asked of objects but what lies there: their dicts, slots and items. No ``__eq__``,
``__repr__``, ``__getattr__`` or property of a type runs.
"""

from __future__ import annotations

import array
import builtins
import collections
import copyreg
import enum
import functools
import io
import random
import sys
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ..immutable_types import PLAIN
from ..importable import dict_of, is_heap_type, module_of, mro, name_of, qualname_of
from .omitted import is_cache, is_wrapped_method

_MISSING = object()
#: What slots of types in C are called that hold no value.
_NO_VALUES = frozenset(
    {"__dict__", "__dictoffset__", "__vectorcalloffset__", "__weaklistoffset__", "__weakref__"}
)
_GETSET = types.GetSetDescriptorType
_MEMBER = types.MemberDescriptorType


@dataclass
class Parts:
    """What an object is made of.

    Attributes:
        text: a short text of it.
        content: what it is told apart by, besides its type and what is inside.
        inside: labels and objects; ordered as they are.
        attributes: labels and objects whose order does not matter.
        members: objects without labels, whose order does not matter.
        shared: whether it matters that two places hold the very same object.
        skipped: how much of it is not looked at.
        items: a long sequence, labelled by position.
        pairs: the items of a dict.
        place: the first and last address of the memory that it shows.
        what: the type that it comes back as; empty where that is its own.
    """

    text: str = ""
    content: bytes = b""
    inside: list[tuple[str, Any]] = field(default_factory=list)
    attributes: list[tuple[str, Any]] = field(default_factory=list)
    members: list[Any] = field(default_factory=list)
    shared: bool = True
    skipped: int = 0
    items: list[Any] | None = None
    pairs: list[tuple[Any, Any]] | None = None
    place: tuple[int, int] | None = None
    what: str = ""


#: Takes an object, whether its type's own code may be called, and returns its parts.
Taker = Callable[[Any, bool], Parts]


def type_words(kind: type) -> str:
    """Return the name of a type as a user would write it."""
    module = module_of(kind)
    name = qualname_of(kind)
    return name if module in ("builtins", "__main__", "") else f"{module}.{name}"


def taker_for(kind: type) -> Taker:
    """Return what takes instances of a type apart."""
    if kind in PLAIN or module_of(kind) in _PLAIN_MODULES:
        return _plain
    containers = [take for base, take in _CONTAINERS.items() if base in mro(kind)]
    if enum.Enum in mro(kind):
        return _enum
    if ("logging", "Logger") in [(module_of(one), name_of(one)) for one in mro(kind)]:
        return _logger
    read = reader_for(kind)
    if containers:
        first = containers[0]

        def take(obj: Any, calls: bool) -> Parts:
            parts = first(obj, calls)
            parts.attributes += read(obj)
            return parts

        return take
    if read is _nothing:
        return _reduced if _reduces(kind) else _by_type

    def instance(obj: Any, calls: bool) -> Parts:
        return Parts(attributes=read(obj))

    return instance


_PLAIN_MODULES = frozenset({"zoneinfo", "ipaddress"})


def _nothing(obj: Any) -> list[tuple[str, Any]]:
    return []


def reader_for(kind: type) -> Callable[[Any], list[tuple[str, Any]]]:
    """Return what reads the attributes that instances of a type hold in their dicts and slots."""
    holder = next(
        (dict_of(one)["__dict__"] for one in mro(kind) if "__dict__" in dict_of(one)), None
    )
    if type(holder) not in (_GETSET, _MEMBER) or not _LAZY.keys().isdisjoint(mro(kind)):
        holder = None
    slots = [
        (name, slot)
        for base in mro(kind)
        if base is not object and base not in _CONTAINERS
        for name, slot in dict_of(base).items()
        if base not in _LAZY
        if type(slot) is _MEMBER and name not in _NO_VALUES and not is_cache(kind, name)
    ]
    if holder is None and not slots:
        return _nothing
    omitted: dict[Any, bool] = {}

    def read(obj: Any) -> list[tuple[str, Any]]:
        found = []
        for name, slot in slots:
            try:
                found.append((f".{name}", slot.__get__(obj, kind)))
            except AttributeError:  # not set
                continue
        if holder is not None:
            own = holder.__get__(obj, kind)
            for name, value in list(own.items()) if type(own) is dict else ():
                left_out = omitted.get(name)
                if left_out is None:
                    left_out = omitted[name] = is_cache(kind, name)
                if not (left_out or is_wrapped_method(kind, name, value)):
                    found.append((f".{name}", value))
        return found

    return read


def _plain(obj: Any, calls: bool) -> Parts:
    return Parts(text=repr(obj), shared=False)


def _by_type(obj: Any, calls: bool) -> Parts:
    return Parts()


def _enum(obj: Any, calls: bool) -> Parts:
    own = object.__getattribute__(obj, "__dict__")
    name = own.get("_name_")
    return Parts(
        text=f"{name_of(type(obj))}.{name}",
        inside=[(".value", own.get("_value_"))],
        shared=False,
    )


def _reduces(kind: type) -> bool:
    if kind in copyreg.dispatch_table:
        return True
    own = {"__reduce__", "__reduce_ex__", "__getstate__"}
    return any(not own.isdisjoint(dict_of(base)) for base in mro(kind) if base is not object)


def _reduced(obj: Any, calls: bool) -> Parts:
    """Of an object in C whose state can't be seen: what its library saves of it."""
    kind = type(obj)
    if not calls and is_heap_type(kind):
        return Parts(skipped=1)
    try:
        reduce = copyreg.dispatch_table.get(kind)
        found = obj.__reduce_ex__(4) if reduce is None else reduce(obj)
    except Exception:
        return Parts(skipped=1)
    if type(found) is str:
        return Parts(text=found, shared=False)
    if type(found) is not tuple or len(found) < 2:
        return Parts(skipped=1)
    parts = Parts(inside=[("(arguments)", found[1])])
    state = found[2] if len(found) > 2 else None
    if found[0] is iter and len(found[1]) == 1:
        # Over a dict or a set it is saved as one over a list of what is left; one that has come to
        # its end has no position.
        parts.what = f"{type(found[1][0]).__name__}_iterator"
        state = 0 if state is None else state
    if type(state) is dict:
        parts.attributes = [
            (f".{name}", value) for name, value in state.items() if not is_cache(kind, name)
        ]
    elif state is not None:
        parts.inside.append(("(state)", state))
    return parts


def _logger(obj: Any, calls: bool) -> Parts:
    """Tell a logger by its name, by which each process has its own; options are told elsewhere."""
    return Parts(text=f"the logger {vars(obj).get('name')}", shared=False)


def _list(obj: Any, calls: bool) -> Parts:
    return Parts(items=list(list.__iter__(obj)))


def _tuple(obj: Any, calls: bool) -> Parts:
    return Parts(items=list(tuple.__iter__(obj)), shared=False)


def _dict(obj: Any, calls: bool) -> Parts:
    parts = Parts(pairs=list(dict.items(obj)))
    if collections.defaultdict in mro(type(obj)):
        factory = dict_of(collections.defaultdict)["default_factory"].__get__(obj)
        parts.inside.append((".default_factory", factory))
    return parts


def _ordered(obj: Any, calls: bool) -> Parts:
    return Parts(pairs=list(collections.OrderedDict.items(obj)))


def _set(obj: Any, calls: bool) -> Parts:
    return Parts(members=list(set.__iter__(obj)))


def _frozenset(obj: Any, calls: bool) -> Parts:
    return Parts(members=list(frozenset.__iter__(obj)), shared=False)


def _deque(obj: Any, calls: bool) -> Parts:
    length = dict_of(collections.deque)["maxlen"].__get__(obj)
    return Parts(items=list(collections.deque.__iter__(obj)), inside=[(".maxlen", length)])


def _text(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[("", str.__str__(obj))])


def _int(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[("", int.__add__(obj, 0))])


def _float(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[("", float.__add__(obj, 0.0))])


def _complex(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[("", complex.__add__(obj, 0j))])


def _bytes(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[("", bytes.__getitem__(obj, slice(None)))])


def _bytearray(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[("", bytes(memoryview(obj)))])


def _array(obj: Any, calls: bool) -> Parts:
    code = dict_of(array.array)["typecode"].__get__(obj)
    return Parts(content=code.encode(), inside=[("", array.array.tobytes(obj))])


def _error(obj: Any, calls: bool) -> Parts:
    reduced: Any = BaseException.__reduce__(obj)
    own = reduced[2] if len(reduced) > 2 else None
    return _with_dict(own, [(".args", reduced[1])])


def _partial(obj: Any, calls: bool) -> Parts:
    reduced: Any = functools.partial.__reduce__(obj)
    function, arguments, keywords, own = reduced[2]
    inside = [(".func", function), (".args", arguments), (".keywords", keywords)]
    return _with_dict(own, inside)


def _with_dict(own: Any, inside: list[tuple[str, Any]]) -> Parts:
    attributes = [(f".{name}", value) for name, value in own.items()] if own else []
    return Parts(inside=inside, attributes=attributes)


def _buffer(obj: Any, calls: bool) -> Parts:
    base = io.BytesIO if io.BytesIO in mro(type(obj)) else io.StringIO
    try:
        return Parts(inside=[("", base.getvalue(obj)), (".tell()", base.tell(obj))])
    except ValueError:  # closed
        return Parts(text="closed")


def _generator(obj: Any, calls: bool) -> Parts:
    if obj is getattr(random, "_inst", None):  # every process has its own
        return Parts(text="random's own generator", shared=False)
    return Parts(inside=[(".getstate()", random.Random.getstate(obj))])


_CONTAINERS: dict[type, Taker] = {
    list: _list,
    tuple: _tuple,
    collections.OrderedDict: _ordered,
    dict: _dict,
    set: _set,
    frozenset: _frozenset,
    collections.deque: _deque,
    str: _text,
    int: _int,
    float: _float,
    complex: _complex,
    bytes: _bytes,
    bytearray: _bytearray,
    array.array: _array,
    BaseException: _error,
    functools.partial: _partial,
    io.BytesIO: _buffer,
    io.StringIO: _buffer,
    random.Random: _generator,
}


#: To ask for their dicts would make one where there is none, and so change how they are pickled.
_LAZY = {base: _CONTAINERS[base] for base in (BaseException, functools.partial)}


def is_module_dict(obj: dict[Any, Any]) -> str:
    """Return the name of the module whose namespace a dict is, empty if it is none."""
    name = obj.get("__name__")
    if type(name) is not str:
        return "builtins" if obj is vars(builtins) else ""
    module = sys.modules.get(name)
    return name if isinstance(module, types.ModuleType) and vars(module) is obj else ""
