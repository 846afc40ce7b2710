"""Watching the catalog's nodes for changes, whichever server made them."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ...catalog.nodes import NodeRecord
from ...errors import Message


class Watch:
    """Tells of nodes that appeared, changed or went since the last look.

    Args:
        emit: called with ``{"id", "action", …summary}``; the first look emits nothing.
    """

    def __init__(self, emit: Callable[[Mapping[str, Any]], None]) -> None:
        self._emit = emit
        self._known: dict[str, NodeRecord] | None = None
        self._next = asyncio.Event()

    def look(self, nodes: Iterable[NodeRecord]) -> None:
        """Compare the nodes with those of the last look."""
        found = {node.id: node for node in nodes}
        before, self._known = self._known, found
        if before is None or before == found:
            return
        for id_, node in found.items():
            if id_ not in before:
                self._emit(_event("created", node))
            elif before[id_] != node:
                self._emit(_event("changed", node))
        for id_ in before.keys() - found.keys():
            self._emit(_event("deleted", before[id_]))
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, timeout: float) -> None:  # noqa: ASYNC109 - a pause, not a deadline
        """Return after the next change, or after ``timeout`` seconds."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._next.wait(), timeout)


def _event(action: str, node: NodeRecord) -> dict[str, Any]:
    return {
        "id": node.id,
        "action": action,
        "name": node.name,
        "type": node.type,
        "status": node.status,
        "reason": node.reason,
        "reason_info": node.reason.info() if isinstance(node.reason, Message) else None,
        "revision": node.revision,
        "updated_at": node.updated_at,
    }
