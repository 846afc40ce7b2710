"""The agent of a kernel: makes a checkpoint after each cell, and when it is asked to."""

from __future__ import annotations

import contextlib
import json
import os
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..namespace import no_collection, random_state, save
from ..namespace.manifest import Operation
from ..namespace.options import OptionReader
from . import model_files
from .activity import Activity
from .analysis.cell import Analysis, analyse
from .analysis.identifiers import Identifiers, identifiers
from .analysis.origins import Origins
from .baseline import Baseline
from .checkpointer import Checkpointer, words
from .describe.variables import describe, hidden_names, user_variables
from .environment import Environment
from .idle import IdleTask
from .job import Job, Loaded, new_id
from .local_modules.loading import around_each
from .local_modules.sources import LocalModules
from .patches.suspicion import Degree, Suspicion
from .recorder import Recorder
from .run import Run
from .state_magics import register_magics
from .store.blobs import BlobWriter
from .store.whole_file import write_whole

STANDARD, AUTOSAVE = "standard", "autosave"
#: Patience with a checkpoint whose end the user waits for: another process would take longer.
_UNTIL_WRITTEN = 8


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
        hash_seed: by which the process hashes text; None where nobody knows.

    Attributes:
        shell: IPython's.
        home: the data directory.
        pid: the kernel's process; in a process forked from it nothing is captured.
        mode: as given, or as the server changed it since.
        changed: whether a cell has run since the last checkpoint.
        excluded: variables that the user keeps out of checkpoints.
        last: the run that a forced checkpoint shows.
        origins: which variables' values the texts of cells show.
        delay: seconds for which the user waited for us before and after the last cell.
        options: reads those of the process and of packages.
    """

    def __init__(
        self, shell: Any, home: Path, kernel_id: str, mode: str, hash_seed: int | None = None
    ) -> None:
        self.shell = shell
        self.pid = os.getpid()
        self.mode = mode if mode in (STANDARD, AUTOSAVE) else STANDARD
        self.changed = False
        self.excluded: set[str] = set()
        self.last = Run(analyse("").info, "")
        self.origins = Origins()
        self.home = home
        self.delay = 0.0
        self._waited = 0.0
        self._spool = home / "spool" / kernel_id
        self.options = OptionReader()
        recorder = Recorder(kernel_id, self._spool, BlobWriter(home / "blobs"), hash_seed)
        self._checkpointer = Checkpointer(recorder, self._spool, self.report)
        self._activity = Activity(shell)
        self._verification = IdleTask(self.verify)
        #: What the cells since the last checkpoint mention, None for anything.
        self._touched: Identifiers | None = None
        self._last: tuple[str, Operation, float] | None = None
        self._modules = LocalModules()
        self._submodules: dict[str, tuple[str, ...]] = {}
        self._suspicion = Suspicion()
        self._suspected = Degree.NONE
        self._environment = Environment()
        #: All that has run since options were read.
        self._ran = ""
        self._running: list[_Running] = []

    def start(self) -> None:
        """Listen to IPython and announce the agent to the server.

        Raises:
            OSError: the data directory can't be written to.
        """
        self._spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.shell.events.register("pre_run_cell", self._before_cell)
        self.shell.events.register("post_execute", self._activity.ran)
        self.shell.events.register("post_run_cell", self._after_cell)
        around_each(self._modules.begins, self._loaded)
        register_magics(self.shell, self.excluded)
        ipykernel = sys.modules.get("ipykernel")
        announcement = {
            "pid": self.pid,
            "python": ".".join(str(part) for part in sys.version_info[:3]),
            "ipykernel": str(getattr(ipykernel, "__version__", "")),
            "started_at": time.time(),
        }
        write_whole(self._spool / "agent.json", json.dumps(announcement))
        self._checkpointer.start()
        self._warm_up()

    def _loaded(self, module: Any) -> None:
        self._modules.ended(module)
        model_files.watch(module)

    def _warm_up(self) -> None:
        """Load what is loaded when it is first needed: the first cell would wait for it."""
        with contextlib.suppress(Exception):
            self._modules.begin()
            save(
                {"nothing": [None], "function": contextlib.contextmanager}, ["nothing", "function"]
            )
            describe("nothing", [None])

    # What IPython calls: nothing may be raised from here, IPython would print it.

    @no_collection()
    def _before_cell(self, info: Any) -> None:
        started = time.monotonic()
        if threading.current_thread() is threading.main_thread():
            self._verification.cancel()
            with contextlib.suppress(Exception):
                self._checkpointer.abandon_verification()
                self._checkpointer.catch_up()
            self._activity.cell_began()
            msg_id = self._parent().get("header", {}).get("msg_id")
            if self._running and self._running[0].msg_id != msg_id:
                self._running.clear()  # of an earlier request, whose end we were not told
            self._running.append(_Running(info, msg_id, time.monotonic()))
            self._waited = time.monotonic() - started

    @no_collection()
    def _after_cell(self, result: Any) -> None:
        if os.getpid() != self.pid:
            return
        started = time.monotonic()
        try:
            self.changed = True
            if threading.current_thread() is not threading.main_thread():
                return  # a subshell's cell: it is in the next checkpoint
            self._cell_done(result)
        except KeyboardInterrupt:
            self.report("The checkpoint was interrupted.")
        except BaseException as error:
            self.report(words(error, self.home))
        finally:
            self.delay = self._waited + time.monotonic() - started
            self._waited = 0.0

    def _cell_done(self, result: Any) -> None:
        info = getattr(result, "info", None)
        started = time.monotonic()
        self._activity.cell_ended()
        while self._running:
            running = self._running.pop()
            if running.info is info or info is None:
                info, started = running.info, running.started
                break
        code = getattr(info, "raw_cell", None)
        source = self._source(info, code if isinstance(code, str) else "")
        self._ran += source
        self._environment.ran(source)
        analysis = analyse(source, user_variables(self.shell), self._flags())
        self._note(analysis, result)
        literals = self.origins.ran(analysis)
        if self._running or not isinstance(code, str) or not code.strip():
            return  # a cell that runs inside of a cell, or an empty one
        if self._activity.unseen():
            self._touched = None
        if not getattr(info, "store_history", True):
            return  # run by a tool, not by the user
        duration = time.monotonic() - started
        self.last = self._run(analysis, info, result, code, duration, literals)
        if self.mode == STANDARD:
            self.checkpoint(Operation.CELL_RUN)

    def _note(self, cell: Analysis, result: Any) -> None:
        """Note what a cell may have changed."""
        found = identifiers(cell)
        suspected = self._suspicion.cell(cell, found, self.shell.user_ns)
        self._suspected = max(self._suspected, suspected)
        interrupted = isinstance(getattr(result, "error_in_exec", None), KeyboardInterrupt)
        if found is None or interrupted:
            self._touched = None
        elif self._touched is not None:
            self._touched = self._touched | found

    def _run(
        self,
        analysis: Analysis,
        info: Any,
        result: Any,
        code: str,
        duration: float,
        literals: list[str],
    ) -> Run:
        for name in analysis.submodules:
            top = name.partition(".")[0]
            known = self._submodules.get(top, ())
            if name in sys.modules and name not in known:
                self._submodules[top] = (*known, name)
        parent = self._parent()
        cell_id = getattr(info, "cell_id", None) or parent.get("metadata", {}).get("cellId")
        return Run(
            cell=analysis.info,
            code=code,
            msg_id=parent.get("header", {}).get("msg_id"),
            cell_id=cell_id if isinstance(cell_id, str) else None,
            execution_count=getattr(result, "execution_count", None),
            status="ok" if getattr(result, "success", False) else "error",
            duration=duration,
            literals=literals,
        )

    def _source(self, info: Any, code: str) -> str:
        source = getattr(info, "transformed_cell", None)
        if isinstance(source, str):
            return source
        try:
            return str(self.shell.transform_cell(code))
        except Exception:  # the cell is no Python
            return code

    def _flags(self) -> int:
        return int(getattr(getattr(self.shell, "compile", None), "flags", 0))

    def _parent(self) -> dict[str, Any]:
        try:
            parent = self.shell.get_parent()
        except Exception:  # IPython without a kernel
            return {}
        return parent if isinstance(parent, dict) else {}

    # What the server and the magics call

    def checkpoint(self, operation: Operation, *, everything: bool = False) -> str:
        """Make a checkpoint of the session as it is now; it may be written a little later.

        Args:
            operation: what makes it.
            everything: look at every variable, not only at those that cells may have changed.

        Returns:
            Its id.

        Raises:
            OSError: it could not be written.
            KeyboardInterrupt: the user interrupts.
        """
        enough = Degree.LATER if everything else Degree.NOW
        job = self._job(operation, None if everything else self._touched, enough=enough)
        return self._checkpoint(job, behind=not everything)

    def rollback(self, restored: Identifiers | None, loaded: Loaded) -> str:
        """Make a checkpoint of the session that another one was just restored into.

        Args:
            restored: what was; None: look at everything.
            loaded: memory that it was restored into.

        Returns:
            Its id.

        Raises:
            OSError: it could not be written.
        """
        job = self._job(Operation.ROLLBACK, restored, loaded=loaded, patience=_UNTIL_WRITTEN)
        return self._checkpoint(job, behind=False)

    def _checkpoint(self, job: Job, *, behind: bool) -> str:
        self._checkpointer.do(job, behind=behind)
        self._last = job.id, job.operation, job.created_at
        self._touched = Identifiers()
        self.changed = False
        self._verification.soon()
        return job.id

    def _job(
        self,
        operation: Operation,
        touched: Identifiers | None,
        enough: Degree = Degree.NOW,
        **more: Any,
    ) -> Job:
        started = time.monotonic()
        values = user_variables(self.shell)
        walk = self._suspected >= enough
        if walk:
            self._suspected = Degree.NONE
            self._suspicion.walked = True
        code, self._ran = None if touched is None else self._ran, ""
        return Job(
            operation=operation,
            run=self.last,
            namespace=self.shell.user_ns,
            values=values,
            harmless=hidden_names(self.shell),
            excluded=sorted(self.excluded.intersection(values)),
            submodules=dict(self._submodules),
            sources=self._modules.sources(self._suspicion.written),
            random=random_state.capture(),
            options=self.options.read(self.shell.user_ns, values, code),
            environment=self._environment.variables,
            assigned=frozenset(self._environment.assigned),
            touched=touched,
            suspicion=self._suspicion,
            walk=walk,
            is_local=self._modules.is_local,
            pid=self.pid,
            started=started,
            **{"id": new_id(), **more},
        )

    def settle(self) -> Baseline | None:
        """Wait until all checkpoints are written; return what is known of the last one.

        It is None when the last one could not be made.
        """
        baseline = self._checkpointer.settle()
        if self._checkpointer.vanished():
            self.verify()
            baseline = self._checkpointer.settle()
        return baseline

    def verify(self, only: str | None = None) -> None:
        """Look at the variables that the last checkpoint took over unseen or could not digest.

        Nothing has run since, so should one differ, it is the checkpoint that is wrong: it is
        written anew, under its id.

        Args:
            only: do nothing unless the last checkpoint has this id.

        Raises:
            OSError: it could not be written.
        """
        if self.changed or self._last is None or os.getpid() != self.pid:
            return
        if only is not None and only != self._last[0]:
            return
        baseline = None if self._checkpointer.busy else self._checkpointer.baseline
        if baseline is not None and baseline.verified and baseline.digested and not self._suspected:
            return
        checkpoint, operation, created_at = self._last
        job = self._job(
            operation,
            None,
            enough=Degree.LATER,
            id=checkpoint,
            created_at=created_at,
            amends=True,
        )
        self._checkpointer.do(job)

    def request_ran(self) -> None:
        """Note that what the shell has just run was a request of the server's."""
        self._activity.request_ran()

    def report(self, message: str) -> None:
        """Leave word of a failure for the server, if there is a place for it."""
        with contextlib.suppress(Exception):
            write_whole(
                self._spool / "error.json", json.dumps({"message": message, "at": time.time()})
            )
