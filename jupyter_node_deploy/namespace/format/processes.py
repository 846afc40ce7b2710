"""What the saved streams call to make what Python keeps in C for threads and tasks.

Streams name these functions, so a name here is part of the saved format.
"""

from __future__ import annotations

import contextvars
import queue
import threading
from typing import Any


def make_lock(locked: bool) -> Any:
    """Return a lock, locked if it was."""
    lock = threading.Lock()
    if locked:
        lock.acquire()
    return lock


def make_simple_queue(items: list[Any]) -> Any:
    """Return a ``SimpleQueue`` of items."""
    found: queue.SimpleQueue[Any] = queue.SimpleQueue()
    for item in items:
        found.put(item)
    return found


def make_context_variable(name: str, default: tuple[Any, ...], value: tuple[Any, ...]) -> Any:
    """Return a context variable, set in the context that is current.

    Args:
        name: of the variable.
        default: one item, none where it has no default.
        value: one item, none where it is not set.
    """
    if default:
        found: Any = contextvars.ContextVar(name, default=default[0])
    else:
        found = contextvars.ContextVar(name)
    if value:
        found.set(value[0])
    return found
