"""Makes checkpoints while the user waits if that is quick, and else in a process behind the kernel.

The process is forked, so it sees everything as it was when the cell ended, whatever the next cells
do. Processes follow one another: each begins with what the one before it found out.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import gc
import os
import pickle
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from ..namespace import OutOfTime, quiet_warnings, silence_process
from . import child_limits
from .deadline import Deadline, limited
from .recorder import QUICK, Order, Recorder, State
from .store.writing import Vanished, Writer

#: Seconds of the user's time that a checkpoint takes; a fork takes up to 15 ms more.
_PATIENCE = 0.01
#: Seconds that one variable may take in a process of its own, and the process as a whole.
_VARIABLE, _PROCESS = 30.0, 300.0
#: Processes at a time, and where another copy of the kernel would crowd the machine; the next cell
#: waits for the oldest.
_MOST, _MOST_CROWDED = 64, 8
#: How a process ends that has told itself what went wrong.
_TOLD = 3
#: Seconds that a cell waits for the last one's checkpoint to be written.
_MOMENT = 0.02


class TookTooLong(BaseException):
    """Saving a variable takes too long."""


@dataclass
class _Process:
    pid: int
    ends: int  # the end of a pipe, whose other end closes when the process ends
    result: Path
    started: float
    amends: bool


class Worker:
    """Does one kernel's checkpoints, in order.

    Args:
        recorder: makes one.
        spool: the kernel's directory there.
        report: told in words when one could not be made behind the kernel.

    Attributes:
        state: what is known of the last one that is done; None: the next looks at everything.
    """

    def __init__(self, recorder: Recorder, spool: Path, report: Callable[[str], None]) -> None:
        self.state: State | None = None
        self._recorder = recorder
        self._spool = spool
        self._report = report
        self._processes: list[_Process] = []
        self._killed: list[int] = []
        self._due: Order | None = None
        self._writer = Writer(self._not_written)
        self._vanished = False
        self._can_fork = sys.platform == "linux"

    def start(self) -> None:
        """Get ready for the first checkpoint."""
        self._writer.start()

    @property
    def busy(self) -> bool:
        """Whether checkpoints are still being made."""
        self.begin()
        self._reap()
        return bool(self._processes) or self._writer.busy

    def do(self, order: Order, *, behind: bool = False) -> None:
        """Make a checkpoint, or have it made.

        Args:
            order: what to do.
            behind: leave what takes longer until the kernel has answered: a thread writes, and
                a fork waits for the event loop, at most until the next cell.

        Raises:
            OSError: it could not be written.
        """
        self.begin()
        if not behind:
            self._writer.drain()
        self._reap()
        if self._too_many():
            self._wait_for(1)
        if not self._processes and self._is_quick(order):
            with contextlib.suppress(OutOfTime), Deadline(_PATIENCE * order.patience) as deadline:
                self.state = self._recorder.record(
                    order,
                    self.state,
                    check=deadline.check,
                    limit=deadline.limit,
                    behind=self._writer.submit if behind else None,
                )
                return
        if behind:
            with contextlib.suppress(RuntimeError):  # no loop is running
                asyncio.get_running_loop().call_soon(self.begin)
                self._due = order
                return
        self._make(order)

    def begin(self) -> None:
        """Begin with what waits for the kernel to answer; the next cell must not come before."""
        order, self._due = self._due, None
        if order is not None:
            try:
                self._make(order)
            except BaseException as error:  # it would end the event loop, and so the kernel
                self.state = None
                self._report_quietly(error)

    def _make(self, order: Order) -> None:
        self._writer.drain()
        self._reap()
        if not self._can_fork:
            self.state = self._recorder.record(order, self.state)
            return
        if child_limits.needs_threads():
            self.settle()
            self._recorder.save(order, self.state, limit=_limit)  # only written in the other
        self._fork(order)

    def abandon_audit(self) -> None:
        """End a check of the last checkpoint that is not done: the user goes on."""
        self.begin()
        self._reap()
        if not self._processes or not self._processes[-1].amends:
            return
        audit = self._processes.pop()
        with contextlib.suppress(ProcessLookupError):
            os.kill(audit.pid, signal.SIGKILL)
        os.close(audit.ends)
        self._killed.append(audit.pid)  # with a large memory it takes 10 ms to end

    def settle(self) -> State | None:
        """Wait until all is done; return what is known then."""
        self.begin()
        self._writer.drain()
        self._reap()
        self._wait_for(len(self._processes))
        return self.state

    def catch_up(self) -> None:
        """Wait a moment for what is being written: the next cell may end the kernel."""
        self._writer.catch_up(_MOMENT)

    def vanished(self) -> bool:
        """Tell, once, whether a checkpoint was not made because the store has lost something."""
        found, self._vanished = self._vanished, False
        return found

    def _not_written(self, error: BaseException) -> None:
        if not isinstance(error, Vanished):
            self._report(words(error))

    def _too_many(self) -> bool:
        count = len(self._processes)
        return count >= _MOST or (count >= _MOST_CROWDED and child_limits.crowded())

    def _is_quick(self, order: Order) -> bool:
        """Tell whether there is hope that it takes only a moment."""
        if self.state is None:
            return True
        numbers = self._recorder.reached(order, self.state)
        groups = self.state.saved.groups
        again = [one for n, one in enumerate(groups) if numbers is None or n in numbers]
        known = sum(size for size, _ in order.loaded.values())
        return (
            sum(one.seconds for one in again) < _PATIENCE * order.patience
            and sum(one.size for one in again) - known < QUICK * order.patience
        )

    # Processes

    def _fork(self, order: Order) -> None:
        result = self._spool / f".{order.id}.state"
        reading, writing = os.pipe()
        before = self._processes[-1] if self._processes else None
        with quiet_warnings():  # of threads that are not there after a fork
            pid = os.fork()
        if pid == 0:
            self._in_process(order, before, result, writing)
        _set_apart(pid)  # whichever of the two comes first
        os.close(writing)
        self._processes.append(_Process(pid, reading, result, time.monotonic(), order.amends))

    def _in_process(
        self, order: Order, before: _Process | None, result: Path, writing: int
    ) -> None:
        """Make a checkpoint in a process forked for it, and end the process."""
        code = 1
        try:
            _detach({writing} if before is None else {writing, before.ends})
            state = self.state
            if before is not None:
                select.select([before.ends], [], [])
                state = _read(before.result)
            child_limits.set_bounds()
            with quiet_warnings():
                state = self._recorder.record(order, state, limit=_limit)
            part = result.with_suffix(".tmp")
            with part.open("xb") as file:
                pickle.dump(state, file, 5)
            part.replace(result)
            code = 0
        except BaseException as error:
            self._report_quietly(error)
            code = _TOLD
        finally:
            os._exit(code)

    def _report_quietly(self, error: BaseException) -> None:
        with contextlib.suppress(BaseException):
            self._report(words(error))

    def _reap(self) -> None:
        """Take over what processes that have ended found out, and what the writer could not do."""
        failure = self._writer.failure()
        if failure is not None:
            self.state = None
            self._vanished = isinstance(failure, Vanished)
        self._killed = [pid for pid in self._killed if _is_there(pid)]
        while self._processes:
            process = self._processes[0]
            overdue = time.monotonic() - process.started > _PROCESS + 10
            if overdue:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process.pid, signal.SIGKILL)
            elif not select.select([process.ends], [], [], 0)[0]:
                return
            del self._processes[0]
            status = None
            with contextlib.suppress(ChildProcessError):  # the user waits for any process
                status = os.waitpid(process.pid, 0)[1]
            os.close(process.ends)
            # The next process reads it, too, should there be one already.
            self.state = _read(process.result)
            if self.state is None and (
                status is None or os.waitstatus_to_exitcode(status) != _TOLD
            ):
                self._report(_LOST)
            if not self._processes:
                self._forget_results()

    def _forget_results(self) -> None:
        with contextlib.suppress(OSError):
            for file in self._spool.glob(".*.state"):
                file.unlink()

    def _wait_for(self, count: int) -> None:
        for _ in range(count):
            if self._processes:
                process = self._processes[0]
                rest = process.started + _PROCESS + 11 - time.monotonic()
                select.select([process.ends], [], [], max(rest, 0))
                self._reap()


_LOST = (
    "The checkpoint of a cell is missing: the process that saved the variables was ended, perhaps "
    "because the machine is short of memory, or took over five minutes. Free memory, or leave "
    "large variables out with %state_exclude."
)


def words(error: BaseException) -> str:
    """Return why a checkpoint could not be made."""
    if isinstance(error, OSError) and error.strerror:
        return f"The checkpoint could not be written: {error.strerror}."
    return f"The checkpoint could not be made: {type(error).__name__}: {str(error)[:500]}"


def _is_there(child: int) -> bool:
    try:
        return os.waitpid(child, os.WNOHANG)[0] == 0
    except ChildProcessError:  # the user waits for any process
        return False


def _read(result: Path) -> State | None:
    try:
        state = pickle.loads(result.read_bytes())
    except Exception:  # the process failed, or was killed
        return None
    return state if isinstance(state, State) else None


def _set_apart(pid: int) -> None:
    """Keep what is sent to the kernel's group of processes, as by a restart, from a process."""
    with contextlib.suppress(OSError):  # it has ended
        os.setpgid(pid, pid)


def _detach(keep: set[int]) -> None:
    """Let go of all that the process has in common with the kernel."""
    _set_apart(0)
    gc.disable()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    # Sockets of the kernel that stayed open here would keep it from starting again.
    start = 3
    for kept in sorted(keep):
        os.closerange(start, kept)
        start = kept + 1
    os.closerange(start, os.sysconf("SC_OPEN_MAX"))
    silence_process()  # now: the file that it opens must stay open
    # A process that hangs in a library ends by this thread, which needs no Python.
    faulthandler.dump_traceback_later(_PROCESS, exit=True, file=sys.stderr)


def _limit() -> AbstractContextManager[None]:
    return limited(_VARIABLE, TookTooLong(f"saving it takes longer than {_VARIABLE:.0f} seconds"))
