"""What the saved streams call when they are loaded: makes functions, classes, cells, views.

Streams name these functions as ``_jupyter_node_deploy.namespace.format.builders.…``, so a name here
is part of the saved format. Things that may refer to themselves are made empty by a ``make_``
function and completed by a ``fill_`` function once the stream can refer to them.
"""

from __future__ import annotations

import abc
import builtins
import functools
import gc
import importlib
import sys
import types
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, cast

from .. import memory, places
from ..importable import MADE, dict_of, is_heap_type, mro


class NotRestored(LookupError):
    """The stream refers to a variable by name, and that variable is not there."""


def user_namespace() -> dict[str, Any]:
    """Return the namespace that is being restored."""
    return sys.modules["__main__"].__dict__


def builtin_namespace() -> dict[str, Any]:
    """Return the names that every function sees."""
    return builtins.__dict__


def lookup(name: str, *path: str) -> Any:
    """Return a function or class of the notebook that is a variable of its own.

    Args:
        name: the variable.
        path: attributes from it on, for nested classes and methods.

    Raises:
        NotRestored: it could not be restored itself.
    """
    try:
        found = user_namespace()[name]
        for step in path:
            found = getattr(found, step)
    except (KeyError, AttributeError):
        dotted = ".".join((name, *path))
        raise NotRestored(f"it needs {dotted!r}, which could not be restored") from None
    return found


def module(name: str, *submodules: str) -> types.ModuleType:
    """Import a module, and the submodules that the notebook had imported along with it."""
    for submodule in submodules:
        importlib.import_module(submodule)
    return importlib.import_module(name)


def original(module: str, name: str) -> Any:
    """Return what a module had under a name before the notebook replaced it."""
    return places.original(module, name)


def make_module(name: str, imported: bool) -> types.ModuleType:
    """Make an empty module.

    Args:
        name: the module's.
        imported: whether ``import`` is to find it.
    """
    made = types.ModuleType(name)
    if imported:
        sys.modules[name] = made
        MADE.add(name)  # what is looked at here is seen as the kernel sees it
    return made


def fill_module(made: types.ModuleType, variables: dict[str, Any]) -> None:
    """Give a module its variables."""
    made.__dict__.update(variables)


def module_namespace(name: str) -> dict[str, Any]:
    """Return the globals of an imported module."""
    return importlib.import_module(name).__dict__


def class_namespace(cls: type) -> dict[str, Any]:
    """Return a class' own dict, of which ``vars`` gives a read-only view."""
    (own,) = gc.get_referents(dict_of(cls))
    return cast("dict[str, Any]", own)


def make_code(*fields: Any) -> types.CodeType:
    """Make a code object from the fields that this version of Python has."""
    return types.CodeType(*fields)


def make_cell() -> types.CellType:
    """Make an empty closure cell."""
    return types.CellType()


def fill_cell(cell: types.CellType, contents: Any) -> None:
    """Set what a closure cell holds."""
    cell.cell_contents = contents


def make_function(
    code: types.CodeType,
    namespace: dict[str, Any],
    name: str,
    closure: tuple[types.CellType, ...] | None,
) -> types.FunctionType:
    """Make a function whose globals are ``namespace`` itself."""
    return types.FunctionType(code, namespace, name, None, closure)


def fill_function(
    function: types.FunctionType,
    state: tuple[dict[str, Any], dict[str, Any], dict[int, Any], dict[str, Any]],
) -> None:
    """Complete a function: slots, own attributes, contents of its cells, globals of its own."""
    slots, attributes, contents, names = state
    function.__globals__.update(names)
    for name, value in slots.items():
        setattr(function, name, value)
    _annotate(function, slots)
    function.__dict__ = attributes  # the very dict: a variable may be ``vars(function)``
    cells = function.__closure__ or ()
    for position, value in contents.items():
        cells[position].cell_contents = value


def make_method(function: Callable[..., Any], instance: Any) -> types.MethodType:
    """Bind a function that is not an attribute of the instance's class."""
    return types.MethodType(function, instance)


def make_class(
    metaclass: type, name: str, bases: tuple[type, ...], namespace: dict[str, Any]
) -> type:
    """Make a class without its attributes, and without running any of the notebook's code.

    Metaclasses, ``__init_subclass__`` and ``__set_name__`` did their work when the notebook defined
    the class: what came of it is in the attributes.
    """
    with _subclass_hooks_off(bases):
        if issubclass(metaclass, abc.ABCMeta):
            return cast("type", abc.ABCMeta.__new__(metaclass, name, bases, namespace))
        return cast("type", type.__new__(metaclass, name, bases, namespace))


def fill_class(cls: type, state: tuple[dict[str, Any], tuple[type, ...]]) -> None:
    """Complete a class: attributes as they were, and registered subclasses."""
    attributes, registered = state
    for name, value in attributes.items():
        type.__setattr__(cls, name, value)
    _annotate(cls, attributes)
    for subclass in registered:
        abc.ABCMeta.register(cast("abc.ABCMeta", cls), subclass)


def _annotate(obj: Any, attributes: dict[str, Any]) -> None:
    """Give a function or class that tells its annotations when asked those that it has told.

    Setting either drops the other (that is from Python 3.14 on): so the function that tells them is
    made to tell these, once, without its own code being run.
    """
    annotations, tells = attributes.get("__annotations__"), attributes.get("__annotate__")
    if annotations is None or type(tells) is not types.FunctionType:
        return
    code, defaults = tells.__code__, tells.__defaults__
    tells.__code__ = _second.__code__.replace(co_freevars=code.co_freevars)
    tells.__defaults__ = (annotations,)
    try:
        _ = obj.__annotations__
    finally:
        tells.__code__, tells.__defaults__ = code, defaults


def _second(_: int, annotations: dict[str, Any]) -> dict[str, Any]:
    return annotations


@contextmanager
def _subclass_hooks_off(bases: tuple[type, ...]) -> Iterator[None]:
    hooks: dict[type, Any] = {}
    for base in bases:
        for cls in mro(base):
            if "__init_subclass__" in dict_of(cls) and is_heap_type(cls):
                hooks[cls] = dict_of(cls)["__init_subclass__"]
    for cls in hooks:
        type.__setattr__(cls, "__init_subclass__", classmethod(_no_hook))
    try:
        yield
    finally:
        for cls, hook in hooks.items():
            type.__setattr__(cls, "__init_subclass__", hook)


def _no_hook(cls: type, /, **_: Any) -> None:
    """Do what ``object`` does."""


def make_member(cls: type, base: type, arguments: tuple[Any, ...]) -> Any:
    """Make a member of an enumeration that is being made itself."""
    return base.__new__(cls, *arguments)


def make_exception(cls: type[BaseException], arguments: tuple[Any, ...]) -> BaseException:
    """Make an exception without ``__init__``, whose signature may differ from ``args``."""
    return cls.__new__(cls, *arguments)


def fill_exception(
    exception: BaseException,
    state: tuple[dict[str, Any], BaseException | None, BaseException | None, bool],
) -> None:
    """Complete an exception: attributes, what caused it, what was being handled."""
    attributes, exception.__cause__, exception.__context__, suppressed = state
    exception.__suppress_context__ = suppressed  # setting the cause has changed it
    exception.__dict__.update(attributes)


def fill_instance(obj: Any, state: Any) -> None:
    """Give an instance the very dict that others refer to as its attributes."""
    attributes, slots = state if type(state) is tuple else (state, None)
    object.__setattr__(obj, "__dict__", attributes)  # a frozen dataclass refuses ``setattr``
    for name, value in (slots or {}).items():
        object.__setattr__(obj, name, value)


def make_cache(
    function: Callable[..., Any], maxsize: int | None, typed: bool
) -> functools._lru_cache_wrapper[Any]:
    """Make a cached function, its cache empty."""
    made = functools.lru_cache(maxsize, typed)(function)
    _leave_attributes(made, {"__wrapped__", "cache_parameters"})
    return made


def make_cached_property(
    function: Callable[..., Any], name: str | None
) -> functools.cached_property[Any]:
    """Make a cached property that knows the attribute it stands for."""
    made = functools.cached_property(function)
    made.attrname = name
    return made


def make_dispatch(function: Callable[..., Any]) -> Any:
    """Make a ``singledispatch`` function that knows only its default yet."""
    made = functools.singledispatch(function)
    _leave_attributes(made, {"register", "dispatch", "registry", "_clear_cache"})
    return made


def _leave_attributes(wrapper: Any, names: set[str]) -> None:
    """Remove what a wrapper has copied from its function: that may have got it since."""
    for name in wrapper.__dict__.keys() - names:
        del wrapper.__dict__[name]


def fill_dispatch(
    function: Any, state: tuple[list[tuple[type, Callable[..., Any]]], dict[str, Any]]
) -> None:
    """Register the implementations of a ``singledispatch`` function."""
    implementations, attributes = state
    for cls, implementation in implementations:
        function.register(cls, implementation)
    function.__dict__.update(attributes)


def make_proxy(mapping: dict[Any, Any]) -> types.MappingProxyType[Any, Any]:
    """Make a read-only view of a mapping."""
    return types.MappingProxyType(mapping)


def make_bare(cls: type) -> Any:
    """Make an instance as ``object`` does, whatever its class asks for."""
    return object.__new__(cls)


class _Gone:
    """What a dead reference refers to: nothing keeps it alive."""

    def method(self) -> None:
        """Be what a dead reference to a method refers to."""


def make_dead_reference() -> weakref.ref[Any]:
    """Make a weak reference to what is no longer there."""
    return weakref.ref(_Gone())


def make_dead_method() -> weakref.WeakMethod[Callable[..., Any]]:
    """Make a weak reference to a method of what is no longer there."""
    return weakref.WeakMethod(_Gone().method)


def make_type_variable(kind: type, name: str, constraints: tuple[Any, ...], options: Any) -> Any:
    """Make a ``TypeVar``, ``ParamSpec`` or ``TypeVarTuple``."""
    return kind(name, *constraints, **options)


def make_owned(make: Callable[..., Any], content: Any, *arguments: Any) -> Any:
    """Make an array that owns its memory, as only such ones can be resized.

    Large content stays where it is, in memory that is shared with other processes until it is
    written to, unless code that goes along speaks of resizing.

    Args:
        make: NumPy's function that makes an array over its content.
        content: its bytes.
    """
    array = make(content, *arguments)
    if type(content) is memoryview and not memory.resized:
        return array
    owned = array.copy(order="K")
    owned.flags.writeable = array.flags.writeable
    return owned


def make_derived_array(kind: type, make: Callable[..., Any], content: Any, *arguments: Any) -> Any:
    """Make an array of a subclass of NumPy's.

    Args:
        kind: the subclass.
        make: NumPy's function that makes an array over its content.
        content: its bytes.
    """
    return make(content, *arguments).view(kind)


def fill_constant_array(array: Any, state: Any) -> None:
    """Complete an array that can't be written to."""
    array.__setstate__(state)
    array.flags.writeable = False


def make_view(
    base: Any,
    dtype: Any,
    shape: tuple[int, ...],
    strides: tuple[int, ...],
    offset: int,
    writeable: bool,
    kind: type | None = None,
) -> Any:
    """Make an array that shares the memory of ``base``, ``offset`` bytes into it.

    Args:
        base: an array, bytes that can change, or the storage of a tensor.
        kind: a subclass of ``ndarray``, if it is no plain array.
    """
    import numpy as np

    if hasattr(base, "_cdata"):
        torch = importlib.import_module("torch")
        owner = torch.empty(0, dtype=torch.uint8).set_(base).numpy()
        view = np.ndarray(shape, dtype, owner, offset, strides)
    elif not isinstance(base, np.ndarray):
        view = np.ndarray(shape, dtype, base, offset, strides)
    elif base.dtype.hasobject:
        flat = base.reshape(-1, order="A")[offset // base.itemsize :]
        view = np.lib.stride_tricks.as_strided(flat, shape, strides)
    else:
        memory = base if base.flags.c_contiguous else base.T
        view = np.ndarray(shape, dtype, memory, offset, strides)
    if kind is not None:
        view = view.view(kind)
    if view.flags.writeable != writeable:
        view.flags.writeable = writeable
    return view
