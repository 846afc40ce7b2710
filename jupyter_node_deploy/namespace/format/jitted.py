"""What the streams call for functions that numba compiles, when they are loaded.

Streams name these functions, so a name here is part of the saved format.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

_missing = object()


def make_jitted(
    kind: type, function: Callable[..., Any], local: Any, options: Any, pipeline: type
) -> Any:
    """Make a function that is compiled when it is called."""
    return kind(py_func=function, locals=local, targetoptions=options, pipeline_class=pipeline)


def fill_jitted(dispatcher: Any, compiled: list[tuple[Any, dict[str, Any]]]) -> None:
    """Compile a function for the types that it was compiled for.

    Args:
        compiled: the types of the arguments, and the values of globals that the function saw then
            and that are others now: what is compiled keeps them.
    """
    names = dispatcher.py_func.__globals__
    for types, seen in compiled:
        now = {name: names.get(name, _missing) for name in seen}
        names.update(seen)
        try:
            dispatcher.compile(types)
        finally:
            for name, value in now.items():
                if value is _missing:
                    del names[name]
                else:
                    names[name] = value
