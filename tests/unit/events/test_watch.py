"""The watch: events of what this server and other ones did, once each, whatever comes between."""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from sqlalchemy import Connection, insert

from jupyter_node_deploy.catalog import checkpoints, nodes, secrets
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.nodes import NodeRecord, RevisionRecord
from jupyter_node_deploy.catalog.tables import folders
from jupyter_node_deploy.checkpoints.rows import to_row, to_summary
from jupyter_node_deploy.errors import Message
from jupyter_node_deploy.events import watch as watch_module
from jupyter_node_deploy.events.differences import Differences, Event
from jupyter_node_deploy.events.watch import Watch
from jupyter_node_deploy.namespace.manifest import Manifest
from jupyter_node_deploy.specs import RevisionSpec

from ...support.manifests import written

SOON = 10.0  # seconds; the machine may be busy
Servers = list[Catalog]


def row(id_: str) -> dict[str, Any]:
    return to_row(Manifest.read(written(id_)), [], "a.ipynb", 10)


def add_folder(conn: Connection) -> None:
    conn.execute(insert(folders).values(id="f", name="f", created_at=0.0))


SPEC = RevisionSpec.model_validate(
    {"docker": {"image": "echo", "endpoint": {"port": 8080}}, "provisioning": {}}
)


class Listener:
    """A server's watch of its catalog, and the events that it told."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.events: list[Event] = []
        self.checkpoints = Differences(checkpoints.told, self.events.append)
        self.reads = 0
        self.watch = Watch(
            catalog,
            self.checkpoints,
            Differences(nodes.told, self.events.append),
            Differences(secrets.told, self.events.append),
            Differences(self._count, self.events.append),
        )

    def _count(self, conn: Connection) -> dict[str, Event]:
        self.reads += 1
        return {}

    def told(self) -> list[tuple[str, str]]:
        return [(event["action"], event["id"]) for event in self.events]

    async def until(self, condition: Callable[[], Any]) -> None:
        end = time.monotonic() + SOON
        while not condition():
            assert time.monotonic() < end, self.told()
            await asyncio.sleep(0.01)

    async def next(self) -> Event:
        """Return the only event that there is, and forget it."""
        await self.until(lambda: self.events)
        await self.rest()
        [event] = self.events
        self.events.clear()
        return event

    async def rest(self) -> None:
        """Wait until it does not read any more."""
        reads = -1
        while reads != self.reads or not reads:
            reads = self.reads
            await asyncio.sleep(0.2)


@pytest.fixture
async def listener(servers: Servers) -> AsyncIterator[Listener]:
    """The watch of the first server, at rest."""
    await servers[0].write(checkpoints.add, row("before"), {})
    found = Listener(servers[0])
    found.watch.start()
    await found.rest()
    yield found
    await found.watch.stop()


async def test_what_there_was_is_not_told(listener: Listener) -> None:
    assert listener.events == []


async def test_another_servers_checkpoints_are_told_once(
    servers: Servers, listener: Listener
) -> None:
    _, there = servers
    await there.write(checkpoints.add, row("new"), {})
    created = await listener.next()
    assert created == {"action": "created", **to_summary(row("new")).model_dump(mode="json")}
    await there.write(checkpoints.pin, "new", "name", "user")
    changed = await listener.next()
    assert changed == {
        **created,
        "action": "changed",
        "name": "name",
        "pinned": True,
        "pinned_by": "user",
    }
    await there.write(checkpoints.remove, "new")
    assert await listener.next() == {**changed, "action": "deleted"}


async def test_events_are_soon(servers: Servers, listener: Listener) -> None:
    began = time.monotonic()
    await servers[1].write(checkpoints.add, row("new"), {})
    await listener.until(lambda: listener.events)
    assert time.monotonic() - began < 1.0


async def test_another_servers_secrets_are_told_without_values(
    servers: Servers, listener: Listener
) -> None:
    def put(conn: Connection, now: float) -> None:
        secrets.put(conn, "f", "key", b"sealed", now)

    _, there = servers
    await there.write(add_folder)
    await there.write(put, 1.0)
    secret = {"id": "f/key", "folder": "f", "name": "key", "created_at": 1.0, "updated_at": 1.0}
    assert await listener.next() == {"action": "created", **secret}
    await there.write(put, 2.0)
    assert await listener.next() == {"action": "changed", **secret, "updated_at": 2.0}
    await there.write(secrets.remove, "f", "key")
    assert (await listener.next())["action"] == "deleted"


async def test_nodes_are_told_with_the_reason_for_programs(
    servers: Servers, listener: Listener
) -> None:
    here, there = servers
    await there.write(add_folder)
    reason = Message("It is new.", "NEW", count=1)
    node = NodeRecord(
        id="n",
        name="node",
        type="cell",
        description="",
        folder="f",
        acl=[],
        desired="running",
        revision=1,
        active_revision=None,
        status="CREATED",
        reason=reason,
        created_at=1.0,
        updated_at=1.0,
        created_by=None,
    )
    await there.write(nodes.add, node, RevisionRecord("n", 1, SPEC, None, False, "", 1.0))
    assert await listener.next() == {
        "action": "created",
        "id": "n",
        "name": "node",
        "type": "cell",
        "status": "CREATED",
        "reason": "It is new.",
        "reason_info": {"reason": "NEW", "template": "It is new.", "metadata": {"count": 1}},
        "revision": 1,
        "updated_at": 1.0,
    }
    # What an event does not carry is a change nevertheless.
    await here.write(nodes.change, "n", description="other")
    assert (await listener.next())["action"] == "changed"
    await here.write(nodes.remove, "n")
    event = await listener.next()
    assert (event["action"], event["status"]) == ("deleted", "CREATED")
    json.dumps(event)


async def test_a_write_that_is_not_kept_is_not_told(servers: Servers, listener: Listener) -> None:
    def fail(conn: Connection) -> None:
        checkpoints.add(conn, row("never"), {})
        raise LookupError

    for server in servers:
        with pytest.raises(LookupError):
            await server.write(fail)
    await listener.rest()
    assert listener.events == []


async def test_nothing_is_read_while_nothing_changes(listener: Listener) -> None:
    reads = listener.reads
    await asyncio.sleep(1.0)
    assert listener.reads == reads


async def test_many_changes_at_once_are_few_looks(servers: Servers, listener: Listener) -> None:
    reads = listener.reads
    began = time.monotonic()
    for number in range(50):
        await servers[1].write(checkpoints.add, row(f"new{number}"), {})
    await listener.until(lambda: len(listener.events) == 50)
    looks = 2 + (time.monotonic() - began) / watch_module._REST
    assert listener.reads - reads <= looks


async def test_a_change_during_a_look_is_told(
    servers: Servers, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = servers
    read = here.read

    async def slow(*args: Any) -> Any:
        found = await read(*args)
        if not later.done():
            await there.write(checkpoints.add, row("later"), {})
            later.set_result(None)
        await asyncio.sleep(0.5)  # the change is seen while the look goes on
        return found

    later = asyncio.get_running_loop().create_future()
    monkeypatch.setattr(here, "read", slow)
    await there.write(checkpoints.add, row("first"), {})
    await listener.until(lambda: len(listener.events) == 2)
    assert listener.told() == [("created", "first"), ("created", "later")]


async def test_own_work_and_that_of_others_is_told_once_each(
    servers: Servers, listener: Listener
) -> None:
    """As the service does it: write, then tell; while looks come at any moment."""
    here, there = servers
    expected: Counter[tuple[str, str]] = Counter()

    async def own(number: int) -> None:
        id_ = f"own{number}"
        if await here.write(checkpoints.add, row(id_), {}):
            summary = to_summary(row(id_)).model_dump(mode="json")
            listener.checkpoints.tell({"action": "created", **summary})
        await asyncio.sleep(0.003 * (number % 5))
        removed = to_summary(await here.write(checkpoints.remove, id_)).model_dump(mode="json")
        listener.checkpoints.tell({"action": "deleted", **removed})
        expected.update([("created", id_), ("deleted", id_)])

    async def others(id_: str) -> None:
        await there.write(checkpoints.add, row(id_), {})
        expected[("created", id_)] += 1

    for number in range(40):
        await asyncio.gather(own(number), others(f"other{number}"))
    await listener.rest()
    assert Counter(listener.told()) == expected


async def test_own_work_is_not_told_before_its_writer_tells_of_it(
    servers: Servers, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, _ = servers
    transact = here._transact

    def late(write: bool, work: Any) -> Any:
        result = transact(write, work)
        if write:
            time.sleep(0.3)  # it is committed, and its writer does not know yet
        return result

    monkeypatch.setattr(here, "_transact", late)
    await here.write(checkpoints.add, row("own"), {})
    assert listener.events == []
    summary = to_summary(row("own")).model_dump(mode="json")
    listener.checkpoints.tell({"action": "created", **summary})
    await listener.rest()
    assert listener.told() == [("created", "own")]


async def test_what_another_did_after_own_work_is_told(
    servers: Servers, listener: Listener
) -> None:
    """The two may be one change to the watch."""
    here, there = servers
    for number in range(20):
        name = f"mine{number}"
        mine = to_summary(await here.write(checkpoints.pin, "before", name, None))
        await there.write(checkpoints.unpin, "before")
        # Late, as when the loop is busy.
        listener.checkpoints.tell({"action": "changed", **mine.model_dump(mode="json")})
        await listener.until(lambda: listener.events[-1]["name"] is None)


async def test_a_catalog_that_fails_for_a_while(
    servers: Servers,
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    here, there = servers
    monkeypatch.setattr(watch_module, "_RETRY", 0.05)

    async def fail(*_: Any) -> Any:
        raise OSError("disk I/O error")

    with monkeypatch.context() as failing:
        failing.setattr(here, "read", fail)
        await there.write(checkpoints.add, row("meanwhile"), {})
        await listener.until(lambda: "could not be read" in caplog.text)
        await there.write(checkpoints.pin, "before", "name", None)
        assert listener.events == []
    await listener.until(lambda: len(listener.events) == 2)
    assert sorted(listener.told()) == [("changed", "before"), ("created", "meanwhile")]


async def test_a_change_that_nobody_was_woken_for_is_told_late(
    servers: Servers, listener: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch_module, "_LONGEST", 0.3)
    await servers[1].write(checkpoints.add, row("heard"), {})
    await listener.until(lambda: listener.events)
    listener.events.clear()
    monkeypatch.setattr(servers[0].changes, "_tell", lambda loop: None)
    await servers[1].write(checkpoints.add, row("unheard"), {})
    await listener.until(lambda: listener.events)


async def test_a_light_row_tells_what_a_summary_does(servers: Servers) -> None:
    pinned = row("b") | {"name": "name", "pinned_by": "user", "cell_id": "c", "duration": 2.5}
    for one in (row("a"), pinned):
        await servers[0].write(checkpoints.add, one, {})
    found = await servers[0].read(checkpoints.told)
    rows = await servers[0].read(checkpoints.summaries)
    assert found == {one["id"]: to_summary(one).model_dump(mode="json") for one in rows}
