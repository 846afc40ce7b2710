"""Whether code may have run that no cell's text shows."""

from __future__ import annotations

import asyncio
import contextlib
import sys
import threading
import weakref
from pathlib import Path
from typing import Any

#: Threads and tasks made by these serve the kernel or show progress, and touch no variables.
_KERNEL = frozenset(
    {
        __name__.partition(".")[0],
        "IPython",
        "anyio",
        "debugpy",
        "ipykernel",
        "jupyter_client",
        "pydevd",
        "tornado",
        "tqdm",
        "zmq",
    }
)


class Activity:
    """Notices what runs beside the cells: comm messages, subshells, threads, tasks, hooks.

    Args:
        shell: IPython's.
    """

    def __init__(self, shell: Any) -> None:
        self._shell = shell
        self._known = weakref.WeakSet(threading.enumerate())
        self._idents = {*sys._current_frames()}
        self._runs = 0
        self._cells = 0
        self._began = False
        self._others = False
        self._directories = tuple(_directories())

    def ran(self) -> None:
        """Note that the shell has run something, a cell or a message's callback."""
        self._runs += 1

    def cell_began(self) -> None:
        """Note which threads are there before the first cell: the kernel's."""
        if not self._began:
            self._began = True
            self._known.update(threading.enumerate())
            self._idents.update(sys._current_frames())

    def cell_ended(self) -> None:
        """Note that what it has run was a cell of the main thread."""
        self._cells += 1

    def request_ran(self) -> None:
        """Note that what it has run was a request of ours."""
        self._runs -= 1

    def unseen(self) -> bool:
        """Tell whether something else may have run since the last time this was asked."""
        strange = self._runs != self._cells
        self._runs = self._cells = 0
        before, self._others = self._others, self._others_run()
        return strange or before or self._others or self._hooks()

    def _others_run(self) -> bool:
        return self._threads() or self._tasks()

    def _threads(self) -> bool:
        own = threading.get_ident()
        threads = {thread.ident: thread for thread in threading.enumerate()}
        for ident in sys._current_frames():
            thread = threads.get(ident)
            if ident == own or (thread is None and ident in self._idents):
                continue
            if thread is None or (thread not in self._known and not _of_kernel(type(thread))):
                return True
        return False

    def _tasks(self) -> bool:
        try:
            loop = asyncio.get_running_loop()
            tasks = asyncio.all_tasks(loop)
            current = asyncio.current_task(loop)
        except RuntimeError:
            return False
        return any(
            task is not current and not self._file(task).startswith(self._directories)
            for task in tasks
        )

    def _file(self, task: asyncio.Task[Any]) -> str:
        code = getattr(task.get_coro(), "cr_code", None)
        return str(getattr(code, "co_filename", ""))

    def _hooks(self) -> bool:
        """Tell whether the user has functions called around cells."""
        with contextlib.suppress(AttributeError):
            for functions in self._shell.events.callbacks.values():
                for function in functions:
                    module = getattr(function, "__module__", None)
                    if str(module).partition(".")[0] not in _KERNEL and not _is_library(module):
                        return True
        return False


def _of_kernel(kind: type) -> bool:
    return any(base.__module__.partition(".")[0] in _KERNEL for base in kind.__mro__)


def _is_library(module: Any) -> bool:
    """Tell whether it is an installed module, whose hooks draw figures and the like."""
    loaded = sys.modules.get(module) if isinstance(module, str) else None
    file = getattr(loaded, "__file__", None)
    return isinstance(file, str) and "site-packages" in Path(file).parts


def _directories() -> list[str]:
    found = []
    for name in _KERNEL:
        file = getattr(sys.modules.get(name), "__file__", None)
        if isinstance(file, str):
            found.append(str(Path(file).parent))
    return found
