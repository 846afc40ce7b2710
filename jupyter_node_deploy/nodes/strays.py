"""What there is of nodes that the catalog neither knows nor has deleted.

It may be all that is left of them (the catalog was lost, or restored from a backup), so nothing
removes it but somebody who wants that.
"""

from __future__ import annotations

import asyncio

from pydantic import BaseModel

from ..backends.base import Backend
from ..catalog import nodes as rows
from ..catalog.engine import Catalog
from ..errors import Message, NotFound
from .bundle.store import BundleStore


class Stray(BaseModel):
    """What there is of one such node.

    Attributes:
        node: its id.
        instances: ids of those that run or have run.
        revisions: numbers of those whose bundles are there.
    """

    node: str
    instances: list[str]
    revisions: list[int]


class Strays:
    """Lists and removes them.

    Args:
        catalog: which nodes are known.
        backend: where instances run.
        bundles: of the cells.
    """

    def __init__(self, catalog: Catalog, backend: Backend, bundles: BundleStore) -> None:
        self._catalog = catalog
        self._backend = backend
        self._bundles = bundles

    async def list(self) -> list[Stray]:
        """Return what there is, by the nodes' ids."""
        instances: dict[str, list[str]] = {}
        for one in await self._backend.observe():
            instances.setdefault(one.node_id, []).append(one.instance_id)
        bundles = {
            node: await asyncio.to_thread(self._bundles.revisions, node)
            for node in await asyncio.to_thread(self._bundles.present)
        }
        # Last: a node that is made just now has its bundle, and then its row, before its instances.
        found = []
        for node in sorted(instances.keys() | bundles.keys()):
            with self._bundles.at_rest(node) as at_rest:
                if at_rest and not await self._catalog.read(rows.is_known, node):
                    stray = Stray(
                        node=node,
                        instances=sorted(instances.get(node, [])),
                        revisions=bundles.get(node, []),
                    )
                    found.append(stray)
        return found

    async def remove(self, node: str) -> None:
        """Remove what there is of a node: its instances, then its bundles.

        Raises:
            NotFound: there is nothing, or the catalog knows the node.
        """
        stray = next((one for one in await self.list() if one.node == node), None)
        if stray is None:
            raise NotFound(
                Message(
                    "Nothing of a node '{node}' that the catalog does not know is here.",
                    "STRAY_NOT_FOUND",
                    node=node,
                )
            )
        await asyncio.gather(*(self._backend.remove(one, grace=0.0) for one in stray.instances))
        await asyncio.to_thread(self._bundles.remove, node)
