"""Which names of a session are the user's variables, and what there is to say about each."""

from __future__ import annotations

import functools
import re
import types
from typing import Any, Literal

from ...namespace.manifest import VariableInfo
from .json_form import json_form
from .preview import preview, shape, type_name

_KEPT_BY_IPYTHON = re.compile(r"_{1,3}|_i{1,3}|_i?\d+|_[iod]h|In|Out")
_OF_THE_MODULE = frozenset(
    {
        "__annotations__",
        "__builtin__",
        "__builtins__",
        "__conditional_annotations__",
        "__doc__",
        "__file__",
        "__loader__",
        "__name__",
        "__package__",
        "__session__",
        "__spec__",
        "__vsc_ipynb_file__",
        "__warningregistry__",
    }
)
_FUNCTIONS = (
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    functools._lru_cache_wrapper,
)


@functools.lru_cache(10_000)
def _is_hidden(name: str) -> bool:
    return name in _OF_THE_MODULE or _KEPT_BY_IPYTHON.fullmatch(name) is not None


def user_variables(shell: Any) -> dict[str, Any]:
    """Return the user's variables in the order in which they were made.

    What IPython put there is left out as long as it is still IPython's own object: ``open`` is also
    a name that a user may take.
    """
    hidden = shell.user_ns_hidden
    return {
        name: value
        for name, value in list(shell.user_ns.items())
        if type(name) is str
        and not _is_hidden(name)
        and not (name in hidden and hidden[name] is value)
    }


def hidden_names(shell: Any) -> set[str]:
    """Return the names under which the namespace has IPython's own functions and the module's own.

    None of them leads to a variable; what does, like ``Out`` and ``_``, is not among them.
    """
    hidden = shell.user_ns_hidden
    namespace = shell.user_ns
    own = {name for name in ("display", "exit", "open", "quit") if name in hidden}
    same = {name for name in own if namespace.get(name) is hidden[name]}
    return same | {"__doc__", "__file__", "__name__", "__package__", "__session__"}


def describe(name: str, value: Any) -> VariableInfo:
    """Return what a manifest says about a variable, but for how it was saved."""
    form = json_form(value)
    return VariableInfo(
        name=name,
        kind=_kind(value),
        type=type_name(type(value)),
        preview=preview(value),
        shape=shape(value),
        declared=form.declared,
        schema=form.schema,
        example=form.example,
        input_schema=form.input_schema,
        no_input=form.no_input,
        no_output=form.no_output,
    )


def _kind(value: Any) -> Literal["data", "function", "class", "module"]:
    kind = type(value)
    if issubclass(kind, types.ModuleType):
        return "module"
    if issubclass(kind, type):
        return "class"
    return "function" if kind in _FUNCTIONS else "data"
