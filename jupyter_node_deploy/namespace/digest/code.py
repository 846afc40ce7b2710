"""The parts of functions and classes: those of the notebook; a package's are known by name."""

from __future__ import annotations

import abc
import enum
import functools
import sys
import types
from typing import Any

from ..importable import bases_of, dict_of, found_in, is_heap_type, module_of, mro, qualname_of
from ..reducers.code import FIELDS
from .mapped import mapping_of
from .parts import Parts, Taker, is_module_dict, type_words

#: Of code: where it was written, and how its lines are counted.
_PLACES = frozenset(
    {"co_filename", "co_firstlineno", "co_linetable", "co_exceptiontable", "co_stacksize"}
)
#: Of a class: what Python makes of its own accord.
_MADE = frozenset(
    {
        "__annotate_func__",
        "__annotations_cache__",
        "__dict__",
        "__firstlineno__",
        "__slotnames__",
        "__static_attributes__",
        "__weakref__",
        "_abc_impl",
    }
)
_KNOWN_METACLASSES = (type, abc.ABCMeta, enum.EnumMeta)
_LAZY_ANNOTATIONS = sys.version_info >= (3, 14)


def code_taker(kind: type) -> Taker | None:
    """Return what takes functions, classes and code apart, None for other types."""
    if kind in _TAKERS:
        return _TAKERS[kind]
    if type in mro(kind):
        return _class
    if (module_of(kind), qualname_of(kind)) == ("numba.core.registry", "CPUDispatcher"):
        return _jitted
    return None


def is_known(obj: Any) -> str:
    """Return the dotted name by which a function or class is imported, empty if it is not."""
    kind = type(obj)
    if kind is types.FunctionType:
        module, name = obj.__module__, obj.__qualname__
    elif type in mro(kind):
        module, name = module_of(obj), qualname_of(obj)
        if not is_heap_type(obj):
            return f"{module}.{name}"
    else:
        own = obj.__dict__
        module, name = own.get("__module__"), own.get("__qualname__")
    return f"{module}.{name}" if found_in(module, name, obj) else ""


def _function(obj: Any, calls: bool) -> Parts:
    if known := is_known(obj):
        return Parts(text=known, shared=False)
    parts = Parts(
        text=f"function {obj.__qualname__}",
        inside=[
            (".__code__", obj.__code__),
            (".__name__", obj.__name__),
            (".__qualname__", obj.__qualname__),
            (".__module__", obj.__module__),
            (".__doc__", obj.__doc__),
            (".__defaults__", obj.__defaults__ or None),
            (".__kwdefaults__", obj.__kwdefaults__ or None),
        ],
    )
    names = obj.__code__.co_freevars
    for name, cell in zip(names, obj.__closure__ or (), strict=False):
        if name != "__classdict__" and not (name == "cache_token" and _is_dispatch(obj)):
            parts.inside.append((f".__closure__[{name!r}]", cell))
    if not _LAZY_ANNOTATIONS and obj.__annotations__:
        parts.inside.append((".__annotations__", obj.__annotations__))
    # What singledispatch keeps for itself is made anew.
    parts.attributes = [
        (f".{name}", value)
        for name, value in obj.__dict__.items()
        if name not in ("register", "dispatch", "registry", "_clear_cache", "__wrapped__")
    ]
    if "__wrapped__" in obj.__dict__:
        parts.attributes.append((".__wrapped__", obj.__dict__["__wrapped__"]))
    parts.content = (is_module_dict(obj.__globals__) or "other globals").encode()
    return parts


def _is_dispatch(function: Any) -> bool:
    """Tell whether a function is singledispatch's, which counts abstract classes."""
    return function.__globals__ is vars(functools)


def _code(obj: Any, calls: bool) -> Parts:
    fields = [name for name in FIELDS if name not in _PLACES]
    return Parts(inside=[(f".{name}", getattr(obj, name)) for name in fields], shared=False)


def _cell(obj: Any, calls: bool) -> Parts:
    try:
        return Parts(inside=[("", obj.cell_contents)])
    except ValueError:
        return Parts(text="empty")


def _cache(obj: Any, calls: bool) -> Parts:
    if known := is_known(obj):
        return Parts(text=known, shared=False)
    parameters = obj.cache_parameters()
    return Parts(inside=[(".__wrapped__", obj.__wrapped__), (".cache_parameters()", parameters)])


def _jitted(obj: Any, calls: bool) -> Parts:
    compiled = sorted(str(signature) for signature in obj.nopython_signatures)
    return Parts(inside=[(".py_func", obj.py_func), (".nopython_signatures", compiled)])


def _method(obj: Any, calls: bool) -> Parts:
    if known := _of_module(obj):
        return Parts(text=known, shared=False)
    return Parts(inside=[(".__self__", obj.__self__), (".__func__", obj.__func__)], shared=False)


def _of_module(obj: Any) -> str:
    """Return the name by which a module has a method of an instance that it hides."""
    module, name = module_of(type(obj.__self__)), obj.__name__
    return f"{module}.{name}" if found_in(module, name, obj) else ""


def _builtin(obj: Any, calls: bool) -> Parts:
    if known := _of_module(obj):
        return Parts(text=known, shared=False)
    owner = obj.__self__
    parts = Parts(text=str(obj.__qualname__), shared=False)
    if owner is not None and type(owner) is not types.ModuleType:
        parts.inside.append((".__self__", owner))
    return parts


def _descriptor(obj: Any, calls: bool) -> Parts:
    return Parts(text=f"{type_words(obj.__objclass__)}.{obj.__name__}", shared=False)


def _wrapper(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[(".__func__", obj.__func__)])


def _property(obj: Any, calls: bool) -> Parts:
    return Parts(inside=[(".fget", obj.fget), (".fset", obj.fset), (".fdel", obj.fdel)])


def _module(obj: Any, calls: bool) -> Parts:
    return Parts(text=f"module {types.ModuleType.__getattribute__(obj, '__name__')}", shared=False)


def _class(obj: Any, calls: bool) -> Parts:
    if known := is_known(obj):
        return Parts(text=known, shared=False)
    parts = Parts(
        text=f"class {qualname_of(obj)}",
        inside=[(".__bases__", bases_of(obj)), (".__class__", type(obj))],
    )
    mapping = mapping_of(obj)
    if mapping is not None:
        parts.attributes.append((".__mapper__", mapping))
    foreign = mapping is not None or type(obj) not in _KNOWN_METACLASSES
    for name, value in dict_of(obj).items():
        if name in _MADE or type(value) in (types.GetSetDescriptorType, types.MemberDescriptorType):
            continue
        if foreign and not _is_own(name, value):
            continue  # the metaclass makes it anew
        if _LAZY_ANNOTATIONS and name in ("__annotations__", "__annotate__"):
            continue
        parts.attributes.append((f".{name}", value))
    return parts


def _is_own(name: str, value: Any) -> bool:
    if type(value) in (types.FunctionType, classmethod, staticmethod, property):
        return True
    return not name.startswith("__") and type(value) in _VALUES


_VALUES = frozenset({int, str, float, bool, bytes, type(None), list, dict, tuple, set})
_TAKERS: dict[type, Taker] = {
    types.FunctionType: _function,
    types.CodeType: _code,
    types.CellType: _cell,
    functools._lru_cache_wrapper: _cache,
    types.MethodType: _method,
    types.BuiltinFunctionType: _builtin,
    types.MethodWrapperType: _builtin,
    types.WrapperDescriptorType: _descriptor,
    types.MethodDescriptorType: _descriptor,
    types.ClassMethodDescriptorType: _descriptor,
    types.GetSetDescriptorType: _descriptor,
    types.MemberDescriptorType: _descriptor,
    staticmethod: _wrapper,
    classmethod: _wrapper,
    property: _property,
    types.ModuleType: _module,
}
