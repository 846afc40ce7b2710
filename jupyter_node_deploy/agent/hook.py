"""The agent of a kernel: makes a checkpoint after each cell, and when it is asked to."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..namespace import Saved, save
from .blobs import BlobWriter
from .cell import analyse
from .local_modules import LocalModules
from .magics import register_magics
from .manifest import ManifestWriter, Run, write_json
from .variables import user_variables

STANDARD, AUTOSAVE = "standard", "autosave"


@dataclass(frozen=True)
class _Running:
    info: Any
    msg_id: str | None
    started: float


class Agent:
    """One per kernel process; all its work is done in the kernel's main thread.

    Args:
        shell: IPython's.
        home: the data directory.
        kernel_id: names the agent's directory in the spool.
        mode: ``standard`` makes a checkpoint after each cell, ``autosave`` when asked.

    Attributes:
        shell: IPython's.
        home: the data directory.
        pid: the kernel's process; in a process forked from it nothing is captured.
        mode: as given, or as the server changed it since.
        changed: whether a cell has run since the last checkpoint.
        excluded: variables that the user keeps out of checkpoints.
        last: the run that a forced checkpoint shows.
    """

    def __init__(self, shell: Any, home: Path, kernel_id: str, mode: str) -> None:
        self.shell = shell
        self.pid = os.getpid()
        self.mode = mode if mode in (STANDARD, AUTOSAVE) else STANDARD
        self.changed = False
        self.excluded: set[str] = set()
        self.last = Run(analyse("").info.record(), "")
        self.home = home
        self._spool = home / "spool" / kernel_id
        self._blobs = BlobWriter(home / "blobs")
        self._writer = ManifestWriter(kernel_id, self._spool, self._blobs)
        self._modules = LocalModules()
        self._submodules: dict[str, tuple[str, ...]] = {}
        self._running: list[_Running] = []

    def start(self) -> None:
        """Listen to IPython and announce the agent to the server.

        Raises:
            OSError: the data directory can't be written to.
        """
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.shell.events.register("pre_run_cell", self._before_cell)
        self.shell.events.register("post_run_cell", self._after_cell)
        register_magics(self)
        ipykernel = sys.modules.get("ipykernel")
        announcement = {
            "pid": self.pid,
            "python": ".".join(str(part) for part in sys.version_info[:3]),
            "ipykernel": str(getattr(ipykernel, "__version__", "")),
            "started_at": time.time(),
        }
        write_json(self._spool / "agent.json", announcement)

    # What IPython calls: nothing may be raised from here, IPython would print it.

    def _before_cell(self, info: Any) -> None:
        if threading.current_thread() is threading.main_thread():
            msg_id = self._parent().get("header", {}).get("msg_id")
            if self._running and self._running[0].msg_id != msg_id:
                self._running.clear()  # of an earlier request, whose end we were not told
            self._running.append(_Running(info, msg_id, time.monotonic()))

    def _after_cell(self, result: Any) -> None:
        if os.getpid() != self.pid:
            return
        try:
            self.changed = True
            if threading.current_thread() is not threading.main_thread():
                return  # a subshell's cell: it is in the next checkpoint
            self._cell_done(result)
        except KeyboardInterrupt:
            self.report("The checkpoint was interrupted.")
        except BaseException as error:
            self.report(_words(error))

    def _cell_done(self, result: Any) -> None:
        info = getattr(result, "info", None)
        started = time.monotonic()
        while self._running:
            running = self._running.pop()
            if running.info is info or info is None:
                info, started = running.info, running.started
                break
        code = getattr(info, "raw_cell", None)
        if self._running or not isinstance(code, str) or not code.strip():
            return  # a cell that runs inside of a cell, or an empty one
        if not getattr(info, "store_history", True):
            return  # run by a tool, not by the user
        self.last = self._run(info, result, code, time.monotonic() - started)
        if self.mode == STANDARD:
            self.checkpoint("Cell run")

    def _run(self, info: Any, result: Any, code: str, duration: float) -> Run:
        source = getattr(info, "transformed_cell", None)
        if not isinstance(source, str):
            try:
                source = str(self.shell.transform_cell(code))
            except Exception:  # the cell is no Python
                source = code
        flags = getattr(getattr(self.shell, "compile", None), "flags", 0)
        analysis = analyse(source, user_variables(self.shell), flags)
        for name in analysis.submodules:
            top = name.partition(".")[0]
            known = self._submodules.get(top, ())
            if name in sys.modules and name not in known:
                self._submodules[top] = (*known, name)
        parent = self._parent()
        cell_id = getattr(info, "cell_id", None) or parent.get("metadata", {}).get("cellId")
        return Run(
            cell=analysis.info.record(),
            code=code,
            msg_id=parent.get("header", {}).get("msg_id"),
            cell_id=cell_id if isinstance(cell_id, str) else None,
            execution_count=getattr(result, "execution_count", None),
            status="ok" if getattr(result, "success", False) else "error",
            duration=duration,
        )

    def _parent(self) -> dict[str, Any]:
        try:
            parent = self.shell.get_parent()
        except Exception:  # IPython without a kernel
            return {}
        return parent if isinstance(parent, dict) else {}

    # What the server and the magics call

    def checkpoint(self, operation: str) -> str:
        """Make a checkpoint of the session as it is now.

        Returns:
            Its id.

        Raises:
            OSError: it could not be written.
            KeyboardInterrupt: the user interrupts.
        """
        started = time.monotonic()
        values = user_variables(self.shell)
        checkpoint = self._writer.write(
            operation,
            self.last,
            values,
            self.capture(values),
            self._modules.save(self._blobs),
            sorted(self.excluded.intersection(values)),
            started,
        )
        self.changed = False
        return checkpoint

    def capture(self, values: dict[str, Any]) -> Saved:
        """Save the variables but for the excluded ones; nothing is written."""
        names = [name for name in values if name not in self.excluded]
        return save(self.shell.user_ns, names, self._submodules)

    def report(self, message: str) -> None:
        """Leave word of a failure for the server, if there is a place for it."""
        with contextlib.suppress(Exception):
            write_json(self._spool / "error.json", {"message": message, "at": time.time()})


def _words(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"The checkpoint could not be written: {error.strerror}."
    return f"The checkpoint could not be made: {type(error).__name__}: {str(error)[:500]}"
