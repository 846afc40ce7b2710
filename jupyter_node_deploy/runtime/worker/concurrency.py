"""Whether a worker may run several requests at a time (user's interpreter, standard library only).

Each run has a namespace of its own then, made from the checkpoint's; the objects in it are shared.
Functions of earlier cells see the checkpoint's variables, never a request's: a cell for which that
makes a difference is refused.
"""

from __future__ import annotations

import dis
import gc
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

from ...errors import FailedPrecondition
from .execution import Execution

_READS = frozenset(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"))
_WRITES = frozenset(("STORE_GLOBAL", "DELETE_GLOBAL"))
_IMPORTS = frozenset(("IMPORT_NAME", "IMPORT_FROM"))


def check(execution: Execution) -> None:
    """Raise unless requests that run at the same time get what each would get alone.

    Raises:
        FailedPrecondition: they would not; the message says why, and what to do.
    """
    if execution.bundle.isolation == "request":
        raise _unfit("they share the state, so the isolation cannot be request")
    if execution.random is not None:
        raise _unfit("they share the random generators, so random_state cannot be checkpoint")
    if not execution.cell.awaits:
        raise _unfit("the cell has no await at its top level, so its runs cannot take turns")
    renewed = _renewed(execution)
    for function in _functions(execution.namespace):
        told = f"the function {function.__qualname__} of an earlier cell"
        for code in _codes(function.__code__):
            for step in dis.get_instructions(code):
                if step.opname in _WRITES:
                    raise _unfit(f"{told} sets the global variable {step.argval}")
                if step.opname in _READS and step.argval in renewed:
                    raise _unfit(
                        f"{told} reads the variable {step.argval}, which every request sets: pass "
                        "it as an argument, or define the function in this cell"
                    )


def _renewed(execution: Execution) -> set[str]:
    # Names that a run sets; a module that it imports again is the same one.
    names = {*execution.inputs.names, *execution.outputs.names}
    before = ""
    for step in dis.get_instructions(execution.cell.code):
        if step.opname == "STORE_NAME" and not (
            before in _IMPORTS and step.argval in execution.namespace
        ):
            names.add(step.argval)
        before = step.opname
    return names


def _functions(namespace: dict[str, Any]) -> Iterator[FunctionType]:
    # All of them, wherever they are kept: methods, closures, callbacks.
    for found in gc.get_objects():
        if type(found) is FunctionType and found.__globals__ is namespace:
            yield found


def _codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _codes(constant)


def _unfit(reason: str) -> FailedPrecondition:
    return FailedPrecondition(
        f"this cell can't run several requests at a time in one worker: {reason}. Or set the "
        "concurrency to 1"
    )
