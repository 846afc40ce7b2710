"""Where a process is that does not get on: its Python stacks, and the libraries it is in."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from ...errors import DeadlineExceeded, Detail
from ..threads import STACK_SIGNAL, blocked, threads
from .memory import children

_DUMP_SECONDS = 0.1  # that a process has to write its stacks
_LINES = 60  # of stacks
_OURS = str(Path(__file__).resolve().parents[2])
_LIBRARIES = 3  # that are named


@dataclass(frozen=True)
class Place:
    """Where a process is.

    Attributes:
        lines: the stacks of its Python threads, as in a traceback, without our frames.
        libraries: what its first thread is in, the innermost first.
        blocked: each of its threads waits for another one.
    """

    lines: list[str]
    libraries: list[str]
    blocked: bool

    def __str__(self) -> str:
        """Return it in words, such as ``in libgomp.so.1, at File "<cell>", line 3, in f``."""
        found = []
        if self.libraries:
            found.append("in " + ", called by ".join(self.libraries[:_LIBRARIES]))
        if self.lines:
            found.append(f"at {self.lines[-1].strip()}")
        return ", ".join(found) or "in native code"


def place(pid: int, stacks: int) -> Place:
    """Return where a process of an instance is; it is about to be killed.

    Args:
        stacks: descriptor of the file that it writes its stacks to.
    """
    found = threads(pid)
    libraries = list(found[0].libraries) if found else []
    libraries = [name for name in libraries if not name.startswith("_ctypes")]
    return Place(_stacks(pid, stacks), libraries, blocked(pid))


def _stacks(pid: int, stacks: int) -> list[str]:
    os.ftruncate(stacks, 0)
    try:
        os.kill(pid, STACK_SIGNAL)
    except OSError:
        return []
    deadline = time.monotonic() + _DUMP_SECONDS
    text, before = b"", b"-"
    while time.monotonic() < deadline and not (text and text == before):
        time.sleep(_DUMP_SECONDS / 20)
        before, text = text, os.pread(stacks, 1 << 20, 0)
    found: list[str] = []
    for block in text.decode(errors="replace").split("\n\n"):
        # The most recent call is the first there.
        frames = [line for line in block.split("\n") if line.startswith("  File ")]
        frames = [_as_in_tracebacks(line) for line in frames if _OURS not in line]
        found = [*reversed(frames), *found] if found else frames[::-1]
    return [line for line in found if '"<string>"' not in line][-_LINES:]


def _as_in_tracebacks(line: str) -> str:
    where, _, name = line.rpartition(" in ")
    return f"{where}, in {name}"


def timed_out(text: str, found: Place, name: str = "Timeout") -> DeadlineExceeded:
    """Return the error of what was stopped there; ``name`` is what is told as the error's."""
    detail: Detail = {"error_name": name, "error_message": text, "traceback": found.lines}
    return DeadlineExceeded(text, [detail])


def running(worker: int) -> int:
    """Return the process that runs a worker's request: itself, or what it has forked."""
    command = _command(worker)
    return next((child for child in children(worker) if _command(child) == command), worker)


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""
