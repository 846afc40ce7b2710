"""Why a variable can't be saved, in a data scientist's words, and what to do about it."""

from __future__ import annotations

import collections
import contextlib
import sys
import types
from collections.abc import Iterator, Mapping
from typing import Any

from .importable import dict_of, module_of, mro, name_of

_INSIDE = "make it inside the service cell"

#: (module of the type, its name) → (what it is, what to do)
_TYPES: dict[tuple[str, str], tuple[str, str]] = {
    ("_io", "_IOBase"): ("an open file", "open it inside the service cell"),
    ("builtins", "generator"): ("a generator", f"turn it into a list, or {_INSIDE}"),
    ("builtins", "async_generator"): ("an asynchronous generator", _INSIDE),
    ("builtins", "coroutine"): ("a running coroutine", "await it and keep the result"),
    ("builtins", "async_generator_asend"): ("a running coroutine", "await it and keep the result"),
    ("_asyncio", "Future"): ("a running task", "await it and keep the result"),
    ("asyncio.futures", "Future"): ("a running task", "await it and keep the result"),
    ("asyncio.events", "AbstractEventLoop"): ("an event loop", _INSIDE),
    ("_thread", "_local"): ("a thread's own data", _INSIDE),
    ("threading", "Thread"): ("a thread", "start it inside the service cell"),
    ("_socket", "socket"): ("a network connection", "open it inside the service cell"),
    ("_ssl", "_SSLSocket"): ("a network connection", "open it inside the service cell"),
    ("_ssl", "_SSLContext"): ("the settings of network connections", _INSIDE),
    ("subprocess", "Popen"): ("a running process", "start it inside the service cell"),
    ("multiprocessing.pool", "Pool"): ("a pool of processes", _INSIDE),
    ("multiprocessing.process", "BaseProcess"): ("a process", "start it inside the service cell"),
    ("concurrent.futures._base", "Executor"): ("a pool of workers", _INSIDE),
    ("concurrent.futures._base", "Future"): ("a running task", "wait for it and keep the result"),
    ("mmap", "mmap"): ("a mapped file", "open it inside the service cell"),
    ("builtins", "memoryview"): ("a view of memory", "keep bytes(…) of it instead"),
    ("_contextvars", "Context"): ("the context of a running task", "don't keep it in a variable"),
    ("weakref", "ProxyType"): ("a weak proxy", "keep the object itself, or weakref.ref of it"),
    ("weakref", "CallableProxyType"): ("a weak proxy", "keep the object itself"),
    ("builtins", "weakproxy"): ("a weak proxy", "keep the object itself, or weakref.ref of it"),
    ("builtins", "weakcallableproxy"): ("a weak proxy", "keep the object itself"),
    ("builtins", "frame"): ("a running function's frame", "delete it"),
    ("builtins", "traceback"): ("a traceback", "keep its text instead"),
    ("IPython.core.interactiveshell", "InteractiveShell"): (
        "IPython's shell, which belongs to the running kernel",
        "don't use it in the service cell",
    ),
    ("ipykernel.kernelbase", "Kernel"): (
        "the running kernel itself",
        "don't use it in the service cell",
    ),
    ("sqlite3", "Connection"): ("a database connection", "connect inside the service cell"),
    ("sqlite3", "Cursor"): ("a database cursor", "connect inside the service cell"),
    ("sqlalchemy.engine.base", "Engine"): (
        "a database engine",
        "create it inside the service cell",
    ),
    ("sqlalchemy.orm.session", "Session"): (
        "a database session",
        "open it inside the service cell",
    ),
    ("sqlalchemy.engine.result", "Result"): (
        "rows that are still being read from a database",
        "fetch them into a list",
    ),
    ("logging", "Handler"): ("a handler of a log", "add it inside the service cell"),
}

#: Top-level modules whose unsavable objects mostly are connections.
_DATABASES = frozenset(
    {
        "MySQLdb",
        "aiomysql",
        "asyncpg",
        "clickhouse_connect",
        "clickhouse_driver",
        "duckdb",
        "mysql",
        "oracledb",
        "psycopg",
        "psycopg2",
        "pymongo",
        "pymssql",
        "pymysql",
        "pyodbc",
        "redis",
        "snowflake",
        "sqlalchemy",
        "sqlite3",
        "vertica_python",
    }
)
#: What such an object is, by a part of its type's name; others are what their types are called.
_CONNECTIONS = {
    "cursor": "a database cursor",
    "session": "a database session",
    "engine": "a database engine",
    "pool": "a pool of database connections",
    "client": "a database client",
    "redis": "a database client",
    "connection": "a database connection",
}

_IN_MEMORY = (("_io", "BytesIO"), ("_io", "StringIO"))
#: What holds a file of the system; a class of the notebook may derive from the interface alone.
_FILES = frozenset(
    ("_io", name)
    for name in (
        "BufferedRandom",
        "BufferedReader",
        "BufferedRWPair",
        "BufferedWriter",
        "FileIO",
        "TextIOWrapper",
    )
)
_LOOKED_AT = 2_000


class Unsavable(Exception):
    """An object that can't be saved.

    Attributes:
        what: the object in words, with an article.
        advice: what to do about it.
        culprit: the object itself.
    """

    def __init__(self, what: str, advice: str, culprit: Any) -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice
        self.culprit = culprit


def unsavable(cls: type) -> tuple[str, str] | None:
    """Return what an object of this type is and what to do, if none of its type can be saved."""
    keys = [(module_of(base), name_of(base)) for base in mro(cls)]
    if any(key in _IN_MEMORY for key in keys):
        return None
    if sys.version_info >= (3, 14) and keys[0][0] == "itertools":
        what = "an iterator of itertools, which can't be saved from Python 3.14 on"
        return what, f"turn it into a list, or {_INSIDE}"
    if keys[0][0] == "__main__" and _FILES.isdisjoint(keys):
        keys = [key for key in keys if key != ("_io", "_IOBase")]
    return next((_TYPES[key] for key in keys if key in _TYPES), None)


def explain(name: str, value: Any, error: BaseException, last: Any) -> str:
    """Return why the variable could not be saved, and what to do.

    Args:
        last: the object that was being saved when the error came.
    """
    if isinstance(error, RecursionError):
        return (
            "nested too deeply (like a linked list of many thousand links): "
            "keep it in lists or arrays instead"
        )
    if isinstance(error, MemoryError):
        return "not enough memory to save it: free some, or make it inside the service cell"
    connection = None if isinstance(error, Unsavable) else _connection(type(value))
    if connection:
        what, advice, culprit = connection, "connect inside the service cell", value
    else:
        what, advice, culprit = _obstacle(value, error, last)
    where = "" if culprit is value else _where(name, value, culprit)
    return f"{what}{where}: {advice}"


def obstacle(value: Any, error: BaseException, last: Any) -> str:
    """Return what can't be saved, with an article."""
    return _obstacle(value, error, last)[0]


def _obstacle(value: Any, error: BaseException, last: Any) -> tuple[str, str, Any]:
    if isinstance(error, Unsavable):
        return error.what, error.advice, error.culprit
    culprit = value if last is None else last
    module, kind = module_of(type(culprit)), name_of(type(culprit))
    shown = kind if module in ("builtins", "__main__") else f"{module}.{kind}"
    return f"an object of type {shown} ({describe(error)})", _INSIDE, culprit


def _connection(cls: type) -> str | None:
    """Return what an object of a database's library is, None if that is not known."""
    if module_of(cls).partition(".")[0] not in _DATABASES:
        return None
    name = name_of(cls).lower()
    return next((words for part, words in _CONNECTIONS.items() if part in name), None)


def describe(error: BaseException) -> str:
    """Return an error as ``Type: message``, cut, whatever its ``__str__`` does."""
    try:
        text = str(error)
    except BaseException as failure:
        if isinstance(failure, KeyboardInterrupt):
            raise
        text = ""
    line = text.strip().partition("\n")[0][:200]
    name = name_of(type(error))
    return f"{name}: {line}" if line else name


def _where(name: str, value: Any, culprit: Any) -> str:
    found = _path({name: value}, culprit)
    return f" at {found}" if found else " inside of it"


def path_to(values: Mapping[str, Any], culprit: Any) -> str:
    """Return the way from one of the variables to an object inside of it, ``reader.file``."""
    for name, value in values.items():
        if value is culprit:
            return name
    return _path(values, culprit) or next(iter(values))


def _path(values: Mapping[str, Any], culprit: Any) -> str | None:
    """Return the way to the culprit if it is found without running any code."""
    seen = {id(value) for value in values.values()}
    waiting = collections.deque(values.items())
    for _ in range(_LOOKED_AT):
        if not waiting:
            break
        path, holder = waiting.popleft()
        for step, item in _parts(holder):
            if item is culprit:
                return path + step
            if id(item) not in seen:
                seen.add(id(item))
                waiting.append((path + step, item))
    return None


def _parts(holder: Any) -> Iterator[tuple[str, Any]]:
    kind = type(holder)
    if kind in (list, tuple):
        for position, item in enumerate(holder[:_LOOKED_AT]):
            yield f"[{position}]", item
    elif issubclass(kind, dict):
        for key, item in list(dict.items(holder))[:_LOOKED_AT]:
            yield f"[{key!r}]" if type(key) in (str, int) else "[…]", item
    if issubclass(kind, type):
        yield from ((f".{key}", item) for key, item in list(dict_of(holder).items()))
        return
    if kind is types.FunctionType:
        parameters = [*(holder.__defaults__ or ()), *(holder.__kwdefaults__ or {}).values()]
        yield from ((" (a default value)", item) for item in parameters)
        yield from ((" (in its closure)", cell) for cell in holder.__closure__ or ())
    if kind is types.CellType:
        with contextlib.suppress(ValueError):  # empty
            yield "", holder.cell_contents
    if kind.__dictoffset__ and kind is not types.ModuleType:
        try:
            attributes = object.__getattribute__(holder, "__dict__")
        except AttributeError:
            return
        if type(attributes) is dict:
            for key, item in list(attributes.items())[:_LOOKED_AT]:
                yield f".{key}", item
