"""The catalog: transactions, several servers on one file, upgrades."""

import asyncio
import sqlite3
import subprocess
import sys
import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, insert, select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from jupyter_node_deploy.catalog import schema
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.tables import aliases, folders, metadata, nodes
from jupyter_node_deploy.errors import FailedPrecondition, Message


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'catalog.sqlite'}"


@pytest.fixture
async def catalog(url):
    catalog = Catalog(url)
    await catalog.upgrade()
    yield catalog
    catalog.close()


def add_folder(conn: Connection, name: str) -> None:
    conn.execute(insert(folders).values(id=name, name=name, created_at=0.0))


def folder_names(conn: Connection) -> list[str]:
    return sorted(conn.scalars(select(folders.c.name)))


async def test_upgraded_schema_is_the_declared_one(catalog):
    def differences(conn: Connection) -> list[object]:
        context = MigrationContext.configure(
            conn, opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, metadata))

    assert await catalog.read(differences) == []


async def test_write_is_seen_by_reads_and_by_another_server(catalog, url):
    await catalog.write(add_folder, "one")
    other = Catalog(url)
    await other.upgrade()
    assert await catalog.read(folder_names) == ["one"]
    assert await other.read(folder_names) == ["one"]
    other.close()


async def test_failed_write_leaves_nothing(catalog):
    def half(conn: Connection) -> None:
        add_folder(conn, "half")
        raise LookupError

    with pytest.raises(LookupError):
        await catalog.write(half)
    assert await catalog.read(folder_names) == []


async def test_read_cannot_write_and_does_not_spoil_the_connection(catalog):
    with pytest.raises(OperationalError):
        await catalog.read(add_folder, "sneaked")
    for name in ("a", "b", "c", "d", "e", "f"):
        await catalog.write(add_folder, name)
    assert await catalog.read(folder_names) == ["a", "b", "c", "d", "e", "f"]


async def test_foreign_keys_hold(catalog):
    def dangling(conn: Connection) -> None:
        conn.execute(
            insert(aliases).values(
                name="a", folder="none", acl=[], targets=[], created_at=0.0, updated_at=0.0
            )
        )

    with pytest.raises(IntegrityError):
        await catalog.write(dangling)


async def test_read_then_write_transactions_of_two_servers_wait_for_each_other(catalog, url):
    other = Catalog(url)

    def bump(conn: Connection, who: str, number: int) -> None:
        count = len(folder_names(conn))  # a deferred transaction would fail after this read
        add_folder(conn, f"{who}{number}-{count}")

    await asyncio.gather(
        *(
            server.write(bump, who, n)
            for n in range(40)
            for server, who in ((catalog, "a"), (other, "b"))
        )
    )
    names = await catalog.read(folder_names)
    assert sorted(int(name.split("-")[1]) for name in names) == list(range(80))
    other.close()


async def test_reads_go_on_while_a_write_is_at_work(catalog):
    entered, leave = threading.Event(), threading.Event()

    def slow(conn: Connection) -> None:
        add_folder(conn, "slow")
        entered.set()
        assert leave.wait(30)

    writing = asyncio.create_task(catalog.write(slow))
    await asyncio.to_thread(entered.wait, 30)
    assert await catalog.read(folder_names) == []
    leave.set()
    await writing
    assert await catalog.read(folder_names) == ["slow"]


async def test_upgrade_twice_changes_nothing(catalog):
    await catalog.write(add_folder, "kept")
    await catalog.upgrade()
    assert await catalog.read(folder_names) == ["kept"]


def test_processes_that_upgrade_at_once_all_succeed(url):
    program = (
        "import asyncio, sys\n"
        "from jupyter_node_deploy.catalog.engine import Catalog\n"
        "sys.stdin.readline()\n"
        f"catalog = Catalog({url!r})\n"
        "asyncio.run(catalog.upgrade())\n"
        "catalog.close()\n"
    )
    servers = [
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for server in servers:
        assert server.stdin is not None
        server.stdin.write("go\n")
        server.stdin.close()
    assert [server.wait() for server in servers] == [0, 0, 0, 0]
    with sqlite3.connect(url.removeprefix("sqlite:///")) as conn:
        assert conn.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert len(conn.execute("SELECT * FROM alembic_version").fetchall()) == 1


async def test_catalogs_upgraded_at_once_in_one_process(url):
    catalogs = [Catalog(url) for _ in range(3)]
    await asyncio.gather(*(catalog.upgrade() for catalog in catalogs))
    for catalog in catalogs:
        assert await catalog.read(folder_names) == []
        catalog.close()


async def test_newer_catalog_is_refused_by_name(catalog, url, tmp_path):
    def stamp(conn: Connection) -> None:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")

    await catalog.write(stamp)
    with pytest.raises(FailedPrecondition, match=r"9999.*newer version"):
        await catalog.upgrade()


async def test_older_file_is_backed_up_before_it_changes(catalog, url, tmp_path, monkeypatch):
    """A second migration, made here, runs over data of the first."""
    migrations = tmp_path / "migrations"
    (migrations / "versions").mkdir(parents=True)
    for source in schema._MIGRATIONS.rglob("*.py"):
        target = migrations / source.relative_to(schema._MIGRATIONS)
        target.write_text(source.read_text())
    head = await catalog.read(
        lambda conn: conn.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    )
    (migrations / "versions" / "next.py").write_text(
        "from alembic import op\n"
        "import sqlalchemy as sa\n"
        f"revision, down_revision = 'next', {head!r}\n"
        "def upgrade():\n"
        "    with op.batch_alter_table('folders', recreate='always') as batch:\n"
        "        batch.add_column(sa.Column('color', sa.String(8)))\n"
    )
    await catalog.write(add_folder, "old")
    await catalog.write(
        lambda conn: conn.execute(
            insert(aliases).values(
                name="a", folder="old", acl=[], targets=[], created_at=0.0, updated_at=0.0
            )
        )
    )
    monkeypatch.setattr(schema, "_MIGRATIONS", migrations)
    await catalog.upgrade()
    await catalog.upgrade()
    with sqlite3.connect(tmp_path / f"catalog.sqlite.before-{head}") as backup:
        assert backup.execute("SELECT id FROM folders").fetchall() == [("old",)]
        assert "color" not in backup.execute("SELECT sql FROM sqlite_master").fetchall().__str__()
    with sqlite3.connect(tmp_path / "catalog.sqlite") as now:
        assert now.execute("SELECT id, color FROM folders").fetchall() == [("old", None)]
        assert now.execute("SELECT name FROM aliases").fetchall() == [("a",)]


def test_memory_is_refused():
    with pytest.raises(ValueError, match="file or a server"):
        Catalog("sqlite://")


async def test_a_message_keeps_its_reason(catalog) -> None:
    told = Message("It failed. {cause}", "FAILED", cause=Message("{n} times.", "OFTEN", n=2))
    former = 'It failed. No.\x1f{"reason": "FAILED", "metadata": {"cause": "No."}}'

    def write(conn: Connection) -> None:
        add_folder(conn, "f")
        for name, reason in (("a", told), ("b", "plain"), ("c", "")):
            conn.execute(
                insert(nodes).values(
                    id=name,
                    name=name,
                    type="cell",
                    description="",
                    folder="f",
                    acl=[],
                    revision=1,
                    desired="running",
                    status="FAILED",
                    reason=reason,
                    created_at=0,
                    updated_at=0,
                )
            )

    await catalog.write(write)
    await catalog.write(
        lambda conn: conn.execute(
            text("UPDATE nodes SET reason = :former WHERE id = 'c'"), {"former": former}
        )
    )
    found = await catalog.read(lambda conn: list(conn.scalars(select(nodes.c.reason))))
    assert found == [told, "plain", "It failed. No."]
    assert found[0].info() == told.info()
    assert type(found[2]) is str, "a row without a template is only a text"
