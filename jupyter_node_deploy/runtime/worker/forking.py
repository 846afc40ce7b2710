"""Forking: when it is safe, and what a fresh child must do (user's interpreter)."""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import threading
import warnings
from pathlib import Path


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
    torch = sys.modules.get("torch")
    if _uses_gpu() or (torch is not None and torch.cuda.is_initialized()):
        return "the restored state uses CUDA"
    if open_sockets() - sockets:
        return "the restored state holds open sockets"
    return ""


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
