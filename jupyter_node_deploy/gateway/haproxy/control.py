"""The control plane's hold on HAProxy: ``GatewayControl``'s interface over another data plane."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import os
import socket
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

from ...catalog.engine import Catalog
from ...errors import Unavailable
from ...home import Home
from ...lock import acquire
from ..control import LONGEST_PAUSE, WATCH, GatewayStatus
from ..files import replace
from ..keys import public_key_path, signing_key
from ..publication import Publication
from ..routes import BODY_LIMIT, NodeRoute, Routes
from .dataplane import DataPlane
from .launcher import Launcher

log = logging.getLogger(__name__)

STOP = 35.0  # seconds to finish requests in


class HaproxyControl:
    """Keeps one HAProxy running for a home.

    Several servers of a home may each have one of these: they all find the same HAProxy.

    Args:
        home: the data directory.
        catalog: where aliases and revoked tokens are.
        launcher: runs it.
        port: 0 for the one that it had last, or any that is free.
        body_limit: bytes of a request's body.
    """

    def __init__(
        self,
        home: Home,
        catalog: Catalog,
        launcher: Launcher,
        port: int = 0,
        *,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self._home = home
        self._launcher = launcher
        self._plane = DataPlane(home.gateway / "haproxy", launcher)
        self._publication = Publication(home, catalog, self._loaded, body_limit)
        self._asked = port
        self._memory = home.gateway / "port"
        self._watcher: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where clients reach the gateway; empty before it was started for the first time."""
        port = _remembered(self._memory)
        if not port:
            return ""
        listen = self._launcher.listen(port)
        name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.host, listen.host)  # noqa: S104
        host = f"[{name}]" if ":" in name else name
        return f"{'https' if listen.certificate else 'http'}://{host}:{port}"

    async def start(self) -> None:
        """Start the gateway, or take over the one that runs; keep it running from now on.

        Raises:
            Unavailable: it does not come up; the message has the end of its log.
            DataLoss: the signing key is damaged.
        """
        await asyncio.to_thread(self._home.create)
        await asyncio.to_thread(signing_key, self._home)
        await self._ensure()
        log.info("the gateway serves at %s", self.url)
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
        """Stop the gateway; requests in flight are finished first."""
        await self.close()
        async with self._alone():
            await asyncio.to_thread(self._plane.stop, STOP)

    async def status(self) -> GatewayStatus:
        """Return whether it answers, where, and with which routes."""
        published = await asyncio.to_thread(self._plane.published)
        if published is None:
            return GatewayStatus(kind="haproxy", running=False, url=self.url)
        return GatewayStatus(
            kind="haproxy", running=True, url=self.url, generation=published.generation
        )

    async def publish(self, nodes: Mapping[str, NodeRoute]) -> None:
        """Make these the nodes that the gateway serves, with aliases and revocations as they are.

        On return, no new request follows the old routes. When no gateway runs, the next one
        begins with the new routes.

        Raises:
            Unavailable: a gateway runs but does not confirm the routes: it may use the old ones.
        """
        await self._publication.write(nodes)
        await self._apply()

    async def republish(self) -> None:
        """Bring aliases and revocations up to date; the nodes stay as they were published.

        Raises:
            Unavailable: as for ``publish``; or the published routes can't be read, until the
                next ``publish`` replaces them.
        """
        await self._publication.write(None)
        await self._apply()

    async def drain(self, instance_id: str, seconds: float) -> None:
        """Return when an instance has answered what it was sent, or after ``seconds``."""
        one = frozenset({instance_id})
        await asyncio.to_thread(self._plane.await_idle, one, seconds)

    async def reload(self) -> None:
        """Replace HAProxy's process by a new one; no request is lost.

        Raises:
            Unavailable: it does not run, or the new process does not come up.
        """
        async with self._alone():
            await asyncio.to_thread(self._plane.reload)

    async def logs(self, lines: int) -> str:
        """Return the last lines of its log: requests, checks, and what it has to say."""
        return await asyncio.to_thread(self._launcher.log, lines)

    async def _loaded(self) -> int:
        published = await asyncio.to_thread(self._plane.published)
        return 0 if published is None else published.generation

    async def _apply(self) -> None:
        async with self._alone():
            port = _remembered(self._memory)
            if port:  # else the first start begins with these routes
                await asyncio.to_thread(self._plane.apply, self._routes(), self._key(), port)

    async def _ensure(self) -> None:
        async with self._alone():
            runs = await asyncio.to_thread(self._launcher.runs)
            remembered = _remembered(self._memory)
            host = self._launcher.listen(0).host
            if not runs or (self._asked and self._asked != remembered):
                await asyncio.to_thread(self._launcher.end)
                port = _free(host, self._asked, remembered)
                replace(self._memory, f"{port}\n".encode())
            port = _remembered(self._memory)
            await asyncio.to_thread(self._plane.start, self._routes(), self._key(), port)

    def _routes(self) -> Routes:
        try:
            return Routes.read(self._home.gateway / "routes.json")
        except FileNotFoundError:
            return Routes()
        except (OSError, ValueError) as error:
            raise Unavailable(f"The gateway's routes can't be read: {error}") from error

    def _key(self) -> bytes:
        return public_key_path(self._home).read_bytes()

    async def _watch(self) -> None:
        pause = WATCH
        while True:
            await asyncio.sleep(pause)
            try:
                if not await asyncio.to_thread(self._launcher.runs):
                    log.warning("the gateway is gone, starting it again")
                    await self._ensure()
                pause = WATCH
            except Exception:
                pause = min(pause * 2, LONGEST_PAUSE)
                log.exception("the gateway does not start, next attempt in %s s", pause)

    @contextlib.asynccontextmanager
    async def _alone(self) -> AsyncIterator[None]:
        # Also between processes: two that change HAProxy at a time would undo each other's work.
        path = self._home.gateway / "haproxy.lock"
        while (lock := acquire(path)) is None:  # noqa: ASYNC110 - another process'
            await asyncio.sleep(0.02)
        try:
            yield
        finally:
            os.close(lock)


def _remembered(memory: Path) -> int:
    try:
        port = int(memory.read_text())
    except (OSError, ValueError):
        return 0
    return port if 0 < port < 65536 else 0


def _free(host: str, asked: int, remembered: int) -> int:
    """Return the port that was asked for or else the remembered one, or else any that is free."""
    for candidate in dict.fromkeys((asked or remembered, remembered, 0)):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with socket.socket(family) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError as error:
                if candidate == 0 or error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise Unavailable(f"Can't listen at {host}: {error.strerror}.") from error
                log.warning("can't listen at port %s, taking another", candidate)
            else:
                return int(probe.getsockname()[1])
    raise AssertionError("port 0 is always tried last")
