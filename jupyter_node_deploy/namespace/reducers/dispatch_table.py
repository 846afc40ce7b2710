"""Which types are reduced by us, and how: everything but classes, functions and arrays is here."""

from __future__ import annotations

import copyreg
import dataclasses
import enum
import functools
import gc
import itertools
import random
import sys
import types
import typing
import weakref
from typing import Any

from ..format import builders
from ..importable import dict_of, found_in, is_made, mro
from ..pickler import NamespacePickler, Reducer
from ..reasons import Unsavable, unsavable
from .arrays import array_reducer
from .classes import reduce_class, reduce_member
from .functions import (
    reduce_builtin,
    reduce_cache,
    reduce_cell,
    reduce_code,
    reduce_function,
    reduce_method,
)
from .sessions import session_reducer
from .tensors import tensor_reducer


def reducer_for(kind: type) -> Reducer | None:
    """Return how instances of a type are reduced, None when the pickler needs no help."""
    if kind in _EXACT:
        return _EXACT[kind]
    if issubclass(kind, type):
        return reduce_class
    if issubclass(kind, types.ModuleType):
        return _reduce_module
    reason = unsavable(kind)
    if reason is not None:
        return _refuse(*reason)
    if issubclass(kind, enum.Enum):
        return reduce_member
    if (
        issubclass(kind, BaseException)
        and not issubclass(kind, _MADE_BY_INIT)
        and _inherited(kind, "__reduce__") is BaseException.__dict__["__reduce__"]
        and _inherited(kind, "__reduce_ex__") is object.__dict__["__reduce_ex__"]
    ):
        return _reduce_exception
    if (
        issubclass(kind, random.Random)
        and not issubclass(kind, random.SystemRandom)
        and kind is not random.Random
        and _inherited(kind, "__reduce__") is random.Random.__dict__["__reduce__"]
        and _inherited(kind, "getstate") is random.Random.__dict__["getstate"]
        and _inherited(kind, "setstate") is random.Random.__dict__["setstate"]
    ):
        return _reduce_random
    library = array_reducer(kind) or tensor_reducer(kind) or session_reducer(kind)
    return library or (_reduce_instance if _is_plain(kind) else None)


#: Exceptions whose ``__init__`` sets more than ``args``.
_MADE_BY_INIT = (
    AttributeError,
    ImportError,
    NameError,
    OSError,
    StopIteration,
    SyntaxError,
    SystemExit,
    UnicodeError,
)


def _inherited(kind: type, name: str) -> Any:
    return next((dict_of(cls)[name] for cls in mro(kind) if name in dict_of(cls)), None)


def _is_plain(kind: type) -> bool:
    """Tell whether instances are pickled as ``object`` does it, with a dict of attributes."""
    return (
        bool(kind.__dictoffset__)
        and kind not in copyreg.dispatch_table
        and _inherited(kind, "__reduce__") is object.__dict__["__reduce__"]
        and _inherited(kind, "__reduce_ex__") is object.__dict__["__reduce_ex__"]
        and _inherited(kind, "__getstate__") is object.__dict__.get("__getstate__")
        and _inherited(kind, "__setstate__") is None
        and _inherited(kind, "__getattribute__") is object.__dict__["__getattribute__"]
        and _inherited(kind, "__dict__") is not None
    )


def _reduce_instance(pickler: NamespacePickler, obj: Any) -> Any:
    # The pickler copies attributes into a new dict; one that others refer to must stay the same.
    attributes = obj.__dict__
    if sys.getrefcount(attributes) <= _OWN_REFERENCES:
        # Whoever shares it has the instance. It may have been made just now, and in a process of
        # ours: then something else of the user's will lie at its address.
        pickler.constants.add(id(attributes))
        return NotImplemented
    reduced: Any = object.__reduce_ex__(obj, 4)
    make, arguments, state, *items = reduced
    if attributes is not (state[0] if type(state) is tuple else state):
        return NotImplemented
    return make, arguments, state, *items, builders.fill_instance


def _references_to_attributes(obj: Any) -> int:
    attributes = obj.__dict__
    return sys.getrefcount(attributes)


_OWN_REFERENCES = _references_to_attributes(types.SimpleNamespace())


def _refuse(what: str, advice: str) -> Reducer:
    def refuse(pickler: NamespacePickler, obj: Any) -> Any:
        for name in ("stdin", "stdout", "stderr"):
            if obj is getattr(sys, name, None):
                return getattr, (sys, name)
        raise Unsavable(what, advice, obj)

    return refuse


def _reduce_module(pickler: NamespacePickler, module: types.ModuleType) -> Any:
    name = types.ModuleType.__getattribute__(module, "__name__")
    if is_made(module):
        if type(module) is not types.ModuleType or _is_installed(module):
            advice = "put its code into a .py file"
            raise Unsavable("a module that no import finds", advice, module)
        variables = {
            key: value
            for key, value in vars(module).items()
            if key not in ("__builtins__", "__loader__", "__spec__")
        }
        arguments = (name, sys.modules.get(name) is module)
        return builders.make_module, arguments, variables, None, None, builders.fill_module
    pickler.imports(name, module)
    return builders.module, (name, *pickler.context.submodules.get(name, ()))


def _is_installed(module: types.ModuleType) -> bool:
    """Tell whether a module is of Python or a package: a copy that was loaded once more."""
    file = vars(module).get("__file__")
    return type(file) is str and file.startswith((sys.prefix, sys.base_prefix))


def _reduce_property(pickler: NamespacePickler, obj: property) -> Any:
    return property, (obj.fget, obj.fset, obj.fdel, obj.__doc__)


def _reduce_wrapped(pickler: NamespacePickler, obj: Any) -> Any:
    return type(obj), (obj.__func__,)


def _reduce_cached_property(pickler: NamespacePickler, obj: functools.cached_property[Any]) -> Any:
    return builders.make_cached_property, (obj.func, obj.attrname)


def _reduce_partial_method(pickler: NamespacePickler, obj: functools.partialmethod[Any]) -> Any:
    return builders.make_bare, (type(obj),), obj.__dict__  # its ``__new__`` wants a function


def _reduce_count(pickler: NamespacePickler, obj: itertools.count[Any]) -> Any:
    *current, step = (part for part in gc.get_referents(obj) if part is not itertools.count)
    # An int that is not large is kept as C does, and the step is 1: ``count(5)``.
    return itertools.count, (*(current or [int(repr(obj)[6:-1])]), step)


def _reduce_proxy(pickler: NamespacePickler, obj: types.MappingProxyType[Any, Any]) -> Any:
    if obj is getattr(dataclasses, "_EMPTY_METADATA", None):
        pickler.constants.add(id(obj))
        return getattr, (dataclasses, "_EMPTY_METADATA")
    (mapping,) = gc.get_referents(obj)
    if type(mapping) is dict and "__module__" in mapping and "__doc__" in mapping:
        mapping = dict(mapping)  # a class' own namespace stays the class' own
    return builders.make_proxy, (mapping,)


def _reduce_weak_reference(pickler: NamespacePickler, obj: weakref.ref[Any]) -> Any:
    target = obj()
    return (builders.make_dead_reference, ()) if target is None else (weakref.ref, (target,))


def _reduce_weak_method(pickler: NamespacePickler, obj: weakref.WeakMethod[Any]) -> Any:
    target = obj()
    return (builders.make_dead_method, ()) if target is None else (weakref.WeakMethod, (target,))


def _reduce_weak_set(pickler: NamespacePickler, obj: weakref.WeakSet[Any]) -> Any:
    return weakref.WeakSet, (list(obj),)


def _reduce_weak_mapping(pickler: NamespacePickler, obj: Any) -> Any:
    return type(obj), (dict(obj.items()),)


def _reduce_dict_view(pickler: NamespacePickler, view: Any) -> Any:
    (mapping,) = gc.get_referents(view)
    return getattr(dict, _DICT_VIEWS[type(view)]), (mapping,)


_DICT_VIEWS: dict[type, str] = {
    type({}.keys()): "keys",
    type({}.values()): "values",
    type({}.items()): "items",
}


def _reduce_exception(pickler: NamespacePickler, obj: BaseException) -> Any:
    arguments = BaseException.__dict__["args"].__get__(obj)
    made = builders.make_exception, (type(obj), arguments)
    cause, context, suppressed = obj.__cause__, obj.__context__, obj.__suppress_context__
    if cause is None and context is None and not suppressed:
        return *made, obj.__dict__ or None
    state = obj.__dict__, cause, context, suppressed
    return *made, state, None, None, builders.fill_exception


def _reduce_random(pickler: NamespacePickler, obj: random.Random) -> Any:
    # By itself it is pickled without its attributes, and made by its ``__init__``.
    state = obj.getstate(), obj.__dict__
    return copyreg.__newobj__, (type(obj),), state, None, None, builders.fill_random  # type: ignore[attr-defined]


def _reduce_sentinel(pickler: NamespacePickler, obj: Any) -> Any:
    # ``dataclasses`` compares these by identity.
    for name, value in vars(dataclasses).items():
        if value is obj:
            return getattr, (dataclasses, name)
    return NotImplemented


def _reduce_new_type(pickler: NamespacePickler, obj: Any) -> Any:
    name = pickler.context.names.get(id(obj))
    if name is not None and name not in pickler.own:
        return pickler.refer((name,), obj)
    if found_in(obj.__module__, obj.__qualname__, obj):
        pickler.imports(obj.__module__, obj)
        return NotImplemented
    return typing.NewType, (obj.__name__, obj.__supertype__)


def _reduce_type_variable(pickler: NamespacePickler, obj: Any) -> Any:
    name = pickler.context.names.get(id(obj))
    if name is not None and name not in pickler.own:
        return pickler.refer((name,), obj)
    kind = type(obj)
    if found_in(obj.__module__, obj.__name__, obj):
        pickler.imports(obj.__module__, obj)
        return NotImplemented
    options = {}
    for option in ("bound", "covariant", "contravariant", "infer_variance"):
        value = getattr(obj, f"__{option}__", None)
        if value:
            options[option] = value
    arguments = (kind, obj.__name__, getattr(obj, "__constraints__", ()), options)
    return builders.make_type_variable, arguments


_EXACT: dict[type, Reducer | None] = {
    types.FunctionType: reduce_function,
    types.BuiltinFunctionType: reduce_builtin,
    types.MethodType: reduce_method,
    types.CellType: reduce_cell,
    types.CodeType: reduce_code,
    functools._lru_cache_wrapper: reduce_cache,
    functools.cached_property: _reduce_cached_property,
    functools.partialmethod: _reduce_partial_method,
    **({itertools.count: _reduce_count} if sys.version_info >= (3, 14) else {}),
    property: _reduce_property,
    classmethod: _reduce_wrapped,
    staticmethod: _reduce_wrapped,
    types.MappingProxyType: _reduce_proxy,
    **dict.fromkeys(_DICT_VIEWS, _reduce_dict_view),
    typing.NewType: _reduce_new_type,
    weakref.ref: _reduce_weak_reference,
    weakref.WeakMethod: _reduce_weak_method,
    weakref.WeakSet: _reduce_weak_set,
    weakref.WeakKeyDictionary: _reduce_weak_mapping,
    weakref.WeakValueDictionary: _reduce_weak_mapping,
    **{
        getattr(typing, name): _reduce_type_variable
        for name in ("TypeVar", "ParamSpec", "TypeVarTuple")
        if hasattr(typing, name)
    },
    **{
        type(getattr(dataclasses, name)): _reduce_sentinel
        for name in ("_FIELD", "MISSING", "KW_ONLY", "_HAS_DEFAULT_FACTORY")
        if hasattr(dataclasses, name)
    },
}
