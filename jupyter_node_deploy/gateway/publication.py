"""Publishing routes: nodes from the reconciler, aliases and revocations from the catalog."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace

from sqlalchemy import Connection

from ..catalog import aliases, tokens
from ..catalog.engine import Catalog
from ..errors import Unavailable
from ..home import Home
from ..lock import aheld
from .routes import AliasRoute, Limits, NodeRoute, Routes, TargetRoute

log = logging.getLogger(__name__)


class Publication:
    """Writes ``routes.json``, for all servers of a home one after the other.

    Args:
        home: the data directory.
        catalog: where aliases and revoked tokens are.
        generation: returns the generation that a running gateway has loaded, 0 if none.
        limits: what callers may ask.
    """

    def __init__(
        self,
        home: Home,
        catalog: Catalog,
        generation: Callable[[], Awaitable[int]],
        limits: Limits | None = None,
    ) -> None:
        self._path = home.gateway / "routes.json"
        self._lock = home.gateway / "routes.lock"
        self._catalog = catalog
        self._seen: tuple[int, int, int] | None = None
        self._loaded = generation
        self._limits = limits or Limits()

    def is_lost(self) -> bool:
        """Return whether the file that was there is missing or damaged."""
        try:
            stat = self._path.stat()
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if seen != self._seen:
                Routes.read(self._path)
                self._seen = seen
        except (OSError, ValueError):
            return True
        return False

    async def write(
        self,
        nodes: Mapping[str, NodeRoute] | None,
        known_nodes: Mapping[str, NodeRoute] | None = None,
    ) -> None:
        """Write the routes unless they are as they should be.

        Args:
            nodes: by id; None to leave them as they are.
            known_nodes: what they are, as far as the caller knows, where the file is lost.

        Raises:
            Unavailable: the nodes should stay, but the file that has them can't be read.
        """
        # Also between processes, and around the reading of the catalog: else a server that read
        # it earlier could write later and undo what another one has just published.
        async with aheld(self._lock):
            known = self._read()
            if known is None:
                # Count on from what a running gateway may have in memory.
                known = Routes(generation=await self._loaded())
                nodes = known_nodes if nodes is None else nodes
                if nodes is None and (known.generation or self._path.exists()):
                    raise Unavailable(
                        "The gateway's routes file is missing or damaged. It is written again "
                        "within seconds; this change is carried out with it."
                    )
            aliased, revoked = await self._catalog.read(_from_catalog)
            wanted = Routes(
                generation=known.generation,
                limits=self._limits,
                nodes=known.nodes if nodes is None else nodes,
                aliases=aliased,
                revoked=revoked,
            )
            if Routes.decode(wanted.encode()) == known:
                return
            wanted = replace(wanted, generation=known.generation + 1)
            await asyncio.to_thread(wanted.write, self._path)

    def _read(self) -> Routes | None:
        try:
            return Routes.read(self._path)
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("can't read the published routes: %s", error)
            return None


def _from_catalog(conn: Connection) -> tuple[dict[str, AliasRoute], dict[str, float]]:
    aliased = {
        row["name"]: AliasRoute(
            acl=tuple(row["acl"]),
            targets=tuple(TargetRoute(t["node"], t["weight"]) for t in row["targets"]),
        )
        for row in aliases.all_(conn)
    }
    return aliased, tokens.revoked(conn, time.time())
