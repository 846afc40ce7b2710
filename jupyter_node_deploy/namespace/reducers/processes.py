"""How locks, queues and context variables are reduced, which Python keeps in C.

A lock is a new one, as free as the old one is; nothing in the node waits for the old one.
"""

from __future__ import annotations

import contextvars
import gc
import queue
import struct
import threading
from typing import Any

from ..format.processes import make_context_variable, make_lock, make_simple_queue
from ..pickler import NamespacePickler, Reducer
from ..reasons import Unsavable

_RLOCK = type(threading.RLock())
_missing = object()


def _reduce_lock(pickler: NamespacePickler, lock: Any) -> Any:
    return make_lock, (lock.locked(),)


def _reduce_reentrant_lock(pickler: NamespacePickler, lock: Any) -> Any:
    if not repr(lock).startswith("<unlocked"):
        raise Unsavable("a thread's lock that is held", "release it before the cell ends", lock)
    return _RLOCK, ()


def _reduce_simple_queue(pickler: NamespacePickler, found: Any) -> Any:
    length = found.qsize()
    parts = [one for one in gc.get_referents(found) if one is not queue.SimpleQueue]
    # Up to Python 3.12 they are in a list, those that were taken out before the others.
    items = parts[0][-length:] if len(parts) == 1 and type(parts[0]) is list and length else parts
    if length == 0:
        items = []
    if len(items) != length:
        raise Unsavable("a queue with items", "keep them in a collections.deque instead", found)
    return make_simple_queue, ([*items],)


def _reduce_struct(pickler: NamespacePickler, found: struct.Struct) -> Any:
    return struct.Struct, (found.format,)


def _reduce_context_variable(pickler: NamespacePickler, variable: Any) -> Any:
    parts = [one for one in gc.get_referents(variable) if one is not contextvars.ContextVar]
    default = tuple(one for one in parts[1:] if parts[0] == variable.name)
    value = contextvars.copy_context().get(variable, _missing)
    pickler.modules.add("contextvars")
    return make_context_variable, (
        variable.name,
        default[:1],
        () if value is _missing else (value,),
    )


#: By type.
REDUCERS: dict[type, Reducer | None] = {
    type(threading.Lock()): _reduce_lock,
    _RLOCK: _reduce_reentrant_lock,
    queue.SimpleQueue: _reduce_simple_queue,
    struct.Struct: _reduce_struct,
    contextvars.ContextVar: _reduce_context_variable,
}
