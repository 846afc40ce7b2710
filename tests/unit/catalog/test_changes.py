"""Changes of the catalog: what must not be missed, and what must not be told."""

import asyncio
import contextlib
import sqlite3
import threading
import time
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, insert, select, text

from jupyter_node_deploy.catalog import changes as changes_module
from jupyter_node_deploy.catalog.changes import Changes
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.tables import folders

SOON = 10.0  # seconds; the machine may be busy


pytestmark = pytest.mark.usefixtures("quick_changes")


def add_folder(conn: Connection, name: str) -> None:
    conn.execute(insert(folders).values(id=name, name=name, created_at=0.0))


def folder_names(conn: Connection) -> set[str]:
    return set(conn.scalars(select(folders.c.name)))


async def next_change(catalog: Catalog, seen: int) -> float:
    """Wait for a change; return the seconds that it took."""
    began = time.monotonic()
    await catalog.changes.wait(seen, SOON)
    assert catalog.changes.count != seen, "nothing was told"
    return time.monotonic() - began


async def at_rest(catalog: Catalog) -> int:
    """Return the count once nothing is told any more."""
    seen = -1
    while seen != catalog.changes.count:
        seen = catalog.changes.count
        await catalog.changes.wait(seen, 0.15)
    return seen


async def test_another_servers_write_is_told(servers):
    here, there = servers
    seen = await at_rest(here)
    waiting = asyncio.create_task(next_change(here, seen))
    await asyncio.sleep(0.05)
    await there.write(add_folder, "a")
    assert await waiting < 1.0
    assert await here.read(folder_names) == {"a"}


async def test_an_own_write_is_told_at_once(servers, monkeypatch):
    here, _ = servers
    await at_rest(here)
    monkeypatch.setattr(changes_module, "_POLL", SOON)
    await here.write(add_folder, "wakes")  # the last short pause
    seen = await at_rest(here)
    await here.write(add_folder, "a")
    assert await next_change(here, seen) < SOON / 2  # not only with the next poll


async def test_what_was_not_kept_is_not_told(servers):
    here, there = servers

    def fail(conn: Connection) -> None:
        add_folder(conn, "a")
        raise LookupError

    seen = await at_rest(here)
    for catalog in servers:
        with contextlib.suppress(LookupError):
            await catalog.write(fail)
    await there.read(folder_names)
    assert await at_rest(here) == seen


async def test_a_write_is_told_when_it_is_committed_and_not_before(servers):
    here, there = servers
    entered, leave = threading.Event(), threading.Event()

    def slow(conn: Connection) -> None:
        add_folder(conn, "a")
        entered.set()
        assert leave.wait(SOON)

    seen = await at_rest(here)
    writing = asyncio.create_task(there.write(slow))
    await asyncio.to_thread(entered.wait, SOON)
    assert await at_rest(here) == seen
    leave.set()
    await next_change(here, seen)
    assert await here.read(folder_names) == {"a"}
    await writing


async def test_no_change_is_lost_between_a_look_and_a_wait(servers):
    here, there = servers
    known: set[str] = set()
    wanted = {f"folder-{number}" for number in range(60)}

    async def follow() -> None:
        while True:
            seen = here.changes.count
            known.update(await here.read(folder_names))
            if known == wanted:
                return
            await here.changes.wait(seen, SOON)

    following = asyncio.create_task(follow())
    for number, name in enumerate(sorted(wanted)):
        await there.write(add_folder, name)
        await asyncio.sleep(0.001 * (number % 7))
    # A single one that was missed would be seen only after the timeout.
    await asyncio.wait_for(following, SOON / 2)


async def test_a_change_before_the_first_wait_is_not_lost(servers):
    here, there = servers
    seen = here.changes.count
    await there.write(add_folder, "a")
    await next_change(here, seen)


async def test_all_who_wait_are_woken(servers):
    here, there = servers
    seen = await at_rest(here)
    waiting = [asyncio.create_task(next_change(here, seen)) for _ in range(3)]
    await asyncio.sleep(0.05)
    await there.write(add_folder, "a")
    await asyncio.gather(*waiting)


@pytest.mark.parametrize("steps", range(4))
async def test_who_waits_can_be_cancelled_at_the_moment_of_a_change(steps):
    changes = Changes(create_engine("sqlite://"))

    async def follow() -> None:
        while True:
            await changes.wait(changes.count, SOON)

    following = asyncio.create_task(follow())
    await asyncio.sleep(0.1)
    changes._changed()
    for _ in range(steps):
        await asyncio.sleep(0)
    following.cancel()
    await asyncio.wait([following], timeout=SOON / 2)
    changes.close()
    assert following.cancelled()


async def test_a_wait_in_vain_ends_in_time(servers):
    here, _ = servers
    seen = await at_rest(here)
    began = time.monotonic()
    await here.changes.wait(seen, 0.05)
    assert time.monotonic() - began < 1.0
    assert here.changes.count == seen


async def test_a_watch_does_not_keep_the_log_of_sqlite_from_being_emptied(tmp_path):
    path = tmp_path / "catalog.sqlite"
    here, there = Catalog(f"sqlite:///{path}"), Catalog(f"sqlite:///{path}")
    await here.upgrade()
    await at_rest(here)
    await there.write(add_folder, "a")
    with contextlib.closing(sqlite3.connect(path)) as conn:
        assert conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone() == (0, 0, 0)
    seen = await at_rest(here)
    await there.write(add_folder, "b")
    await next_change(here, seen)
    here.close()
    there.close()
    assert [one.name for one in tmp_path.iterdir()] == ["catalog.sqlite"]  # all let go


class Flaky:
    """Connections that fail when told to, as with a file system or server that is away."""

    def __init__(self, catalog: Any) -> None:
        self.away = False
        self._connect = catalog.changes._connect
        catalog.changes._connect = self.connect

    def connect(self):
        self._check()
        self._real = self._connect()
        return self

    def changed(self) -> bool:
        changed = self._real.changed()
        self._check()
        return changed

    def close(self) -> None:
        self._real.close()

    def _check(self) -> None:
        if self.away:
            raise OSError("disk I/O error")


async def test_a_catalog_that_is_away_for_a_while(servers, monkeypatch, caplog):
    monkeypatch.setattr(changes_module, "_RETRY", 0.05)
    here, there = servers
    flaky = Flaky(here)
    seen = await at_rest(here)
    flaky.away = True
    # Who can't be told looks for himself, again and again.
    for _ in range(3):
        await next_change(here, seen)
        seen = here.changes.count
    assert caplog.text.count("can't be watched") == 1
    await there.write(add_folder, "unseen")
    flaky.away = False
    seen = await at_rest(here)
    await there.write(add_folder, "seen")
    await next_change(here, seen)


async def test_a_connection_that_the_server_has_cut_is_replaced(postgresql_url, monkeypatch):
    monkeypatch.setattr(changes_module, "_RETRY", 0.05)
    here, there = Catalog(postgresql_url), Catalog(postgresql_url)
    await here.upgrade()
    seen = await at_rest(here)
    cut = text(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    await there.read(lambda conn: conn.execute(cut).all())
    await next_change(here, seen)
    seen = await at_rest(here)
    await there.write(add_folder, "a")
    await next_change(here, seen)
    here.close()
    there.close()


async def test_silence_of_postgresql_is_not_trusted_for_ever(postgresql_url, monkeypatch):
    monkeypatch.setattr(changes_module, "_TURN", 0.01)
    monkeypatch.setattr(changes_module, "_SILENCE", 0.3)
    here = Catalog(postgresql_url)
    await here.upgrade()
    await here.changes.wait(0, SOON)
    await next_change(here, here.changes.count)
    here.close()


async def test_a_database_that_does_not_answer_does_not_hold_up_the_loop(tmp_path, monkeypatch):
    here = Catalog(f"sqlite:///{tmp_path / 'catalog.sqlite'}")
    await here.upgrade()
    hangs, goes_on = threading.Event(), threading.Event()

    class Hanging:
        def changed(self) -> bool:
            hangs.set()
            return not goes_on.wait(SOON)

        def close(self) -> None:
            pass

    monkeypatch.setattr(here.changes, "_connect", Hanging)
    await here.changes.wait(0, SOON)
    assert await asyncio.to_thread(hangs.wait, SOON)
    began = time.monotonic()
    await here.changes.wait(here.changes.count, 0.05)
    assert time.monotonic() - began < 1.0
    goes_on.set()
    here.close()


def test_a_catalog_outlives_the_loop_that_waited(tmp_path):
    url = f"sqlite:///{tmp_path / 'catalog.sqlite'}"
    here, there = Catalog(url), Catalog(url)

    async def wait() -> None:
        await here.upgrade()
        await here.changes.wait(0, SOON)

    asyncio.run(wait())
    asyncio.run(there.write(add_folder, "a"))  # the thread finds nobody to tell
    here.close()
    there.close()
    thread = here.changes._thread
    assert thread is not None
    assert not thread.is_alive()


async def test_settled_comes_after_the_writer_has_gone_on(servers):
    here, _ = servers
    order: list[str] = []
    entered, leave = threading.Event(), threading.Event()

    def slow(conn: Connection) -> None:
        entered.set()
        assert leave.wait(SOON)

    async def write() -> None:
        await here.write(slow)
        order.append("told")

    async def look() -> None:
        await here.settled()
        order.append("looked")

    writing = asyncio.create_task(write())
    await asyncio.to_thread(entered.wait, SOON)
    looking = asyncio.create_task(look())
    await asyncio.sleep(0.01)
    leave.set()
    await asyncio.gather(writing, looking)
    assert order == ["told", "looked"]


@pytest.mark.parametrize("waited", [False, True])
async def test_close_leaves_no_thread(servers, waited):
    here, _ = servers
    if waited:
        await here.changes.wait(0, SOON)
    here.close()
    assert here.changes._thread is None or not here.changes._thread.is_alive()
