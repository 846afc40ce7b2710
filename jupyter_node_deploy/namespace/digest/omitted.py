"""What digests leave out: what no other process can have, and what an object can make again."""

from __future__ import annotations

import re
import types
from typing import Any

from ..importable import dict_of, module_of, mro, name_of

#: (module of the type, its name): of instances, also of types that derive from them.
_TYPES = frozenset(
    {
        ("_asyncio", "Future"),
        ("_contextvars", "Context"),
        ("_contextvars", "ContextVar"),
        ("_contextvars", "Token"),
        ("_ctypes", "Array"),
        ("_ctypes", "CFuncPtr"),
        ("_ctypes", "Structure"),
        ("_ctypes", "_Pointer"),
        ("_ctypes", "_SimpleCData"),
        ("_io", "_IOBase"),
        ("_socket", "socket"),
        ("_thread", "RLock"),
        ("_thread", "_local"),
        ("_thread", "lock"),
        ("_threading_local", "local"),
        ("_weakref", "ReferenceType"),
        ("asyncio.events", "AbstractEventLoop"),
        ("builtins", "PyCapsule"),
        ("builtins", "async_generator"),
        ("builtins", "coroutine"),
        ("builtins", "frame"),
        ("builtins", "generator"),
        ("builtins", "memoryview"),
        ("builtins", "traceback"),
        ("builtins", "weakproxy"),
        ("builtins", "weakcallableproxy"),
        ("concurrent.futures._base", "Executor"),
        ("concurrent.futures._base", "Future"),
        ("ctypes", "CDLL"),
        ("loguru._logger", "Core"),
        ("mmap", "mmap"),
        ("numba.core.dispatcher", "_DispatcherBase"),
        ("sqlalchemy.event.base", "_DispatchCommon"),
        ("threading", "Barrier"),
        ("threading", "Condition"),
        ("threading", "Event"),
        ("threading", "Semaphore"),
        ("threading", "Thread"),
        ("threading", "_RLock"),
        ("weakref", "ReferenceType"),
        ("weakref", "ProxyType"),
        ("weakref", "CallableProxyType"),
        ("weakref", "WeakKeyDictionary"),
        ("weakref", "WeakValueDictionary"),
        ("_weakrefset", "WeakSet"),
    }
)
#: Of these types what they hold is compared all the same.
_IN_MEMORY = frozenset({("_io", "BytesIO"), ("_io", "StringIO")})
#: Matplotlib's link from a figure to what draws it; where typing's objects were made; an index of
#: SQLAlchemy's that is made when a column is looked for.
_OWN_NAMES = frozenset({"__module__", "_proxy_index", "stale_callback"})
#: joblib's caches take the time at which they were made for their own business.
_OF_TYPES = {
    ("joblib.memory", "Memory"): "timestamp",
    ("joblib.memory", "MemorizedFunc"): "timestamp",
}
_NAMES = re.compile(
    r"_.*(cache|memo|lock|cid_|counter|weakref|hash\b|_id\b|handle|_ptr\b)", re.IGNORECASE
)


def is_omitted(kind: type) -> bool:
    """Tell whether instances of a type are left out."""
    names = {(module_of(base), name_of(base)) for base in mro(kind)}
    return not names.isdisjoint(_TYPES) and names.isdisjoint(_IN_MEMORY)


def is_wrapped_method(kind: type, name: str, value: Any) -> bool:
    """Tell whether an attribute is a method of the type, wrapped by the type's own package.

    So torch's schedulers count the steps of an optimizer; nothing of the notebook's is in it.
    """
    if type(value) is not types.FunctionType:
        return False
    wrapped = value.__dict__.get("__wrapped__")
    own = value.__globals__.get("__name__")
    if wrapped is None or type(own) is not str or own == "__main__":
        return False
    method = next((dict_of(one)[name] for one in mro(kind) if name in dict_of(one)), None)
    top = own.partition(".")[0]
    return wrapped is method and any(
        dict_of(one).get(name) is method and module_of(one).partition(".")[0] == top
        for one in mro(kind)
    )


def is_cache(kind: type, name: Any) -> bool:
    """Tell whether an attribute of a type's instances is left out by its name."""
    if type(name) is not str:
        return True  # nobody reads it by a name
    if name in _OWN_NAMES or (name.startswith("_") and _NAMES.match(name)):
        return True
    for base in mro(kind):
        if _OF_TYPES.get((module_of(base), name_of(base))) == name:
            return True
        if f"_memoized_method_{name}" in dict_of(base):  # SQLAlchemy's
            return True
        found = dict_of(base).get(name)
        if found is not None:
            return "cached" in name_of(type(found)).lower() or "memoized" in name_of(type(found))
    return False
