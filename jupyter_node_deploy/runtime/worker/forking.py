"""Forking: when it is safe, and what a fresh child must do (user's interpreter).

A child has the thread that forked and no other one, but the memory of all of them: what a library
has written there about its threads makes it wait for them for ever.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import threading
import time
import warnings
from pathlib import Path

from ..threads import Thread, count, threads
from . import openmp

#: Threads that their library starts anew, or does without, in a forked child: jemalloc's, and the
#: one that removes polars' temporary files.
_HARMLESS = frozenset({"jemalloc_bg_thd", "polars-ooc-clea"})
#: Libraries that start all of theirs anew.
_AWARE = ("libarrow.so",)
_END_SECONDS = 0.2  # until a thread that has ended is gone


def fork() -> int:
    """Fork; the warning about threads is not for the user, ``unsafe`` has looked for them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def reseed() -> None:
    """Give this process random numbers of its own; CPython does so for ``random`` itself."""
    random = sys.modules.get("numpy.random")
    if random is not None:
        random.seed()
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.seed()


def open_sockets() -> set[str]:
    """Return what identifies this process' open sockets; empty where it can't be known."""
    found = set()
    for descriptor in _descriptors():
        try:
            status = os.fstat(descriptor)
        except OSError:
            continue
        if stat.S_ISSOCK(status.st_mode):
            found.add(f"{descriptor}:{status.st_ino}")
    return found


def unsafe(sockets: set[str]) -> str:
    """Return why workers cannot be forked from this process, or nothing.

    Args:
        sockets: those that were open before the namespace was restored.
    """
    others = [one.name for one in threading.enumerate() if one is not threading.main_thread()]
    if others:
        return f"the restored state runs threads: {', '.join(others[:5])}"
    native = _outliving_a_fork()
    if native:
        shown = ", ".join(dict.fromkeys(map(str, native[:5])))
        return f"the restored state runs native threads: {shown}"
    torch = sys.modules.get("torch")
    if _uses_gpu() or (torch is not None and torch.cuda.is_initialized()):
        return "the restored state uses CUDA"
    if open_sockets() - sockets:
        return "the restored state holds open sockets"
    return ""


def _outliving_a_fork() -> list[Thread]:
    # Some libraries (OpenBLAS) end their threads when the process is about to fork, and start them
    # again when they need them: a fork for nothing tells whose are left.
    if count() < 2:
        return []
    child = fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    if count() < 2:
        return []
    openmp.rest()
    deadline = time.monotonic() + _END_SECONDS
    while True:
        found = [
            one
            for one in threads()
            if one.id != os.getpid()
            and one.name not in _HARMLESS
            and not (one.libraries and one.libraries[0].startswith(_AWARE))
        ]
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(_END_SECONDS / 20)


def _uses_gpu() -> bool:
    # Whichever library does: its driver keeps the device open.
    for descriptor in _descriptors():
        with contextlib.suppress(OSError):
            if Path(f"/proc/self/fd/{descriptor}").readlink().match("/dev/nvidia*"):
                return True
    return False


def _descriptors() -> list[int]:
    try:
        return [int(name) for name in os.listdir("/proc/self/fd")]  # noqa: PTH208 - names only
    except OSError:
        return []
