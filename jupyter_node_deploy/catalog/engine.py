"""The catalog's door: short transactions in worker threads, one database for all servers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from . import schema
from .changes import NOTIFY, Changes

P = ParamSpec("P")
T = TypeVar("T")

#: Seconds a writer waits for another server's transaction before it gives up.
BUSY_TIMEOUT = 30.0


class Catalog:
    """A database of what should be and what was, shared by all Jupyter servers of a home.

    Args:
        url: SQLAlchemy URL; ``sqlite:////path`` (WAL is switched on) or PostgreSQL.

    Attributes:
        changes: to wait for the next write, of this server or another one.

    Raises:
        ValueError: for a SQLite database in memory, which can't be shared between threads.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.sqlite = parsed.get_backend_name() == "sqlite"
        if self.sqlite and parsed.database in (None, "", ":memory:"):
            raise ValueError("The catalog must be a file or a server: it outlives this process.")
        self.url = parsed
        self._engine = _sqlite_engine(url) if self.sqlite else _server_engine(url)
        self.changes = Changes(self._engine)
        self._readers = ThreadPoolExecutor(4, thread_name_prefix="catalog-read")
        # SQLite has one writer at a time anyway; queueing here is fairer than its busy wait.
        self._writers = ThreadPoolExecutor(
            1 if self.sqlite else 4, thread_name_prefix="catalog-write"
        )
        self._writing: set[asyncio.Future[Any]] = set()

    async def read(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``fn(conn, …)`` in a worker thread in one read-only transaction.

        Returns:
            What ``fn`` returns; it must not hold on to the connection or a lazy result.
        """
        return await self._run(self._readers, False, lambda conn: fn(conn, *args, **kwargs))

    async def write(
        self, fn: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run ``fn(conn, …)`` in a worker thread in one transaction that has the write lock.

        All of it is kept, or nothing when ``fn`` raises. A caller that is cancelled meanwhile
        does not undo it.
        """
        work = self._run(self._writers, True, lambda conn: fn(conn, *args, **kwargs))
        self._writing.add(work)
        work.add_done_callback(self._writing.discard)
        return await work

    async def settled(self) -> None:
        """Return when the writes at work now are over, and their callers have gone on.

        What a read has found of them by then, its writer has had the chance to tell.
        """
        if self._writing:
            await asyncio.wait([*self._writing])

    async def upgrade(self) -> None:
        """Bring the database to this version's schema; several servers may do so at once.

        An older SQLite file is copied to ``NAME.before-REVISION`` first.

        Raises:
            FailedPrecondition: the database was written by a newer version of the package.
        """
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._writers, schema.upgrade, self.url)

    def close(self) -> None:
        """Finish the transactions at work and let the connections go."""
        self.changes.close()
        self._readers.shutdown()
        self._writers.shutdown()
        self._engine.dispose()

    def _run(
        self, pool: ThreadPoolExecutor, write: bool, work: Callable[[Connection], T]
    ) -> asyncio.Future[T]:
        return asyncio.get_running_loop().run_in_executor(pool, self._transact, write, work)

    def _transact(self, write: bool, work: Callable[[Connection], T]) -> T:
        options: dict[str, Any] = {"writes": write}
        if not self.sqlite:
            options["postgresql_readonly"] = not write
        with self._engine.connect() as conn:
            conn = conn.execution_options(**options)
            with conn.begin():
                result = work(conn)
                if write and not self.sqlite:
                    conn.exec_driver_sql(NOTIFY)
        if write:
            self.changes.poke()
        return result


def _server_engine(url: str) -> Engine:
    return create_engine(url, pool_size=8, pool_pre_ping=True)


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, pool_size=5, connect_args={"timeout": BUSY_TIMEOUT})

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we begin, so that the kind of transaction is ours
        connection.execute("PRAGMA foreign_keys = ON")

    @event.listens_for(engine, "begin")
    def on_begin(conn: Connection) -> None:
        writes = conn.get_execution_options().get("writes", False)
        conn.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        # A transaction that reads first and writes later would fail at once when another server
        # wrote in between; with the lock taken at the start it waits instead.
        conn.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
