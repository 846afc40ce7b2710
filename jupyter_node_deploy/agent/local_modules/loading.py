"""Tells when the code of a module was run: what a statement imports, that statement may change."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from importlib.machinery import SourceFileLoader
from typing import Any

#: Python leaves frames of this file out of the tracebacks of what a module raises.
_FILE = "<frozen importlib._bootstrap_external>"
_SOURCE = """
def exec_module(self, module):
    begins(module)
    try:
        run(self, module)
    finally:
        ended(module)
"""


def around_each(begins: Callable[[Any], None], ended: Callable[[Any], None]) -> None:
    """Have functions called before and after the code of each module with a source is run.

    Args:
        begins: gets the module; what it raises, if that is no interrupt, is ignored.
        ended: likewise, also when the module's code has raised something.
    """
    space = {
        "__name__": SourceFileLoader.__module__,
        "begins": _quiet(begins),
        "run": SourceFileLoader.exec_module,
        "ended": _quiet(ended),
    }
    exec(compile(_SOURCE, _FILE, "exec"), space)
    SourceFileLoader.exec_module = space["exec_module"]  # type: ignore[method-assign,assignment]


def _quiet(function: Callable[[Any], None]) -> Callable[[Any], None]:
    def called(module: Any) -> None:
        with contextlib.suppress(Exception):
            function(module)

    return called
