"""A process forked from the kernel to make one checkpoint: the kernel's end of it, and its own."""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import select
import signal
import socket
import stat
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..namespace import quiet_warnings, silence_process
from .baseline import Baseline

#: Seconds that the process may take.
_LONGEST = 300.0
#: How a process ends that has told itself what went wrong.
_TOLD = 3


@dataclass(frozen=True)
class Child:
    """A forked process, as the kernel knows it.

    Attributes:
        pid: its number.
        amends: whether it verifies the last checkpoint, and makes none of its own.
        result: the file in which it leaves its baseline.
        end: of a pipe, whose other end closes when the process ends.
        started: by ``time.monotonic()``.
    """

    pid: int
    amends: bool
    result: Path
    end: int
    started: float

    @classmethod
    def fork(
        cls,
        work: Callable[[], Baseline],
        *,
        result: Path,
        amends: bool,
        after: Child | None,
        report: Callable[[BaseException], None],
    ) -> Child:
        """Do work in a new process.

        Args:
            work: makes a checkpoint; only ever called in the new process.
            result: see above, as is ``amends``.
            amends: see above.
            after: the process of which the work waits for the end.
            report: told in the new process what the work raises.

        Raises:
            OSError: there can't be another process.
        """
        reading, writing = os.pipe()
        _forking.append(True)
        try:
            with quiet_warnings():  # of threads that are not there after a fork
                pid = os.fork()
        finally:
            _forking.clear()
        if pid == 0:
            keep = {writing} if after is None else {writing, after.end}
            _run(work, result, keep, report)
        _set_apart(pid)  # whichever of the two comes first
        os.close(writing)
        return cls(pid, amends, result, reading, time.monotonic())

    @property
    def ended(self) -> bool:
        """Whether the process has come to its end, by itself or because it took too long."""
        if time.monotonic() - self.started > _LONGEST + 10:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            return True
        return bool(select.select([self.end], [], [], 0)[0])

    def wait(self) -> None:
        """Wait for the end of the process, as long as it may take."""
        rest = self.started + _LONGEST + 11 - time.monotonic()
        select.select([self.end], [], [], max(rest, 0))

    def baseline(self) -> Baseline | None:
        """Return what an ended process found out, None if it made no checkpoint."""
        return Baseline.read(self.result)

    def close(self) -> bool:
        """Let go of an ended process; tell whether it has told itself what went wrong, if it did.

        Its result stays: the next process may still have to read that.
        """
        status = None
        with contextlib.suppress(ChildProcessError):  # the user waits for any process
            status = os.waitpid(self.pid, 0)[1]
        os.close(self.end)
        return status is not None and os.waitstatus_to_exitcode(status) == _TOLD

    def kill(self) -> None:
        """End the process; it may take a moment more, see ``is_there``."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGKILL)
        os.close(self.end)

    def is_there(self) -> bool:
        """Tell whether a process that was killed is still ending."""
        try:
            return os.waitpid(self.pid, os.WNOHANG)[0] == 0
        except ChildProcessError:  # the user waits for any process
            return False


#: Not empty while we fork, and not the user.
_forking: list[bool] = []


def _forked() -> None:
    if _forking:
        _set_apart(0)
        _stop_listening()


# What other packages do in a forked process comes later, and may take a while.
os.register_at_fork(after_in_child=_forked)


def _set_apart(pid: int) -> None:
    """Keep what is sent to the kernel's group of processes, as by a restart, from a process."""
    with contextlib.suppress(OSError):  # it has ended
        os.setpgid(pid, pid)


def _stop_listening() -> None:
    """Give up the kernel's ports: a kernel that is started in its place needs them."""
    names = []
    with contextlib.suppress(OSError):  # not Linux
        names = os.listdir("/proc/self/fd")  # noqa: PTH208 - numbers, not paths
    for number in map(int, names):
        with contextlib.suppress(OSError):  # what the list was read from
            if not stat.S_ISSOCK(os.fstat(number).st_mode):
                continue
            with socket.socket(fileno=os.dup(number)) as one:
                listens = one.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
            if listens:
                os.close(number)


# From here on: what runs in the forked process.


def _run(
    work: Callable[[], Baseline],
    result: Path,
    keep: set[int],
    report: Callable[[BaseException], None],
) -> None:
    """Do the work of the process, and end the process."""
    code = 1
    try:
        _detach(keep)
        work().write(result)
        code = 0
    except BaseException as error:
        with contextlib.suppress(BaseException):
            report(error)
        code = _TOLD
    finally:
        os._exit(code)


def _detach(keep: set[int]) -> None:
    """Let go of all that the process has in common with the kernel."""
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
    faulthandler.dump_traceback_later(_LONGEST, exit=True, file=sys.stderr)
