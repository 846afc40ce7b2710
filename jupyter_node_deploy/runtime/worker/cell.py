"""The cell: compiled once, run in a namespace, its errors told in its own lines.

User's interpreter, standard library only.
"""

from __future__ import annotations

import ast
import inspect
import io
import linecache
import os
import traceback
from collections.abc import Coroutine
from types import TracebackType
from typing import Any

from . import magics

FILENAME = "<cell>"
_MESSAGE_LIMIT = 16 * 1024
_LINES_LIMIT = 200


class Cell:
    """A compiled cell.

    Args:
        source: Python source, magics already transformed.
        flags: compiler flags of the ``__future__`` imports in force.

    Raises:
        SyntaxError: it does not compile.
    """

    def __init__(self, source: str, flags: int = 0) -> None:
        flags |= ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        source = magics.unwrapped(source)
        code: Any = source
        if "get_ipython()" in source:
            code = compile(source, FILENAME, "exec", flags | ast.PyCF_ONLY_AST, dont_inherit=True)
            code = magics.translated(code)
        self.code = compile(code, FILENAME, "exec", flags, dont_inherit=True)
        self.awaits = bool(self.code.co_flags & inspect.CO_COROUTINE)
        self._loop: Any = None
        # As Python counts lines: str.splitlines knows ends that are none in source.
        lines = io.StringIO(source, newline=None).readlines()
        # No time of change: linecache then never looks for a file of that name.
        linecache.cache[FILENAME] = (len(source), None, lines, FILENAME)
        if self.awaits:
            import asyncio  # noqa: F401 - now, while no file of the user's can take its place

    def run(self, namespace: dict[str, Any]) -> None:
        """Run the cell; whatever it raises comes out."""
        if self.awaits:
            self._run_async(namespace)
        else:
            exec(self.code, namespace)

    def coroutine(self, namespace: dict[str, Any]) -> Coroutine[Any, Any, None]:
        """Return the run of a cell that awaits, to be awaited."""
        made: Coroutine[Any, Any, None] = eval(self.code, namespace)
        return made

    def _run_async(self, namespace: dict[str, Any]) -> None:
        import asyncio

        if self._loop is None or self._loop.is_closed():
            self._loop = asyncio.new_event_loop()
        loop = self._loop
        try:
            loop.run_until_complete(self.coroutine(namespace))
        finally:
            # What the cell started and did not wait for must not run on in the next request.
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.run_until_complete(loop.shutdown_asyncgens())


def describe(
    error: BaseException, namespace: dict[str, Any], directory: str
) -> tuple[str, str, list[str]]:
    """Return an error's name, message and traceback lines.

    The traceback shows the frames of the cell, of the notebook's functions and of the local
    modules in ``directory``; not ours, and not those inside libraries.
    """
    name = type(error).__name__
    try:
        message = str(error)
    except Exception:
        message = "(its message could not be made)"
    own = {FILENAME}
    _collect(error, namespace, own, set())
    whole = traceback.TracebackException.from_exception(error)
    _keep(whole, own, directory + os.sep, set())
    lines = "".join(whole.format()).rstrip("\n").split("\n")
    if len(lines) > _LINES_LIMIT:
        half = _LINES_LIMIT // 2
        lines = [*lines[:half], f"  … {len(lines) - 2 * half} more lines …", *lines[-half:]]
    return name, message[:_MESSAGE_LIMIT], [line[:_MESSAGE_LIMIT] for line in lines]


def _collect(
    error: BaseException | None, namespace: dict[str, Any], own: set[str], seen: set[int]
) -> None:
    # The file names of the notebook's functions: those that have the namespace as globals.
    if error is None or id(error) in seen:
        return
    seen.add(id(error))
    step: TracebackType | None = error.__traceback__
    while step is not None:
        if step.tb_frame.f_globals is namespace:
            own.add(step.tb_frame.f_code.co_filename)
        step = step.tb_next
    _collect(error.__cause__, namespace, own, seen)
    _collect(error.__context__, namespace, own, seen)
    for part in getattr(error, "exceptions", ()):
        if isinstance(part, BaseException):
            _collect(part, namespace, own, seen)


def _keep(whole: Any, own: set[str], directory: str, seen: set[int]) -> None:
    if whole is None or id(whole) in seen:
        return
    seen.add(id(whole))
    if whole.stack is not None:
        frames = [
            frame
            for frame in whole.stack
            if frame.filename in own or frame.filename.startswith(directory)
        ]
        whole.stack = traceback.StackSummary.from_list(frames)
    _keep(whole.__cause__, own, directory, seen)
    _keep(whole.__context__, own, directory, seen)
    for part in getattr(whole, "exceptions", None) or ():
        _keep(part, own, directory, seen)
