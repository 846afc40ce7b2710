"""Watching what the catalog has, for events of what other servers of the home did."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

#: Seconds between two looks.
_TICK = 1.0

Event = Mapping[str, Any]

_log = logging.getLogger(__name__)


class Watch:
    """Tells once of each thing that appeared, changed or went, whichever server did it.

    Args:
        emit: called with ``{"action", …summary}``, where the action is ``created``, ``changed`` or
            ``deleted``.
    """

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._known: dict[str, Event] | None = None
        self._told: dict[str, Event | None] = {}

    def tell(self, event: Event) -> None:
        """Emit an event of this server's own work, of which a look will then say nothing."""
        if "id" in event:
            summary = {name: value for name, value in event.items() if name != "action"}
            self._told[event["id"]] = None if event["action"] == "deleted" else summary
        self._emit(event)

    async def run(self, read: Callable[[], Awaitable[Mapping[str, Event]]]) -> None:
        """Look again and again, until cancelled; the first look emits nothing.

        Args:
            read: returns the summaries that there are, by id.
        """
        while True:
            try:
                await self.look(read)
            except Exception:
                _log.exception("The catalog could not be watched; trying again.")
            await asyncio.sleep(_TICK)

    async def look(self, read: Callable[[], Awaitable[Mapping[str, Event]]]) -> None:
        """Compare what there is with what was there at the last look."""
        now = dict(await read())
        # What was told since may be newer than what was read; it is compared at the next look.
        told, self._told = self._told, {}
        for id_, summary in told.items():
            now.pop(id_, None)
            if summary is not None:
                now[id_] = summary
        before, self._known = self._known, now
        if before is None:
            return
        for id_ in now.keys() - told.keys():
            if id_ not in before:
                self._emit({"action": "created", **now[id_]})
            elif before[id_] != now[id_]:
                self._emit({"action": "changed", **now[id_]})
        for id_ in before.keys() - now.keys() - told.keys():
            self._emit({"action": "deleted", **before[id_]})
