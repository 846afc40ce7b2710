"""Differences: what is told of, and how often."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from jupyter_node_deploy.events.differences import Differences, Event


class Told:
    """A table, and what was told of it."""

    def __init__(self) -> None:
        self.table: dict[str, dict[str, Any]] = {"a": {"id": "a", "name": None}}
        self.events: list[tuple[str, str]] = []
        self.differences = Differences(
            lambda _: self.table, lambda event: self.events.append((event["action"], event["id"]))
        )

    def look(self, meanwhile: Callable[[], None] = lambda: None) -> list[tuple[str, str]]:
        """Return what one look tells; ``meanwhile`` comes after the reading."""
        self.events.clear()
        self.differences.begin()
        found = {id_: dict(row) for id_, row in self.table.items()}
        meanwhile()
        self.again = self.differences.end(found)
        return sorted(self.events)

    def work(self, action: str, id_: str, name: str | None = None) -> None:
        """Do something, and tell of it."""
        if action == "deleted":
            del self.table[id_]
        else:
            self.table[id_] = {"id": id_, "name": name}
        self.differences.tell({"action": action, "id": id_, "name": name})


@pytest.fixture
def told() -> Told:
    found = Told()
    assert found.look() == []  # what there was before
    return found


def test_each_change_is_told_once(told: Told) -> None:
    told.table["b"] = {"id": "b", "name": None}
    told.table["a"]["name"] = "pinned"
    assert told.look() == [("changed", "a"), ("created", "b")]
    assert told.look() == []
    del told.table["a"]
    assert told.look() == [("deleted", "a")]
    assert told.look() == []


def test_own_work_is_told_at_once_and_not_again(told: Told) -> None:
    for action in ("created", "changed", "deleted"):
        told.events.clear()
        told.work(action, "b", action)
        assert told.events == [(action, "b")]
        assert told.look() == []
    assert not told.again


def test_what_is_told_during_a_look_is_not_taken_back_by_it(told: Told) -> None:
    def created() -> None:
        told.work("created", "b")
        told.work("deleted", "a")

    assert told.look(created) == [("created", "b"), ("deleted", "a")]
    assert told.again
    assert told.look() == []


def test_what_another_did_to_own_work_is_told(told: Told) -> None:
    told.work("changed", "a", "mine")
    told.table["a"]["name"] = "theirs"
    assert told.look() == [("changed", "a")]
    told.work("created", "b")
    del told.table["b"]
    assert told.look() == [("deleted", "b")]


def test_what_another_did_to_own_work_during_a_look_is_told_by_the_next(told: Told) -> None:
    def both() -> None:
        told.work("changed", "a", "mine")
        told.table["a"]["name"] = "theirs"

    assert told.look(both) == [("changed", "a")]
    assert told.again
    assert told.look() == [("changed", "a")]
    assert not told.again


def test_work_before_the_first_look_is_not_told_again() -> None:
    told = Told()
    told.work("created", "b")
    assert told.look(lambda: told.work("created", "c")) == [("created", "c")]
    assert told.look() == []


def test_what_has_no_id_is_passed_on() -> None:
    failures: list[Event] = []
    Differences(lambda _: {}, failures.append).tell({"action": "failed", "message": "full"})
    assert failures[0]["message"] == "full"
