"""The watch of the catalog: after a change it looks what is another now."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping

from sqlalchemy import Connection

from ..catalog.engine import Catalog
from .differences import Differences, Event

#: Seconds after which it looks without having been told of a change.
_LONGEST = 60.0
#: Seconds until it looks again when it could not.
_RETRY = 1.0
#: Seconds between two looks, so that a hundred writes in a row don't make a hundred looks.
_REST = 0.05
#: Times as long as a look took: of thousands of checkpoints, that is longer.
_PAUSES = 5

_log = logging.getLogger(__name__)


class Watch:
    """Tells of what changed in the catalog, soon after, until it is stopped.

    Args:
        catalog: upgraded.
        kinds: what to look at.
    """

    def __init__(self, catalog: Catalog, *kinds: Differences) -> None:
        self._catalog = catalog
        self._kinds = kinds
        self._task: asyncio.Task[None] | None = None
        for kind in kinds:
            kind.look_again = catalog.changes.mark

    def start(self) -> None:
        """Begin; what there is at the first look is not told."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            seen = self._catalog.changes.count
            began = time.monotonic()
            try:
                again = await self._look()
            except Exception:
                _log.exception("The catalog could not be read for events; trying again.")
                await asyncio.sleep(_RETRY)
                continue
            await asyncio.sleep(max(_REST, _PAUSES * (time.monotonic() - began)))
            if not again:
                await self._catalog.changes.wait(seen, _LONGEST)

    async def _look(self) -> bool:
        """Look once; return whether to look again at once."""
        for kind in self._kinds:
            kind.begin()
        found = await self._catalog.read(self._read)
        # What this server has just written may be among it; who wrote it tells of it first.
        await self._catalog.settled()
        again = False
        for kind, things in zip(self._kinds, found, strict=True):
            again |= kind.end(things)
        return again

    def _read(self, conn: Connection) -> list[Mapping[str, Event]]:
        return [kind.read(conn) for kind in self._kinds]
