"""Bringing a database to the schema of this version of the package, with Alembic."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL, Connection, Engine, create_engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from ..errors import DataLoss, FailedPrecondition

_MIGRATIONS = Path(__file__).parent / "migrations"
_TIMEOUT = 60.0
# "jnd" in ASCII: servers that upgrade one PostgreSQL database take turns by this number.
_ADVISORY_LOCK = 0x6A6E64
# Alembic keeps its environment in module globals.
_alembic = threading.Lock()


def upgrade(url: URL) -> None:
    """Migrate the database at ``url`` to the newest schema.

    One server migrates in one transaction while the others wait; a failure leaves the old schema.

    Raises:
        FailedPrecondition: the database's schema is newer than this package.
        DataLoss: the migrated data break a foreign key.
    """
    sqlite = url.get_backend_name() == "sqlite"
    engine = create_engine(
        url, poolclass=NullPool, connect_args={"timeout": _TIMEOUT} if sqlite else {}
    )
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    script = ScriptDirectory.from_config(config)
    try:
        with _alembic, _sole(engine, sqlite) as conn:
            current = MigrationContext.configure(conn).get_current_revision()
            if not _pending(script, current):
                return
            if sqlite and current is not None and url.database:
                _back_up(Path(url.database), current)
            config.attributes["connection"] = conn
            command.upgrade(config, "head")
            if sqlite and (broken := conn.exec_driver_sql("PRAGMA foreign_key_check").first()):
                raise DataLoss(f"The upgraded catalog has dangling references: {tuple(broken)}.")
    finally:
        engine.dispose()


def _pending(script: ScriptDirectory, current: str | None) -> bool:
    try:
        script.get_revision(current or "base")
    except CommandError:
        raise FailedPrecondition(
            f"The catalog has schema {current}, which this version of jupyter_node_deploy does "
            "not know: it was written by a newer version. Upgrade the package, or set another "
            "data directory."
        ) from None
    return current != script.get_current_head()


@contextlib.contextmanager
def _sole(engine: Engine, sqlite: bool) -> Iterator[Connection]:
    """A transaction that no other server's upgrade runs beside."""
    with engine.connect() as conn:
        if not sqlite:
            with conn.begin():
                conn.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ADVISORY_LOCK})
                yield conn
            return
        raw = conn.connection.dbapi_connection
        assert isinstance(raw, sqlite3.Connection)
        raw.isolation_level = None
        _switch_to_wal(raw)
        # Rebuilding a table drops the old one, which would cascade; checked at the end instead.
        raw.execute("PRAGMA foreign_keys = OFF")
        with conn.begin():
            conn.exec_driver_sql("BEGIN IMMEDIATE")
            yield conn


def _switch_to_wal(raw: sqlite3.Connection) -> None:
    """Set WAL; SQLite does not wait for its lock here, so another server may be in the way."""
    until = time.monotonic() + _TIMEOUT
    while True:
        try:
            raw.execute("PRAGMA journal_mode = WAL")
            return
        except (sqlite3.OperationalError, OperationalError):
            if time.monotonic() > until:
                raise
            time.sleep(0.02)


def _back_up(path: Path, revision: str) -> None:
    target = path.with_name(f"{path.name}.before-{revision}")
    part = target.with_name(f"{target.name}.{os.getpid()}.part")
    part.unlink(missing_ok=True)
    part.touch(mode=0o600)
    with (
        contextlib.closing(sqlite3.connect(path, timeout=_TIMEOUT)) as source,
        contextlib.closing(sqlite3.connect(part)) as copy,
    ):
        source.backup(copy)
    part.replace(target)
