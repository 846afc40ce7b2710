"""How functions that numba compiles are reduced: a compiled one keeps the globals that it saw.

numba is never imported here: where nobody has, there is nothing of its.
"""

from __future__ import annotations

import builtins
import sys
from collections.abc import Iterator
from typing import Any

from ..format.jitted import fill_jitted, make_jitted
from ..pickler import NamespacePickler, Reducer
from .code import global_names

_PLAIN = (bool, int, float, complex, str, bytes, type(None))
_missing = object()


def jitted_reducer(kind: type) -> Reducer | None:
    """Return how instances of a type of numba's are reduced, None if as usual."""
    registry = sys.modules.get("numba.core.registry")
    if kind is getattr(registry, "CPUDispatcher", None):
        return _reduce_dispatcher
    if kind is getattr(sys.modules.get("numba.np.ufunc.dufunc"), "DUFunc", None):
        return _reduce_ufunc
    return None


def _reduce_dispatcher(pickler: NamespacePickler, dispatcher: Any) -> Any:
    function = dispatcher.py_func
    compiled = [
        (tuple(result.signature.args), seen)
        for result, seen in _compiled(pickler, dispatcher, function)
    ]
    made = (
        type(dispatcher),
        function,
        dispatcher.locals,
        dispatcher.targetoptions,
        dispatcher._compiler.pipeline_class,
    )
    if not compiled:
        return make_jitted, made
    pickler.needed |= global_names(function.__code__)
    return make_jitted, made, compiled, None, None, fill_jitted


def _reduce_ufunc(pickler: NamespacePickler, ufunc: Any) -> Any:
    dispatcher = ufunc._dispatcher
    for _, seen in _compiled(pickler, dispatcher, dispatcher.py_func):
        for name in seen:
            how = f"it was compiled with another value of {name}, and the node compiles it anew"
            pickler.lost.append((ufunc, "", how))
    return NotImplemented


def _compiled(
    pickler: NamespacePickler, dispatcher: Any, function: Any
) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Return what was compiled, and which globals it saw that are others now."""
    names = function.__globals__
    for result in dispatcher.overloads.values():
        seen: dict[str, Any] = {}
        blocks = getattr(result.type_annotation, "blocks", None) or {}
        for block in blocks.values():
            for step in block.body:
                value: Any = getattr(step, "value", None)
                if type(value).__name__ != "Global":
                    continue
                now = names.get(value.name, builtins.__dict__.get(value.name, _missing))
                if not _same(now, value.value):
                    seen[value.name] = value.value
        yield result, seen


def _same(one: Any, other: Any) -> bool:
    if type(one) is not type(other):
        return False
    if type(one) is tuple:
        return len(one) == len(other) and all(map(_same, one, other))
    return one is other or (type(one) in _PLAIN and bool(one == other))
