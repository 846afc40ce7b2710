"""How functions, methods, closure cells and code objects are reduced."""

from __future__ import annotations

import contextlib
import functools
import gc
import operator
import sys
import types
from collections.abc import Callable
from typing import Any

from ..format import builders
from ..importable import dict_of, found_in, module_of, mro
from ..pickler import NamespacePickler
from .code import ANYTHING, FIELDS, global_names

_DISPATCH_CODE = functools.singledispatch(lambda _: None).__code__  # type: ignore[attr-defined]
_LAZY_ANNOTATIONS = sys.version_info >= (3, 14)
#: The dicts that a function has, but for its annotations.
_own_dicts = operator.attrgetter("__builtins__", "__dict__", "__globals__", "__kwdefaults__")
#: The cell through which annotations, and the bounds of type parameters, read a class' own dict.
_CLASS_NAMESPACE = "__classdict__"


def reduce_function(pickler: NamespacePickler, function: types.FunctionType) -> Any:
    """By import, by name, or else by value, bound to the restored namespace."""
    if found_in(function.__module__, function.__qualname__, function):
        pickler.imports(function.__module__, function)
        return NotImplemented
    if pickler.replaced(function.__module__, function.__qualname__):
        pickler.imports(function.__module__, function)
        return builders.original, (function.__module__, function.__qualname__)
    path = variable_path(pickler, function, function.__qualname__)
    if path:
        return pickler.refer(path, function)
    if function.__code__ is _DISPATCH_CODE:
        return _reduce_dispatch(pickler, function)
    pickler.refuse_own(function.__globals__.get("__name__"), function)
    code = function.__code__
    if function.__globals__ is pickler.context.namespace:
        pickler.uses |= global_names(code)
    cells = list(function.__closure__ or ())
    contents: dict[int, Any] = {}
    for position, (name, cell) in enumerate(zip(code.co_freevars, cells, strict=True)):
        with contextlib.suppress(ValueError):  # not set yet
            contents[position] = cell.cell_contents
            if name == _CLASS_NAMESPACE:
                cells[position], contents[position] = _class_namespace(pickler, code, cell)
        pickler.cells.add(id(cells[position]))
    namespace, names = _namespace_of(pickler, function)
    arguments = (code, namespace, function.__name__, tuple(cells) or None)
    state = (_slots(function), function.__dict__, contents, names)
    return builders.make_function, arguments, state, None, None, builders.fill_function


def _class_namespace(
    pickler: NamespacePickler, code: types.CodeType, cell: types.CellType
) -> tuple[types.CellType, Any]:
    """Return a cell for a class' own dict, which itself can't be saved, and what is in it."""
    own = cell.cell_contents
    cls: Any
    variables = map(pickler.context.namespace.get, pickler.context.names.values())
    for cls in (pickler.classes.get(id(own)), *variables):
        if issubclass(type(cls), type) and builders.class_namespace(cls) is own:
            return cell, _Namespace(builders.class_namespace, cls)
    # A class in a function, of which only this is saved so far: what this may read.
    names = sorted({*global_names(code), *code.co_freevars})
    return types.CellType(), {name: own[name] for name in names if name in own}


def _slots(function: types.FunctionType) -> dict[str, Any]:
    slots: dict[str, Any] = {
        "__qualname__": function.__qualname__,
        "__module__": function.__module__,
        "__doc__": function.__doc__,
    }
    if function.__defaults__:
        slots["__defaults__"] = function.__defaults__
    if function.__kwdefaults__:
        slots["__kwdefaults__"] = function.__kwdefaults__
    annotate = getattr(function, "__annotate__", None) if _LAZY_ANNOTATIONS else None
    annotations = function.__annotations__ if annotate is None else _known_annotations(function)
    if annotations:
        slots["__annotations__"] = annotations
    if annotate is not None:
        slots["__annotate__"] = annotate
    parameters = getattr(function, "__type_params__", ())
    if parameters:
        slots["__type_params__"] = parameters
    return slots


def _known_annotations(function: types.FunctionType) -> dict[str, Any] | None:
    """Return the annotations if somebody has asked for them; to ask may run the notebook's code."""
    own = {id(one) for one in _own_dicts(function)}
    found = (part for part in gc.get_referents(function) if type(part) is dict)
    return next((part for part in found if id(part) not in own), None)


def _namespace_of(
    pickler: NamespacePickler, function: types.FunctionType
) -> tuple[Any, dict[str, Any]]:
    """Return what stands for the function's globals, and the names that it needs added to them.

    Globals that are neither the notebook's nor a module's often are a copy of one of these, made
    by a library that generates methods: only what the function may read is taken from them.
    """
    namespace = function.__globals__
    if namespace is pickler.context.namespace or id(namespace) in pickler.context.dicts:
        return namespace, {}
    made = pickler.context.modules.get(id(namespace))
    if made is not None:
        return _Namespace(vars, made), {}
    name = namespace.get("__name__")
    if isinstance(name, str) and name != "__main__":
        module = sys.modules.get(name)
        if module is not None and module.__dict__ is namespace:
            pickler.modules.add(name.partition(".")[0])
            return _Namespace(builders.module_namespace, name), {}
    used = global_names(function.__code__)
    if ANYTHING in used:
        return namespace, {}
    part = pickler.parts.setdefault(id(namespace), {"__name__": name} if name else {})
    return part, {key: namespace[key] for key in sorted(used) if key in namespace}


class _Namespace:
    """Stands in a stream for the dict of a module or class."""

    def __init__(self, builder: Callable[[Any], dict[str, Any]], owner: Any) -> None:
        self.builder = builder
        self.owner = owner

    def __reduce__(self) -> Any:
        return self.builder, (self.owner,)


def variable_path(pickler: NamespacePickler, obj: Any, qualname: Any) -> tuple[str, ...] | None:
    """Return the way from a variable of another stream to a function or class, if there is one."""
    name = pickler.context.names.get(id(obj))
    if name is not None:
        return None if name in pickler.own else (name,)
    if type(qualname) is not str or "." not in qualname or "<" in qualname:
        return None
    root, *path = qualname.split(".")
    found: Any = pickler.context.namespace.get(root)
    if root in pickler.own or id(found) not in pickler.context.names:
        return None
    for step in path:
        found = dict_of(found).get(step) if issubclass(type(found), type) else None
    return (root, *path) if found is obj else None


def _reduce_dispatch(pickler: NamespacePickler, function: Any) -> Any:
    implementations = dict(function.registry)
    default = implementations.pop(object)
    attributes = {
        name: value
        for name, value in function.__dict__.items()
        if name not in ("register", "dispatch", "registry", "_clear_cache")
    }
    state = (list(implementations.items()), attributes)
    return builders.make_dispatch, (default,), state, None, None, builders.fill_dispatch


def reduce_builtin(pickler: NamespacePickler, function: Any) -> Any:
    """A function in C; one bound to a module's hidden object (``random.random``) is imported."""
    pickler.constants.add(id(function))
    owner = function.__self__
    if owner is None or isinstance(owner, types.ModuleType):
        module = function.__module__
        if isinstance(module, str):
            pickler.imports(module, function)
        if pickler.replaced(module, function.__name__):
            return builders.original, (module, function.__name__)
        return NotImplemented
    return _imported_method(pickler, function, type(owner)) or NotImplemented


def reduce_method(pickler: NamespacePickler, method: types.MethodType) -> Any:
    """A bound method: by import, as attribute of its instance, or made of its two parts."""
    function: Any = method.__func__
    instance: Any = method.__self__
    imported = _imported_method(pickler, method, type(instance))
    if imported:
        return imported
    name = function.__name__ if type(function) is types.FunctionType else ""
    named = _attribute(type(instance), name) is function
    if not named and issubclass(type(instance), type):
        found = _attribute(instance, name)
        named = type(found) is classmethod and found.__func__ is function
    owner = instance if issubclass(type(instance), type) else type(instance)
    if named and module_of(owner) != "__main__":
        return NotImplemented
    # Not as an attribute: the notebook's class may still be empty when the method is made.
    return builders.make_method, (function, instance)


def _attribute(cls: type, name: str) -> Any:
    return next((dict_of(base)[name] for base in mro(cls) if name in dict_of(base)), None)


def _imported_method(pickler: NamespacePickler, method: Any, owner: type) -> Any:
    function = getattr(method, "__func__", method)
    named = module_of(type(function)) != "__main__"  # nobody's own callable
    module, name = module_of(owner), getattr(function, "__name__", None) if named else None
    if found_in(module, name, method):
        pickler.imports(module, method)
        return getattr, (sys.modules[module], name)
    return None


def reduce_cell(pickler: NamespacePickler, cell: types.CellType) -> Any:
    """An empty cell; its contents come with the function, or here when there is none."""
    if id(cell) not in pickler.cells:
        try:
            contents = cell.cell_contents
        except ValueError:
            pass
        else:
            return builders.make_cell, (), contents, None, None, builders.fill_cell
    return builders.make_cell, ()


def reduce_code(pickler: NamespacePickler, code: types.CodeType) -> Any:
    """A code object as the fields that this version of Python makes it from."""
    pickler.constants.add(id(code))
    return builders.make_code, tuple(getattr(code, name) for name in FIELDS)
