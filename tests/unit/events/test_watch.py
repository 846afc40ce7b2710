"""Events of what other servers did."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from jupyter_node_deploy.events.watch import Event, Watch


class Told:
    """A watch over a table, and what it told."""

    def __init__(self) -> None:
        self.table: dict[str, dict[str, Any]] = {"a": {"id": "a", "name": None}}
        self.events: list[tuple[str, str]] = []
        self.watch = Watch(lambda event: self.events.append((event["action"], event["id"])))

    async def look(self) -> list[tuple[str, str]]:
        """Return what one look tells."""
        self.events.clear()
        await self.watch.look(self.read)
        return sorted(self.events)

    async def read(self) -> Mapping[str, Event]:
        return {id_: dict(row) for id_, row in self.table.items()}


@pytest.fixture
async def told() -> Told:
    found = Told()
    assert await found.look() == []  # what there was before
    return found


async def test_each_change_is_told_once(told: Told) -> None:
    told.table["b"] = {"id": "b", "name": None}
    told.table["a"]["name"] = "pinned"
    assert await told.look() == [("changed", "a"), ("created", "b")]
    assert await told.look() == []
    del told.table["a"]
    assert await told.look() == [("deleted", "a")]


async def test_own_work_is_told_at_once_and_not_again(told: Told) -> None:
    told.table["b"] = {"id": "b", "name": None}
    told.watch.tell({"action": "created", "id": "b", "name": None})
    assert told.events == [("created", "b")]
    assert await told.look() == []
    del told.table["b"]
    told.watch.tell({"action": "deleted", "id": "b", "name": None})
    assert await told.look() == []
    assert await told.look() == []


async def test_what_is_told_during_a_look_is_not_taken_back_by_it(told: Told) -> None:
    stale = await told.read()
    told.table["b"] = {"id": "b", "name": None}
    told.watch.tell({"action": "created", "id": "b", "name": None})
    told.events.clear()

    async def late() -> Mapping[str, Event]:
        return stale

    await told.watch.look(late)
    assert told.events == []
    assert await told.look() == []


async def test_what_has_no_id_is_passed_on(told: Told) -> None:
    failures: list[Event] = []
    watch = Watch(failures.append)
    watch.tell({"action": "failed", "kernel_id": "k", "message": "full"})
    assert failures[0]["message"] == "full"
