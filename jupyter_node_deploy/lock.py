"""Locks between processes: held as long as the process lives, whatever ends it."""

from __future__ import annotations

import asyncio
import fcntl
import math
import os
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

_POLL = 0.01  # seconds between attempts at a lock that another process holds


def acquire(path: Path, *, patience: float = 0.0) -> int | None:
    """Take the lock.

    Args:
        path: of its file, which is made where there is none.
        patience: seconds in which another process may give it up; ``math.inf`` for as long as it
            takes. The file is opened anew for each attempt: its holder may have deleted it.

    Returns:
        The descriptor that holds it (closing it releases it), None if another process does.
    """
    until = time.monotonic() + patience
    while (descriptor := _take(path)) is None and time.monotonic() < until:
        time.sleep(_POLL)
    return descriptor


def _take(path: Path) -> int | None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BaseException as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            return None
        raise
    return descriptor


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock, once nobody else does."""
    descriptor = acquire(path, patience=math.inf)
    assert descriptor is not None
    try:
        yield
    finally:
        os.close(descriptor)


@asynccontextmanager
async def aheld(path: Path) -> AsyncIterator[None]:
    """Hold the lock, once nobody else does; the event loop goes on meanwhile."""
    while (descriptor := acquire(path)) is None:  # noqa: ASYNC110 - another process'
        await asyncio.sleep(_POLL)
    try:
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> bool:
    """Return whether a process holds the lock.

    Looking takes the lock for a moment: who acquires it just then takes us for its holder.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return False
    try:
        # Shared, so that two who look at the same time don't take each other for the holder.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def is_ours(descriptor: int, path: Path) -> bool:
    """Return whether the file that ``descriptor`` locks is still the one at ``path``."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False
