"""Differences between two looks at the things of one kind, told as events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import Connection

#: What is told of a thing, ``{"id", …}``; as an event it has an ``action``, too.
Event = Mapping[str, Any]


class Differences:
    """Tells once of each thing that appeared, changed or went, whichever server did it.

    Args:
        read: returns what is to be told of each thing that there is, by id.
        emit: called with ``{"action", …}``, where the action is ``created``, ``changed`` or
            ``deleted``.
    """

    def __init__(
        self, read: Callable[[Connection], Mapping[str, Event]], emit: Callable[[Event], None]
    ) -> None:
        self.read = read
        self._emit = emit
        self._known: dict[str, Event] = {}
        self._looked = False
        self._told: set[str] = set()
        #: Called after own work was told: a look that came before may have seen what is newer.
        self.look_again: Callable[[], None] = lambda: None

    def tell(self, event: Event) -> None:
        """Emit an event of this server's own work, of which a look will then say nothing.

        To be called as soon as the write returns, before anything else is awaited: the watch
        waits no longer than that for who has just written.
        """
        if "id" in event:
            self._told.add(event["id"])
            self._known.pop(event["id"], None)
            if event["action"] != "deleted":
                thing = {name: value for name, value in event.items() if name != "action"}
                self._known[event["id"]] = thing
        self._emit(event)
        self.look_again()

    def begin(self) -> None:
        """Begin a look; the reading comes next."""
        self._told.clear()

    def end(self, found: Mapping[str, Event]) -> bool:
        """Compare what was read with what was known; the first look emits nothing.

        Returns:
            Whether to look again: what was told meanwhile may be newer than what was read, or
            older, and was not compared.
        """
        before, self._known = self._known, dict(found)
        for id_ in self._told:
            self._known.pop(id_, None)
            if id_ in before:
                self._known[id_] = before[id_]
        if self._looked:
            for id_, thing in self._known.items():
                if id_ not in before:
                    self._emit({"action": "created", **thing})
                elif before[id_] != thing:
                    self._emit({"action": "changed", **thing})
            for id_ in before.keys() - self._known.keys():
                self._emit({"action": "deleted", **before[id_]})
        self._looked = True
        return bool(self._told)
