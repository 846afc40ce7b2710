"""Processes that must not outlive who started them (user's interpreter, standard library only)."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from pathlib import Path

try:  # needed before the user's files come onto sys.path; some builds of Python lack it
    import ctypes
except ImportError:  # pragma: no cover
    ctypes = None  # type: ignore[assignment]

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def die_with_parent(parent: int) -> None:
    """Ask the kernel to kill this process when its parent ends, however it ends (Linux).

    Elsewhere the end of the socket to the parent does the same, once the process reads from it.

    Args:
        parent: the parent's process id; if it is gone already, this process ends now.
    """
    if sys.platform.startswith("linux") and ctypes is not None:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def adopt_orphans() -> None:
    """Become the parent of processes below this one whose own has ended (Linux)."""
    if sys.platform.startswith("linux") and ctypes is not None:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def give_way() -> None:
    """Have the scheduler let others go on when this process wakes up (Linux, ``SCHED_BATCH``).

    Its share of the processor stays the same. For a worker: the front, which serves all of them,
    gets to the end of its turn, and hands out the more with one call.
    """
    if hasattr(os, "SCHED_BATCH"):
        with contextlib.suppress(OSError):  # a sandbox may forbid it
            os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))


def lead_group(pid: int = 0) -> None:
    """Make a process the leader of its own group, so that it is killed with what it started.

    Parent and child both call it: whoever comes first, the group exists from then on.
    """
    with contextlib.suppress(OSError):  # the other one did it, or the child is gone
        os.setpgid(pid, pid)


def kill_group(pid: int) -> None:
    """Kill a process, not reaped yet, and its group; fine if they are gone."""
    for kill in (os.killpg, os.kill):
        with contextlib.suppress(ProcessLookupError):
            kill(pid, signal.SIGKILL)


def children(pid: int | str = "self") -> set[int]:
    """Return the processes that a process has started and that have not ended (Linux)."""
    found: set[int] = set()
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended
            found.update(map(int, tasks.read_text().split()))
    return found


def kill_below(pid: int) -> None:
    """Kill what a process has started, at any remove, in whichever group or session (Linux).

    The process itself is stopped, and is to be killed next.
    """
    stopped: set[int] = set()
    while new := _below(pid) - stopped:  # who is stopped starts nothing
        stopped |= new
        for one in new:
            _send(one, signal.SIGSTOP)
    for one in stopped - {pid}:
        _send(one, signal.SIGKILL)


def kill_orphans() -> None:
    """Kill all that is below this process, which has adopted what was left alone (Linux)."""
    while found := children():
        for pid in found:
            kill_below(pid)
            kill_group(pid)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


def _below(pid: int) -> set[int]:
    found = {pid}
    waiting = [pid]
    while waiting:
        new = children(waiting.pop()) - found
        found |= new
        waiting += new
    return found


def _send(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
