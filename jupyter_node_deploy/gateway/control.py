"""The control plane's hold on the gateway: keeps it running, tells it the routes."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Mapping

from pydantic import BaseModel

from ..catalog.engine import Catalog
from ..errors import Unavailable
from ..home import Home
from .keys import signing_key
from .process import Asked, GatewayProcess
from .publication import Publication
from .routes import BODY_LIMIT, NodeRoute

log = logging.getLogger(__name__)

WATCH = 1.0  # seconds between looks at the process
LONGEST_PAUSE = 30.0  # seconds between attempts to start it
SILENT = 60.0  # seconds without an answer until it counts as hung; it may be draining, too
CONFIRM = 10.0  # seconds that a running one gets to load new routes


class GatewayStatus(BaseModel):
    """The gateway as the API shows it.

    Attributes:
        kind: ``embedded`` or ``haproxy``.
        url: where clients reach it, or did when it last ran.
        pid: of the embedded one.
        generation: of the routes that it has loaded.
    """

    kind: str = "embedded"
    running: bool
    url: str = ""
    pid: int | None = None
    generation: int | None = None


class GatewayControl:
    """Keeps one gateway process running for a home.

    Several servers of a home may each have one of these: they all find the same process.

    Args:
        home: the data directory.
        catalog: where aliases and revoked tokens are.
        host: address that the gateway listens at.
        port: 0 for the one that it had last, or any that is free.
        body_limit: bytes of a request's body.
    """

    def __init__(
        self,
        home: Home,
        catalog: Catalog,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self._home = home
        self._process = GatewayProcess(home, Asked(host=host, port=port))
        self._publication = Publication(home, catalog, self._loaded, body_limit)
        self._watcher: asyncio.Task[None] | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """Where clients reach the gateway; empty before it was started for the first time."""
        facts = self._process.facts()
        if facts is not None:
            self._url = facts.url
        return self._url  # while it is restarted: where it was and most likely will be again

    async def start(self) -> None:
        """Start the gateway, or take over the one that runs; keep it running from now on.

        Raises:
            Unavailable: it does not come up; the message has the end of its log.
            DataLoss: the signing key is damaged.
        """
        await asyncio.to_thread(self._home.create)
        await asyncio.to_thread(signing_key, self._home)
        if self._process.alive and not await self._process.is_as_asked():
            # Perhaps it has just been started by another server: give it time to listen.
            facts = await self._process.ensure()
            if not await self._process.is_as_asked():
                log.info("restarting the gateway at %s: configured or installed anew", facts.url)
                await self._process.end()
        self._url = (await self._process.ensure()).url
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop watching; the gateway goes on serving."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
            self._watcher = None

    async def stop(self) -> None:
        """Stop the gateway; requests in flight are finished first.

        Raises:
            Unavailable: it does not end.
        """
        await self.close()
        await self._process.end()

    async def status(self) -> GatewayStatus:
        """Return whether it answers, where, and with which routes."""
        generation = await self._process.generation()
        facts = self._process.facts()
        if generation is None or facts is None:
            return GatewayStatus(running=False, url=self.url)
        return GatewayStatus(running=True, url=facts.url, pid=facts.pid, generation=generation)

    async def publish(self, nodes: Mapping[str, NodeRoute]) -> None:
        """Make these the nodes that the gateway serves, with aliases and revocations as they are.

        On return, no new request follows the old routes. When no gateway runs, the next one
        begins with the new routes.

        Raises:
            Unavailable: a gateway runs but does not confirm the routes: it may use the old ones.
        """
        await self._confirm(await self._publication.write(nodes))

    async def republish(self) -> None:
        """Bring aliases and revocations up to date; the nodes stay as they were published.

        Raises:
            Unavailable: as for ``publish``; or the published routes can't be read, until the
                next ``publish`` replaces them.
        """
        await self._confirm(await self._publication.write(None))

    async def drain(self, instance_id: str, seconds: float) -> None:
        """Return at once: it serves cells only, and their fronts finish what they have."""

    async def reload(self) -> None:
        """Do nothing: it reads its files whenever they change."""

    async def logs(self, lines: int) -> str:
        """Return the last lines of its log."""
        return await asyncio.to_thread(self._process.log, lines)

    async def _loaded(self) -> int:
        return await self._process.generation() or 0

    async def _confirm(self, generation: int) -> None:
        until = time.monotonic() + CONFIRM
        while await self._loaded() < generation:
            if not self._process.alive:
                return
            if time.monotonic() > until:
                raise Unavailable(
                    f"The gateway did not confirm its new routes in {CONFIRM:g} s; its log "
                    f"{self._home.gateway / 'gateway.log'} may say why."
                )
            await asyncio.sleep(0.03)

    async def _watch(self) -> None:
        pause = WATCH
        answered = time.monotonic()
        while True:
            await asyncio.sleep(pause)
            self._process.reap()
            try:
                if self._process.alive:
                    pause = WATCH
                    if await self._process.generation() is not None:
                        answered = time.monotonic()
                    if time.monotonic() - answered < SILENT:
                        continue
                    log.warning("the gateway does not answer, ending it")
                    await self._process.end(drained=False)
                log.warning("the gateway is gone, starting it again")
                await self._process.ensure()
                pause, answered = WATCH, time.monotonic()
            except Exception:
                pause = min(pause * 2, LONGEST_PAUSE)
                log.exception("the gateway does not start, next attempt in %s s", pause)
