"""What comes of smoke tests: kept in the catalog, and in the bundle that asked for one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from ...backends.base import InstanceStatus, ObservedInstance
from ...catalog import nodes as rows
from ...catalog.engine import Catalog
from ...catalog.nodes import NodeRecord
from ..bundle.store import BundleStore


class SmokeTests:
    """Knows which revisions an instance has passed the smoke test of.

    Args:
        catalog: is told what was answered otherwise than in the dry run.
        bundles: of the cells.
    """

    def __init__(self, catalog: Catalog, bundles: BundleStore) -> None:
        self._catalog = catalog
        self._bundles = bundles
        self._done: set[tuple[str, int]] = set()  # nodes' ids and revisions

    async def take(self, seen: Iterable[ObservedInstance]) -> None:
        """Keep what instances tell: whoever is healthy has passed."""
        for one in seen:
            key = one.node_id, one.revision
            if one.status is not InstanceStatus.HEALTHY or key in self._done:
                continue
            if one.differences:
                await self._catalog.write(rows.add_differences, *key, one.differences)
            await asyncio.to_thread(self._bundles.passed, *key)
            self._done.add(key)

    async def due(self, nodes: Iterable[NodeRecord]) -> set[str]:
        """Return the ids of nodes whose revision has one before it."""
        new = [(node.id, node.revision) for node in nodes]
        return await asyncio.to_thread(self._due, [key for key in new if key not in self._done])

    def _due(self, keys: Iterable[tuple[str, int]]) -> set[str]:
        return {key[0] for key in keys if not self._bundles.is_tested(*key)}
