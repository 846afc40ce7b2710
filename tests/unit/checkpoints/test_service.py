"""The service and its importer on checkpoints written by hand; no kernels run."""

import asyncio
import functools
import json
import os
import subprocess
import sys
import time
from typing import Any

import pytest
from sqlalchemy import event, update

from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.tables import checkpoints
from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.checkpoints.kernels import Kernels
from jupyter_node_deploy.checkpoints.provisioner import AgentSettings
from jupyter_node_deploy.checkpoints.service import CheckpointService
from jupyter_node_deploy.errors import (
    AlreadyExists,
    DataLoss,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
)

from ...support.manifests import put, written
from .hand_made import announce, group, spool


class NoKernels:
    """A kernel manager that runs none."""

    def list_kernel_ids(self):
        return []

    def __contains__(self, kernel_id):
        return False


class Bench:
    """A service of one home, and what it emitted."""

    def __init__(self, home, catalog, **options):
        self.home = home
        self.events: list[dict[str, Any]] = []
        self.kernels = Kernels(AgentSettings(home), NoKernels(), None)
        self.service = CheckpointService(home, catalog, self.kernels, self.events.append, **options)

    async def take_in(self, pid=None):
        """Import what kernels left; ``kernel`` is a dead one unless ``pid`` runs."""
        announce(self.home, "kernel", pid or dead_pid())
        await self.service._importer.leftovers(lambda _: False, at_once=True)

    def actions(self):
        return [(event["action"], event["id"]) for event in self.events]


@functools.cache
def dead_pid():
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
async def bench(home, catalog):
    return Bench(home, catalog, keep=3, grace=100.0)


async def fill(home, bench, *names, **values):
    for number, name in enumerate(names):
        spool(home, written(name, created_at=1000.0 + number, **values))
    await bench.take_in()


async def test_what_a_dead_kernel_left_is_taken_in_and_its_directory_removed(home, bench):
    sha = put(BlobStore(home.blobs), b"value")
    spool(
        home,
        written(
            "aa",
            code="\n\n  # first\nx = 1",
            cell_id="cell",
            execution_count=4,
            status="error",
            groups=[group("x", sha)],
            variables=[{"name": "x", "type": "int", "schema": {"type": "integer"}}],
        ),
    )
    (home.spool / "kernel" / "bad.json").write_text("{")
    await bench.take_in()
    found = await bench.service.get("aa")
    assert (found.first_line, found.size, found.status) == ("# first", 5, "error")
    assert found.variables[0].schema == {"type": "integer"}
    assert found.python == "3.11.7"
    assert (await bench.service.manifest("aa")).blobs() == {sha}
    assert bench.actions() == [("created", "aa")]
    assert not (home.spool / "kernel").exists()


async def test_a_manifest_of_a_newer_version_waits_for_that_version(home, bench, caplog):
    blob = put(BlobStore(home.blobs), b"value")
    os.utime(bench.service.blobs.path(blob), (1, 1))
    path = spool(home, written("aa", format=2, groups=[group("x", blob)]))
    spool(home, written("bb"))
    await bench.take_in()
    await bench.take_in()
    assert bench.actions() == [("created", "bb")]
    assert path.exists()
    assert caplog.text.count("newer version. Upgrade") == 1
    await bench.service.collect()
    bench.service.blobs.verify(blob)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"format": 2}, FailedPrecondition, "Checkpoint aa can't be read. .*format 2.* Upgrade"),
        ({"groups": 3}, DataLoss, "manifest of checkpoint aa is damaged: groups: is not a list"),
    ],
)
async def test_a_checkpoint_that_cannot_be_read_is_refused_in_words(
    home, bench, catalog, change, error, words
):
    await fill(home, bench, "aa")
    other = written("aa", **change)
    await catalog.write(lambda conn: conn.execute(update(checkpoints).values(manifest=other)))
    for read in (bench.service.get, bench.service.manifest):
        with pytest.raises(error, match=words):
            await read("aa")
    assert [one.id for one in await bench.service.list()] == ["aa"]


async def test_a_living_kernel_of_another_server_is_left_alone(home, bench):
    spool(home, written("aa"))
    await bench.take_in(pid=os.getpid())
    assert await bench.service.list() == []
    assert (home.spool / "kernel" / "aa.json").exists()


async def test_two_servers_that_see_the_same_leftovers_make_one_checkpoint(home, catalog):
    for number in range(5):
        spool(home, written(f"n{number}", created_at=float(number)))
    other_catalog = Catalog(f"sqlite:///{home.catalog}")
    servers = [Bench(home, catalog), Bench(home, other_catalog)]
    await asyncio.gather(*(server.take_in() for server in servers))
    assert [found.id for found in await servers[0].service.list()] == [
        "n4", "n3", "n2", "n1", "n0",
    ]  # fmt: skip
    created = [*servers[0].actions(), *servers[1].actions()]
    assert sorted(created) == [("created", f"n{number}") for number in range(5)]
    assert not (home.spool / "kernel").exists()
    other_catalog.close()


async def test_the_oldest_rotates_out_and_says_so(home, bench):
    await fill(home, bench, "aa", "bb", "cc", "dd")
    assert [found.id for found in await bench.service.list()] == ["dd", "cc", "bb"]
    assert bench.actions()[-2:] == [("created", "dd"), ("deleted", "aa")]
    with pytest.raises(NotFound, match="rotated"):
        await bench.service.get("aa")


async def test_forced_and_rollback_rotate_as_well(home, bench):
    await fill(home, bench, "aa", "bb", operation="Forced")
    spool(home, written("cc", created_at=2000.0, operation="Rollback"))
    spool(home, written("dd", created_at=3000.0))
    await bench.take_in()
    assert [found.id for found in await bench.service.list()] == ["dd", "cc", "bb"]


async def test_pinned_ones_stay_until_unpinned(home, bench):
    await fill(home, bench, "aa")
    pinned = await bench.service.pin("aa", " mine ", "ann")
    assert (pinned.name, pinned.pinned, pinned.pinned_by) == ("mine", True, "ann")
    for name in ("bb", "cc", "dd", "ee"):
        spool(home, written(name, created_at=2000.0 + ord(name[0])))
    await bench.take_in()
    assert [found.id for found in await bench.service.list()] == ["ee", "dd", "cc", "aa"]
    assert [found.id for found in await bench.service.list(pinned=True)] == ["aa"]
    # The oldest of four that are not pinned now: it goes at once.
    assert await bench.service.unpin("mine") is None
    assert bench.actions()[-1] == ("deleted", "aa")
    with pytest.raises(NotFound):
        await bench.service.get("aa")


async def test_unpinning_one_that_is_not_the_oldest_keeps_it(home, bench):
    await fill(home, bench, "aa", "bb")
    await bench.service.pin("bb", "mine")
    unpinned = await bench.service.unpin("bb")
    assert unpinned is not None
    assert not unpinned.pinned
    assert bench.actions()[-1] == ("changed", "bb")


async def test_names_are_unique_and_checked(home, bench):
    await fill(home, bench, "aa", "bb")
    await bench.service.pin("aa", "mine")
    with pytest.raises(AlreadyExists, match="'mine'"):
        await bench.service.pin("bb", "mine")
    assert (await bench.service.rename("mine", "ours")).name == "ours"
    with pytest.raises(FailedPrecondition):
        await bench.service.rename("bb", "x")
    for bad in ("", "   ", "x" * 256, "two\nlines", "\0"):
        with pytest.raises(InvalidArgument) as error:
            await bench.service.pin("bb", bad)
        assert error.value.details[0]["path"] == "name"


async def test_lost_and_corrupted_values_are_named(home, bench):
    one, two = put(BlobStore(home.blobs), b"one"), put(BlobStore(home.blobs), b"two")
    await fill(home, bench, "aa", groups=[group("model", one, two)])
    assert await bench.service.verify("aa") == []
    bench.service.blobs.path(one).write_bytes(b"eno")
    (problem,) = await bench.service.verify("aa")
    assert "Variable model" in problem
    assert one in problem
    bench.service.blobs.path(two).unlink()
    assert len(await bench.service.verify("aa")) == 2
    with pytest.raises(DataLoss, match="model"):
        await bench.service.pin("aa", "mine")


async def test_a_checkpoint_whose_values_are_lost_is_still_listed(home, bench):
    await fill(home, bench, "aa", groups=[group("x", "0" * 64)])
    assert (await bench.service.get("aa")).size == 0


async def test_nothing_is_collected_by_a_catalog_that_is_not_the_homes(home, bench):
    sha = put(BlobStore(home.blobs), b"of the other catalog")
    os.utime(bench.service.blobs.path(sha), (time.time() - 999,) * 2)
    home.pairing.write_text(json.dumps({"id": "other", "sequence": 3}))
    with pytest.raises(FailedPrecondition, match="another catalog"):
        await bench.service.collect()
    assert bench.service.blobs.path(sha).exists()


async def test_collection_keeps_what_something_refers_to(home, bench):
    listed, spooled, loose, fresh = (
        put(BlobStore(home.blobs), content)
        for content in (b"listed", b"spooled", b"loose", b"fresh")
    )
    await fill(home, bench, "aa", groups=[group("x", listed)])
    spool(home, written("bb", groups=[group("x", spooled)]))
    blobs = bench.service.blobs
    for sha in (listed, spooled, loose):
        os.utime(blobs.path(sha), (time.time() - 999,) * 2)
    assert await bench.service.collect() == 1
    assert [blobs.path(sha).exists() for sha in (listed, spooled, loose, fresh)] == [
        True, True, False, True,
    ]  # fmt: skip
    await bench.service.delete("aa")
    assert await bench.service.collect() == 1
    assert not blobs.path(listed).exists()


async def test_deleting_says_so_and_frees_the_name(home, bench):
    await fill(home, bench, "aa", "bb")
    await bench.service.pin("aa", "mine")
    await bench.service.delete("mine")
    assert bench.actions()[-1] == ("deleted", "aa")
    await bench.service.pin("bb", "mine")


async def test_a_full_disk_loses_nothing(home, catalog, bench, caplog):
    def full(conn):
        # SQLite's own limit: the next page fails with "database or disk is full".
        conn.exec_driver_sql("PRAGMA max_page_count = 1")

    def roomy(conn):
        conn.exec_driver_sql("PRAGMA max_page_count = 1000000")

    event.listen(catalog._engine, "begin", full)
    path = spool(home, written("aa", code=os.urandom(60_000).hex()))
    await bench.take_in()
    await bench.take_in()
    assert path.exists()
    assert await bench.service.list() == []
    assert len([r for r in caplog.records if "full" in r.getMessage()]) == 1
    event.remove(catalog._engine, "begin", full)
    event.listen(catalog._engine, "begin", roomy)
    await bench.take_in()
    assert [found.id for found in await bench.service.list()] == ["aa"]
    assert not path.exists()


async def test_kernels_that_do_not_run_are_named(home, bench):
    await fill(home, bench, "aa")
    with pytest.raises(NotFound, match="no kernel gone"):
        await bench.service.force("gone")
    with pytest.raises(NotFound, match="no kernel gone"):
        await bench.service.apply("aa", "gone")


async def test_only_the_two_modes_exist(bench):
    with pytest.raises(InvalidArgument):
        await bench.service.set_mode("sometimes")
    await bench.service.set_mode("autosave")
    assert bench.service.mode == "autosave"


async def test_kernels_that_are_just_being_restarted_are_left_to_their_server(home, bench):
    announce(home, "kernel", dead_pid())
    spool(home, written("aa"))
    await bench.service._importer.leftovers(lambda _: False)
    await bench.service._importer.leftovers(lambda _: True, at_once=True)
    assert await bench.service.list() == []
    await bench.take_in()
    assert len(await bench.service.list()) == 1
