"""Makes checkpoints while the user waits if that is quick, and else in a child of the kernel.

A child is a forked process, so it sees everything as it was when the cell ended, whatever the next
cells do. Children follow one another: each begins with what the one before it found out.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from ..namespace import OutOfTime, quiet_warnings
from . import child_limits
from .attempt import Attempt
from .baseline import Baseline
from .child import Child
from .deadline import Deadline, limited
from .job import Job
from .recorder import QUICK, Recorder
from .store.writing import Vanished, Writer

#: Seconds of the user's time that a checkpoint takes; a fork takes up to 15 ms more.
_PATIENCE = 0.01
#: Seconds that one variable may take in a child.
_VARIABLE = 30.0
#: Children at a time, and where another copy of the kernel would crowd the machine; the next cell
#: waits for the oldest.
_MOST, _MOST_CROWDED = 64, 8
#: Seconds that a cell waits for the last one's checkpoint to be written.
_MOMENT = 0.02


class TookTooLong(BaseException):
    """Saving a variable takes too long."""


class Checkpointer:
    """Makes one kernel's checkpoints, in order.

    Args:
        recorder: makes one checkpoint.
        spool: the kernel's directory there.
        report: told in words when a checkpoint could not be made behind the kernel.

    Attributes:
        baseline: what is known of the last checkpoint that is done; None: the next one looks at
            everything.
    """

    def __init__(self, recorder: Recorder, spool: Path, report: Callable[[str], None]) -> None:
        self.baseline: Baseline | None = None
        self._recorder = recorder
        self._spool = spool
        self._report = report
        self._children: list[Child] = []
        self._killed: list[Child] = []
        self._due: Attempt | None = None
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
        return bool(self._children) or self._writer.busy

    def do(self, job: Job, *, behind: bool = False) -> None:
        """Make a checkpoint, or have it made.

        Args:
            job: what to make.
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
        attempt = Attempt(job)
        if not self._children and self._is_quick(attempt):
            with contextlib.suppress(OutOfTime), Deadline(_PATIENCE * job.patience) as deadline:
                self.baseline = self._recorder.record(
                    attempt,
                    self.baseline,
                    check=deadline.check,
                    limit=deadline.limit,
                    behind=self._writer.submit if behind else None,
                )
                return
        if behind:
            with contextlib.suppress(RuntimeError):  # no loop is running
                asyncio.get_running_loop().call_soon(self.begin)
                self._due = attempt
                return
        self._make(attempt)

    def begin(self) -> None:
        """Begin with what waits for the kernel to answer; the next cell must not come before."""
        attempt, self._due = self._due, None
        if attempt is not None:
            try:
                self._make(attempt)
            except BaseException as error:  # it would end the event loop, and so the kernel
                self.baseline = None
                with contextlib.suppress(BaseException):
                    self._report(self._words(error))

    def _make(self, attempt: Attempt) -> None:
        self._writer.drain()
        self._reap()
        if not self._can_fork:
            self.baseline = self._recorder.record(attempt, self.baseline)
            return
        if child_limits.needs_threads():
            self.settle()
            attempt.save(self.baseline, limit=_limit)  # only written in the other process
        self._fork(attempt)

    def abandon_verification(self) -> None:
        """End a verification of the last checkpoint that is not done: the user goes on."""
        self.begin()
        self._reap()
        if not self._children or not self._children[-1].amends:
            return
        child = self._children.pop()
        child.kill()
        self._killed.append(child)  # with a large memory it takes 10 ms to end

    def settle(self) -> Baseline | None:
        """Wait until all is done; return what is known of the last checkpoint then."""
        self.begin()
        self._writer.drain()
        self._reap()
        self._wait_for(len(self._children))
        return self.baseline

    def catch_up(self) -> None:
        """Wait a moment for what is being written: the next cell may end the kernel."""
        self._writer.catch_up(_MOMENT)

    def vanished(self) -> bool:
        """Tell, once, whether a checkpoint was not made because the store has lost something."""
        found, self._vanished = self._vanished, False
        return found

    def _not_written(self, error: BaseException) -> None:
        if not isinstance(error, Vanished):
            self._report(self._words(error))

    def _words(self, error: BaseException) -> str:
        return words(error, self._spool.parent.parent)

    def _too_many(self) -> bool:
        count = len(self._children)
        return count >= _MOST or (count >= _MOST_CROWDED and child_limits.crowded())

    def _is_quick(self, attempt: Attempt) -> bool:
        """Tell whether there is hope that the attempt takes only a moment."""
        job = attempt.job
        if job.walk:
            return False
        if self.baseline is None:
            return True
        numbers = attempt.reached(self.baseline)
        groups = self.baseline.saved.groups
        again = [one for n, one in enumerate(groups) if numbers is None or n in numbers]
        known = sum(size for size, _ in job.loaded.values())
        return (
            sum(one.seconds for one in again) < _PATIENCE * job.patience
            and sum(one.size for one in again) - known < QUICK * job.patience
        )

    def _fork(self, attempt: Attempt) -> None:
        job = attempt.job
        before = self._children[-1] if self._children else None

        def work() -> Baseline:  # in the forked process
            baseline = self.baseline
            if before is not None:
                before.wait()
                baseline = before.baseline()
            child_limits.set_bounds()
            with quiet_warnings():
                return self._recorder.record(
                    attempt, baseline, limit=_limit, calls=not child_limits.needs_threads()
                )

        child = Child.fork(
            work,
            result=self._spool / f".{job.id}.baseline",
            amends=job.amends,
            after=before,
            report=lambda error: self._report(self._words(error)),
        )
        self._children.append(child)

    def _reap(self) -> None:
        """Take over what children that have ended found out, and what the writer could not do."""
        failure = self._writer.failure()
        if failure is not None:
            self.baseline = None
            self._vanished = isinstance(failure, Vanished)
        self._killed = [child for child in self._killed if child.is_there()]
        while self._children and self._children[0].ended:
            child = self._children.pop(0)
            told = child.close()
            self.baseline = child.baseline()
            if self.baseline is None and not told:
                self._report(_LOST)
            if not self._children:
                self._forget_results()

    def _forget_results(self) -> None:
        with contextlib.suppress(OSError):
            for file in self._spool.glob(".*.baseline"):
                file.unlink()

    def _wait_for(self, count: int) -> None:
        for _ in range(count):
            if self._children:
                self._children[0].wait()
                self._reap()


_LOST = (
    "The checkpoint of a cell is missing: the process that saved the variables was ended, perhaps "
    "because the machine is short of memory, or took over five minutes. Free memory, or leave "
    "large variables out with %state_exclude."
)


def words(error: BaseException, home: Path) -> str:
    """Return why a checkpoint could not be made in a data directory."""
    if isinstance(error, OSError) and error.strerror:
        return f"The checkpoint could not be written to {home}: {error.strerror}."
    return f"The checkpoint could not be made: {type(error).__name__}: {str(error)[:500]}"


def _limit() -> AbstractContextManager[None]:
    return limited(_VARIABLE, TookTooLong(f"saving it takes longer than {_VARIABLE:.0f} seconds"))
