"""How instances are reduced: what the class that holds their content has, and all attributes.

The classes that derive from it made them in the notebook; their constructors and the methods that
they override are not run again, where the pickler would do that.
"""

from __future__ import annotations

import builtins
import collections
import copyreg
import random
import types
import weakref
from collections.abc import Callable
from typing import Any, NamedTuple

from ..format import builders as saved
from ..format.instances import fill_derived, fill_rest, make_derived, make_instance
from ..importable import dict_of, found_in, module_of, mro, name_of, qualname_of
from ..pickler import NamespacePickler, Reducer
from .arrays import large_array
from .attributes import (
    OWN,
    Owner,
    attributes_of,
    hides_slots,
    references,
    slots_of,
    told_by,
    values_of,
)

_LISTENERS = ("sqlalchemy.event.base", "_DispatchCommon")
_NEW_ARGUMENTS = ("__getnewargs__", "__getnewargs_ex__")
_NAMED_TUPLE = collections.namedtuple("_", "x").__getnewargs__.__code__  # type: ignore[attr-defined]


class _Content(NamedTuple):
    """How the content of a class is taken.

    Attributes:
        take: returns the arguments to make an instance with, and what to fill it with.
        used: methods that the pickler would use, were they not overridden.
        drops: whether the class' own way of pickling leaves attributes out.
    """

    take: Callable[[Any], tuple[tuple[Any, ...], Any]]
    used: tuple[str, ...]
    drops: bool = False


def instance_reducer(kind: type) -> Reducer | None:
    """Return how instances of a type are reduced, None when the pickler needs no help."""
    if kind in copyreg.dispatch_table:
        return None
    if any((module_of(one), name_of(one)) == _LISTENERS for one in mro(kind)):
        return None  # what it leaves out it makes when it is asked for
    owner = Owner(kind)
    slots = slots_of(kind)
    if issubclass(kind, BaseException) and module_of(owner.cls) == "builtins":
        return _exception(kind, slots)
    held = next((cls for cls in mro(kind) if cls in _CONTENT), None)
    if held is not None and owner.cls in (held, object):
        return _held(kind, held, owner, slots)
    if owner.cls is not object:
        return _owned(kind, owner, slots)
    return _plain(kind, slots)


def inherited(kind: type, name: str) -> Any:
    """Return what instances of a type find under a name in their classes."""
    return next((dict_of(cls)[name] for cls in mro(kind) if name in dict_of(cls)), None)


def _overrides(kind: type, base: type, names: tuple[str, ...]) -> bool:
    """Tell whether a class that derives from ``base`` has one of the methods."""
    for cls in mro(kind):
        if cls is base:
            return False
        own = dict_of(cls)
        if any(name in own for name in names) and not _is_named_tuple(cls):
            return True
    return False


def _is_named_tuple(cls: type) -> bool:
    arguments = dict_of(cls).get("__getnewargs__")
    return type(arguments) is types.FunctionType and arguments.__code__ == _NAMED_TUPLE


def _of_notebook(cls: type) -> bool:
    return not found_in(module_of(cls), qualname_of(cls), cls)


def _plain(kind: type, slots: tuple[str, ...]) -> Reducer | None:
    """Reduce what ``object`` pickles."""
    makers = [cls for cls in mro(kind) if "__new__" in dict_of(cls)]
    base = next(cls for cls in makers if not _of_notebook(cls))
    own = (slots and _overrides(kind, object, ("__setattr__",))) or hides_slots(kind)
    if base is makers[0] and not own:
        return _shared if _has_attributes(kind) else None
    if any(inherited(kind, name) for name in _NEW_ARGUMENTS):
        return None  # for its own ``__new__``

    def reduce(pickler: NamespacePickler, obj: Any) -> Any:
        reduced: Any = object.__reduce_ex__(obj, 4)
        _, arguments, told, *_ = reduced
        attributes = told[0] if type(told) is tuple else told
        shared = attributes is not None and attributes is attributes_of(obj)
        state = object, None, attributes, values_of(obj, slots), shared
        return make_instance, (base, *arguments), state, None, None, fill_derived

    return reduce


def _has_attributes(kind: type) -> bool:
    """Tell whether instances have a dict that is read as usual."""
    return (
        bool(kind.__dictoffset__)
        and inherited(kind, "__getattribute__") is object.__dict__["__getattribute__"]
        and inherited(kind, "__dict__") is not None
    )


def _shared(pickler: NamespacePickler, obj: Any) -> Any:
    # The pickler copies attributes into a new dict; one that others refer to must stay the same.
    attributes = obj.__dict__
    if references(attributes) <= OWN:
        # Whoever shares it has the instance. It may have been made just now, and in a process of
        # ours: then something else of the user's will lie at its address.
        pickler.constants.add(id(attributes))
        return NotImplemented
    reduced: Any = object.__reduce_ex__(obj, 4)
    make, arguments, state, *items = reduced
    if attributes is not (state[0] if type(state) is tuple else state):
        return NotImplemented
    return make, arguments, state, *items, saved.fill_instance


def _held(kind: type, held: type, owner: Owner, slots: tuple[str, ...]) -> Reducer | None:
    """Reduce an instance of a class that derives from one that holds content."""
    content = _CONTENT[held]
    if _overrides(kind, held, _NEW_ARGUMENTS):
        return None  # for its own ``__new__``
    used = (*content.used, "__setattr__") if slots else content.used
    if not content.drops and not _overrides(kind, held, used):
        return _shared if owner.cls is object and _has_attributes(kind) else None
    internal = frozenset(vars(held())) if content.drops and held.__dictoffset__ else frozenset()
    must = owner.cls is object  # by itself it is pickled with its attributes, or not at all
    as_usual = None if must else _owned(kind, owner, slots)
    make = make_derived if held in _WEAK else make_instance

    def reduce(pickler: NamespacePickler, obj: Any) -> Any:
        attributes = attributes_of(obj)
        values = values_of(obj, slots)
        shared = references(attributes) > OWN
        if kind is held and attributes.keys() <= internal and held not in _WEAK:
            return NotImplemented
        if internal:
            attributes = {k: v for k, v in attributes.items() if k not in internal}
            shared = False
        if not must and pickler.leaves_out(obj, {**attributes, **values}):
            # Its constructor may make them anew, and its own way of pickling calls that.
            return as_usual(pickler, obj) if as_usual else NotImplemented
        if not shared:
            pickler.constants.add(id(attributes))
        arguments, inner = content.take(obj)
        state = held, inner, attributes, values, shared
        return make, (held, kind, *arguments), state, None, None, fill_derived

    return reduce


def _owned(kind: type, owner: Owner, slots: tuple[str, ...]) -> Reducer | None:
    """Reduce an instance as its class wants it, and what that leaves out."""
    package = module_of(owner.cls).partition(".")[0]
    base = next(cls for cls in mro(kind) if module_of(cls).partition(".")[0] == package)
    made = _overrides(kind, base, ("__new__",))
    called = made or _overrides(kind, base, ("__init__",))
    if not kind.__dictoffset__ and not slots and not called:
        return None
    array = module_of(owner.cls) == "numpy"
    large = large_array if array else _missing
    bound = slots and _overrides(kind, base, ("__setattr__",)) and not hasattr(kind, "__setstate__")

    def reduce(pickler: NamespacePickler, obj: Any) -> Any:
        attributes = attributes_of(obj)
        if not called and not slots and attributes.keys() <= owner.known:
            return NotImplemented
        reduced = large(obj) or obj.__reduce_ex__(5)
        if type(reduced) is not tuple:
            return reduced
        make, arguments, told, items, pairs, setter = (*reduced, *_REDUCED)[:6]
        if bound and type(told) is tuple and len(told) == 2:
            told = told[0]  # its ``__setattr__`` is not for these
        values = {**attributes, **values_of(obj, slots)}
        rest = {name: values[name] for name in owner.strange({*values} - told_by(told))}
        lost = pickler.leaves_out(obj, rest)
        if called and not lost:  # else its constructor may make anew what is lost
            if make is kind:
                make, arguments = make_derived, (base, kind, *arguments)
            elif made and make is copyreg.__newobj__:  # type: ignore[attr-defined]
                make, arguments = make_instance, (base, *arguments)
        elif not called:
            pickler.lose(obj, lost)
        rest = {name: value for name, value in rest.items() if name not in lost}
        if not rest:
            return make, arguments, told, items, pairs, setter
        own = {name: value for name, value in rest.items() if name in attributes}
        others = {name: value for name, value in rest.items() if name not in attributes}
        return make, arguments, (told, setter, own, others), items, pairs, fill_rest

    return reduce


def _missing(_: Any) -> None:
    """Reduce nothing."""


_REDUCED = (None, None, None, None)


_GROUP: Any = getattr(builtins, "BaseExceptionGroup", None)  # from Python 3.11 on


def _exception(kind: type, slots: tuple[str, ...]) -> Reducer:
    """Reduce an exception without its ``__init__``, whose signature may differ from ``args``."""
    base = next(cls for cls in mro(kind) if module_of(cls) == "builtins")
    fields = (
        *slots,
        *(
            name
            for cls in mro(base)
            for name, value in dict_of(cls).items()
            if type(value) is types.MemberDescriptorType
            and not name.startswith("__")
            and (cls, name) != (AttributeError, "obj")  # often nothing that can be saved
            and cls is not _GROUP
        ),
    )
    simple = (
        not fields
        and inherited(kind, "__reduce__") is BaseException.__dict__["__reduce__"]
        and not _overrides(kind, base, ("__new__",))
    )

    def reduce(pickler: NamespacePickler, obj: Any) -> Any:
        attributes = obj.__dict__
        cause, context, suppressed = obj.__cause__, obj.__context__, obj.__suppress_context__
        caused = None if cause is None and context is None and not suppressed else True
        if simple:
            arguments = BaseException.__dict__["args"].__get__(obj)
            made = saved.make_exception, (kind, arguments)
            if not caused:
                return *made, attributes or None
            state = attributes, cause, context, suppressed
            return *made, state, None, None, saved.fill_exception
        arguments = obj.__reduce_ex__(5)[1]
        values = {k: v for k, v in values_of(obj, fields).items() if v is not None}
        if _GROUP is not None and issubclass(kind, _GROUP):  # its ``args`` may be others
            values["args"] = BaseException.__dict__["args"].__get__(obj)
            arguments = obj.message, [*obj.exceptions]
        inner = (cause, context, suppressed) if caused else None
        told = BaseException, inner, attributes, values, False
        return make_derived, (base, kind, *arguments), told, None, None, fill_derived

    return reduce


def _take_dict(obj: Any) -> Any:
    return (), dict(dict.items(obj))


def _take_default_dict(obj: Any) -> Any:
    return (), (obj.default_factory, dict(dict.items(obj)))


def _take_deque(obj: Any) -> Any:
    return (), ([*collections.deque.__iter__(obj)], obj.maxlen)


_MAKES = ("__new__",)
_CALLS = ("__new__", "__init__", "__iter__")
_PUTS = ("__setitem__", "__iter__", "items")
_ADDS = ("append", "extend", "__iter__")
_WEAK: dict[type, Callable[[Any], Any]] = {
    weakref.WeakSet: list,
    weakref.WeakKeyDictionary: lambda obj: dict(obj.items()),
    weakref.WeakValueDictionary: lambda obj: dict(obj.items()),
}
#: By the class that holds it.
_CONTENT: dict[type, _Content] = {
    collections.Counter: _Content(_take_dict, (*_CALLS, *_PUTS), drops=True),
    collections.defaultdict: _Content(_take_default_dict, (*_CALLS, *_PUTS), drops=True),
    collections.OrderedDict: _Content(
        lambda obj: ((), [*collections.OrderedDict.items(obj)]), (*_CALLS, *_PUTS)
    ),
    dict: _Content(_take_dict, (*_MAKES, *_PUTS)),
    list: _Content(lambda obj: ((), [*list.__iter__(obj)]), (*_MAKES, *_ADDS)),
    collections.deque: _Content(_take_deque, (*_CALLS, *_ADDS)),
    set: _Content(lambda obj: ((), [*set.__iter__(obj)]), _CALLS),
    frozenset: _Content(lambda obj: (([*frozenset.__iter__(obj)],), None), _CALLS),
    bytearray: _Content(lambda obj: ((), bytes(obj)), _CALLS),
    tuple: _Content(lambda obj: ((tuple.__getitem__(obj, slice(None)),), None), _MAKES),
    str: _Content(lambda obj: ((str.__str__(obj),), None), _MAKES),
    bytes: _Content(lambda obj: ((bytes.__getitem__(obj, slice(None)),), None), _MAKES),
    int: _Content(lambda obj: ((int.__pos__(obj),), None), _MAKES),
    float: _Content(lambda obj: ((float.__pos__(obj),), None), _MAKES),
    complex: _Content(lambda obj: ((complex.__pos__(obj),), None), _MAKES),
    random.Random: _Content(lambda obj: ((), obj.getstate()), (*_CALLS, "getstate"), drops=True),
    **{
        kind: _Content(lambda obj, take=take: ((), take(obj)), _CALLS, drops=True)  # type: ignore[misc]
        for kind, take in _WEAK.items()
    },
}
