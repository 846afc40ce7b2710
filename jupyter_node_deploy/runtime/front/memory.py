"""The memory of processes."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def resident(pid: int | None) -> int:
    """Return a process' resident memory in bytes, 0 where that can't be known."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text().split()[1]
    except (OSError, IndexError):
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def private(pid: int | None) -> int:
    """Return the bytes of memory that a process shares with no other, 0 where unknown.

    For a forked worker: what it holds beyond the restored state.
    """
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("Private_"))


def children(pid: int | None) -> list[int]:
    """Return the processes that a process has started and that have not ended."""
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):  # the thread has ended
            found += map(int, tasks.read_text().split())
    return found
