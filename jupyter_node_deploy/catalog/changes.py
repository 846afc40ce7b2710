"""Changes of the catalog: who waits for them is woken, whichever server made them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Any, Protocol

from sqlalchemy import Engine

#: What a transaction that writes says to PostgreSQL, which tells all once it is committed.
NOTIFY = "NOTIFY node_deploy_catalog"
_LISTEN = "LISTEN node_deploy_catalog"

#: Seconds between two looks at SQLite's counter; each costs some microseconds.
_POLL = 0.2
#: Seconds until a close is noticed while PostgreSQL is listened to.
_TURN = 1.0
#: Seconds of silence after which PostgreSQL is asked whether it is still there.
_SILENCE = 30.0
#: Seconds between attempts to connect; each one that fails counts as a change.
_RETRY = 1.0
#: Seconds that a close waits for the thread, which hangs if the file system does.
_CLOSING = 3.0

_log = logging.getLogger(__name__)


class Changes:
    """Counts changes of the catalog; another count says that something may be another now.

    So no change is lost between a look and a wait::

        while True:
            seen = changes.count
            await look()
            await changes.wait(seen, timeout)

    From the first wait on, a thread watches over a connection of its own: a locked database or a
    file system that hangs does not hold up the loop. While it can't, each second is a change.

    Args:
        engine: where to connect.
    """

    def __init__(self, engine: Engine) -> None:
        self.count = 0
        self._engine = engine
        self._next = asyncio.Event()
        self._poked = threading.Event()
        self._closed = False
        self._thread: threading.Thread | None = None

    async def wait(self, seen: int, timeout: float) -> None:  # noqa: ASYNC109 - a pause
        """Return when the count is another than ``seen``, or after ``timeout`` seconds."""
        if self._thread is None:
            loop = asyncio.get_running_loop()
            self._thread = threading.Thread(
                target=self._run, args=(loop,), name="catalog-changes", daemon=True
            )
            self._thread.start()
        if self.count == seen:
            # Not wait_for: until Python 3.12 it swallows a cancellation that comes with the change.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await self._next.wait()

    def poke(self) -> None:
        """Look at once, because this process has written; for any thread."""
        self._poked.set()

    def mark(self) -> None:
        """Count a change that the loop's own thread knows of, whoever made it."""
        self._changed()

    def close(self) -> None:
        """End the thread."""
        self._closed = True
        self.poke()
        if self._thread is not None:
            self._thread.join(_CLOSING)

    def _changed(self) -> None:
        self.count += 1
        self._next.set()
        self._next = asyncio.Event()

    def _run(self, loop: asyncio.AbstractEventLoop) -> None:
        failed = False
        while not self._closed:
            try:
                with contextlib.closing(self._connect()) as connection:
                    failed = False
                    changed = True  # what was before, this connection can't say
                    while not self._closed:
                        if changed:
                            self._tell(loop)
                        changed = connection.changed()
            except Exception as error:
                if not failed:
                    _log.warning("The catalog can't be watched; trying again: %s", error)
                failed = True
                self._tell(loop)
                self._pause(_RETRY)

    def _tell(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            loop.call_soon_threadsafe(self._changed)
        except RuntimeError:  # the loop is closed, nobody waits any more
            self._closed = True

    def _connect(self) -> _Connection:
        if self._engine.dialect.name == "sqlite":
            return _Sqlite(self._engine, lambda: self._pause(_POLL))
        return _Postgresql(self._engine)

    def _pause(self, seconds: float) -> None:
        self._poked.wait(seconds)
        self._poked.clear()


class _Connection(Protocol):
    """A connection of its own that learns of changes. Any error means that it is lost."""

    def changed(self) -> bool:
        """Return after a while whether something may have changed."""

    def close(self) -> None:
        """Close it, whatever became of it."""


class _Sqlite:
    """SQLite counts for each connection what others have committed, of whatever process."""

    def __init__(self, engine: Engine, pause: Callable[[], None]) -> None:
        self._raw, self._driver = _alone(engine)
        self._pause = pause
        self._version = self._read()

    def changed(self) -> bool:
        self._pause()
        before, self._version = self._version, self._read()
        return self._version != before

    def close(self) -> None:
        self._raw.close()

    def _read(self) -> object:
        # With a row left to fetch, the transaction would stay open and see nothing new.
        return self._driver.execute("PRAGMA data_version").fetchall()


class _Postgresql:
    """PostgreSQL tells who listens; of its drivers psycopg 3.2 and newer can."""

    def __init__(self, engine: Engine) -> None:
        self._raw, self._driver = _alone(engine)
        self._driver.autocommit = True
        self._driver.execute(_LISTEN)
        self._heard = time.monotonic()

    def changed(self) -> bool:
        heard = any(True for _ in self._driver.notifies(timeout=_TURN, stop_after=1))
        if not heard and time.monotonic() - self._heard > _SILENCE:
            self._driver.execute("SELECT 1")  # else a cut line would be silent for ever
            heard = True  # what came beside the answer may be lost
        if heard:
            self._heard = time.monotonic()
        return heard

    def close(self) -> None:
        self._raw.close()


def _alone(engine: Engine) -> tuple[Any, Any]:
    """Return a connection that does not go back to the pool, and the driver's part of it."""
    raw = engine.raw_connection()
    driver = raw.driver_connection
    raw.detach()
    return raw, driver
