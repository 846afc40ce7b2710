"""Threads of a process as the operating system sees them: also those that Python did not start.

Used on both sides: a worker looks at itself, the front at a worker. Linux only, elsewhere nothing
is found. Standard library only.
"""

from __future__ import annotations

import os
import re
import signal
import struct
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

#: Has a process of an instance write the stacks of its Python threads to the file for them.
STACK_SIGNAL: int = getattr(signal, "SIGRTMAX", signal.SIGUSR2) - 5 * hasattr(signal, "SIGRTMAX")

_FUTEX = {"x86_64": 202, "aarch64": 98}.get(os.uname().machine, -1) if hasattr(os, "uname") else -1
_WAITS = (0, 9)  # operations of a futex: wait, wait for a set of bits
_COMMAND = 0x7F  # of an operation; above are its flags
_STACK = 16 * 1024  # bytes, from the top, that are searched for callers
_WORD = struct.calcsize("N")
#: What every thread has on its stack, and so says nothing about whose it is.
_COMMON = re.compile(
    r"(ld-|ld64|lib(c|m|dl|pthread|stdc\+\+|gcc_s|ffi|python3[.\d]*)[-.\d]|python)"
)
_LIBRARY = re.compile(r"([0-9a-f]+)-([0-9a-f]+) ..x. \S+ \S+ \S+ +(/.*)")


@dataclass(frozen=True)
class Thread:
    """One thread.

    Attributes:
        name: as the operating system knows it; often that of the program.
        libraries: files whose functions it is in, the innermost first, but for the C library's.
        blocked: it waits on a lock or the like, without a limit of time.
    """

    id: int
    name: str
    libraries: tuple[str, ...] = ()
    blocked: bool = False

    def __str__(self) -> str:
        """Return its name, and the library that it is in."""
        return f"{self.name} ({self.libraries[0]})" if self.libraries else self.name


def count() -> int:
    """Return how many threads this process has, 0 where that can't be known."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208 - names only
    except OSError:
        return 0


def blocked(pid: int | str) -> bool:
    """Return whether each thread of a process waits for another one, none for time or data."""
    tasks = _tasks(pid)
    return bool(tasks) and all(_blocked(_syscall(pid, task)) for task in tasks)


def threads(pid: int | str = "self") -> list[Thread]:
    """Return the threads of a process; empty where that can't be known."""
    tasks = _tasks(pid)
    maps = _Maps(pid) if tasks else None
    found = []
    for task in tasks:
        try:
            name = Path(f"/proc/{pid}/task/{task}/comm").read_text(errors="replace").strip()
        except OSError:
            continue  # it has ended
        call = _syscall(pid, task)
        libraries = maps.callers(int(call[-2], 16)) if maps is not None and len(call) > 2 else ()
        found.append(Thread(task, name, libraries, _blocked(call)))
    return found


def _tasks(pid: int | str) -> list[int]:
    try:
        return sorted(map(int, os.listdir(f"/proc/{pid}/task")))  # noqa: PTH208 - names only
    except OSError:
        return []


def _syscall(pid: int | str, task: int) -> list[str]:
    # The call's number, its arguments, stack and instruction pointer; or one word: it runs.
    try:
        return Path(f"/proc/{pid}/task/{task}/syscall").read_text().split()
    except OSError:
        return []


def _blocked(call: list[str]) -> bool:
    if len(call) < 7 or int(call[0]) != _FUTEX:
        return False
    operation, timeout = int(call[2], 16), int(call[4], 16)
    return operation & _COMMAND in _WAITS and not timeout


def libraries() -> list[str]:
    """Return the paths of the files whose code this process has mapped."""
    return list(dict.fromkeys(path for _, _, path in _mapped("self")))


def _mapped(pid: int | str) -> Iterable[tuple[int, int, str]]:
    try:
        text = Path(f"/proc/{pid}/maps").read_text(errors="surrogateescape")
    except OSError:
        return
    for start, end, path in _LIBRARY.findall(text):
        yield int(start, 16), int(end, 16), path


class _Maps:
    """Where a process has mapped code."""

    def __init__(self, pid: int | str) -> None:
        self._pid = pid
        self._ranges = sorted(_mapped(pid))
        self._starts = [start for start, _, _ in self._ranges]

    def callers(self, stack: int) -> tuple[str, ...]:
        """Return the names of the files that a stack holds return addresses into."""
        found: dict[str, None] = {}
        try:
            with open(f"/proc/{self._pid}/mem", "rb", buffering=0) as memory:  # noqa: PTH123
                memory.seek(stack)
                data = memory.read(_STACK) or b""
        except (OSError, ValueError, OverflowError):
            return ()
        for (word,) in struct.iter_unpack("N", data[: len(data) // _WORD * _WORD]):
            index = bisect_right(self._starts, word) - 1
            if index >= 0 and word < self._ranges[index][1]:
                name = Path(self._ranges[index][2]).name
                if not _COMMON.match(name):
                    found[name] = None
        return tuple(found)
