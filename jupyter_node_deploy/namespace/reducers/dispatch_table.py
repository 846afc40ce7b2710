"""Which types are reduced by us, and how: everything but classes, functions and arrays is here."""

from __future__ import annotations

import dataclasses
import enum
import functools
import gc
import itertools
import sys
import types
import typing
import weakref
from typing import Any

from ..format import builders
from ..importable import found_in, is_made
from ..pickler import NamespacePickler, Reducer
from ..reasons import Unsavable, unsavable
from .arrays import array_reducer, has_attributes
from .caches import reduce_cache
from .classes import reduce_class, reduce_member
from .functions import (
    reduce_builtin,
    reduce_cell,
    reduce_code,
    reduce_function,
    reduce_method,
)
from .instances import instance_reducer
from .jitted import jitted_reducer
from .loggers import logger_reducer
from .mapped import mapped_reducer
from .plans import plan_reducer
from .processes import REDUCERS
from .sessions import session_reducer
from .tensors import tensor_reducer
from .units import unit_reducer


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
    special = (
        unit_reducer(kind)
        or jitted_reducer(kind)
        or plan_reducer(kind)
        or session_reducer(kind)
        or logger_reducer(kind)
        or mapped_reducer(kind)
    )
    if special is not None:
        return special
    library = array_reducer(kind) or tensor_reducer(kind)
    if library is None:
        return instance_reducer(kind)
    rest = instance_reducer(kind) if has_attributes(kind) else None
    return library if rest is None else _first(library, rest)


def _first(library: Reducer, rest: Reducer) -> Reducer:
    def reduce(pickler: NamespacePickler, obj: Any) -> Any:
        reduced = library(pickler, obj)
        return rest(pickler, obj) if reduced is NotImplemented else reduced

    return reduce


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


def _reduce_dict_view(pickler: NamespacePickler, view: Any) -> Any:
    (mapping,) = gc.get_referents(view)
    return getattr(dict, _DICT_VIEWS[type(view)]), (mapping,)


_DICT_VIEWS: dict[type, str] = {
    type({}.keys()): "keys",
    type({}.values()): "values",
    type({}.items()): "items",
}


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
    **REDUCERS,
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
