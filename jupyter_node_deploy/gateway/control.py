"""The control plane's hold on the gateway: keeps it running, tells it the routes."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path

from pydantic import BaseModel

from ..access.keys import public_key_path, signing_key
from ..backoff import Backoff
from ..catalog.engine import Catalog
from ..errors import NodeDeployError, Unavailable
from ..files import replace
from ..home import Home
from ..lock import aheld
from .configuration.backend import writable
from .dataplane import STOP, DataPlane, NotConfirmed
from .launchers.launcher import Launcher
from .publication import Publication
from .routes import Limits, NodeRoute, Routes

log = logging.getLogger(__name__)

WATCH = 1.0  # seconds between looks at whether it runs
ASK = 15.0  # seconds between questions to it: they wake it
SILENT = 60.0  # seconds without an answer until it counts as hung
INCOMPLETE = 3  # looks in a row without one of its sockets; it may be just starting
LONGEST_PAUSE = 30.0  # seconds between attempts to start it


class GatewayStatus(BaseModel):
    """The gateway as the API shows it.

    Attributes:
        kind: ``process`` or ``container``.
        program: what is run: HAProxy's path and version, or an image; empty where there is none.
        url: where clients reach it, or did when it last ran.
        generation: of the routes that it serves.
        reason: why it does not run.
    """

    kind: str
    program: str
    running: bool
    url: str = ""
    generation: int | None = None
    reason: str = ""


class GatewayControl:
    """Keeps one HAProxy running for a home.

    Several servers of a home may each have one of these: they all find the same HAProxy.

    Args:
        home: the data directory.
        catalog: where aliases and revoked tokens are.
        launcher: runs it.
        port: 0 for the one that it had last, or any that is free.
        limits: what callers may ask.
    """

    def __init__(
        self,
        home: Home,
        catalog: Catalog,
        launcher: Launcher,
        port: int = 0,
        *,
        limits: Limits | None = None,
    ) -> None:
        self._home = home
        self._launcher = launcher
        self._plane = DataPlane(home.gateway / "haproxy", launcher)
        self._publication = Publication(home, catalog, self._loaded, limits)
        self._asked = port
        self._memory = home.gateway / "port"
        self._last_port = 0
        self._watcher: asyncio.Task[None] | None = None
        self._problem = ""  # why it could not be started
        # Of what was to be published: the last, and the last that the gateway confirmed.
        self._wanted = 0
        self._confirmed = 0
        self._refuses_since: float | None = None
        self._nodes: Mapping[str, NodeRoute] | None = None  # that this control published

    @property
    def url(self) -> str:
        """Where clients reach the gateway; empty before it was started for the first time."""
        port = self._port()
        if not port:
            return ""
        listen = self._launcher.listen(port)
        name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(listen.host, listen.host)  # noqa: S104
        host = f"[{name}]" if ":" in name else name
        return f"{'https' if listen.certificate else 'http'}://{host}:{port}"

    async def start(self) -> None:
        """Start the gateway, or take over the one that runs; keep it running from now on.

        Also when this fails: it is tried again until it succeeds.

        Raises:
            Unavailable: it does not come up; the message has the end of its log.
            DataLoss: the signing key is damaged.
        """
        await asyncio.to_thread(self._home.create)
        await asyncio.to_thread(signing_key, self._home)
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch())
        await self._ensure()
        log.info("the gateway serves at %s", self.url)

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
            await _to_its_end(self._plane.stop, STOP)

    async def status(self) -> GatewayStatus:
        """Return whether it answers, where, and with which routes."""
        published = await asyncio.to_thread(self._plane.published)
        reason = self._problem
        try:
            program = await asyncio.to_thread(self._launcher.program)
        except Unavailable as error:
            program, reason = "", error.message
        return GatewayStatus(
            kind=self._launcher.kind,
            program=program,
            running=published is not None,
            url=self.url,
            generation=None if published is None else published.generation,
            reason="" if published is not None else reason,
        )

    async def publish(self, nodes: Mapping[str, NodeRoute]) -> None:
        """Make these the nodes that the gateway serves, with aliases and revocations as they are.

        On return, no new request follows the old routes. When no gateway runs, the next one
        begins with the new routes.

        Raises:
            Unavailable: a gateway runs but does not confirm the routes: it may use the old ones;
                or none can be started.
        """
        await self._carry_out(nodes)

    async def republish(self) -> None:
        """Bring aliases and revocations up to date; the nodes stay as they were published.

        Raises:
            Unavailable: as for ``publish``; or the published routes can't be read, until the
                next ``publish`` replaces them.
        """
        await self._carry_out(None)

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

    async def _carry_out(self, nodes: Mapping[str, NodeRoute] | None) -> None:
        self._wanted += 1
        wanted = self._wanted  # however this ends: what is not confirmed, the watcher tries again
        if nodes is not None:
            nodes = {node_id: writable(node_id, node) for node_id, node in nodes.items()}
            self._nodes = nodes
        await self._publication.write(nodes, self._nodes)
        if self._problem:
            raise Unavailable(self._problem)
        async with self._alone():
            if port := self._port():
                await _to_its_end(self._apply, port)
            elif await asyncio.to_thread(self._launcher.runs):
                await self._start()  # nobody knows where it listens any more
            # else the first start begins with these routes
        self._confirmed = max(self._confirmed, wanted)

    def _apply(self, port: int) -> None:
        self._plane.apply(self._routes(), self._key(), port)

    def _port(self) -> int:
        """Return the port that is remembered, 0 if there is none; write it again if it is gone."""
        port = _remembered(self._memory)
        if port:
            self._last_port = port
        elif self._last_port:
            with contextlib.suppress(OSError):  # a full disk: it is known all the same
                replace(self._memory, f"{self._last_port}\n".encode())
        return self._last_port

    async def _ensure(self) -> None:
        try:
            async with self._alone():
                await self._start()
        except NodeDeployError as error:
            self._problem = error.message
            raise
        except (OSError, ValueError) as error:
            self._problem = f"The gateway can't be started: {error}."
            raise Unavailable(self._problem) from error
        self._problem = ""

    async def _start(self) -> None:
        runs = await asyncio.to_thread(self._launcher.runs)
        remembered = self._port()
        host = self._launcher.listen(0).host
        if runs and (
            not remembered
            or (self._asked not in (0, remembered) and _is_free(host, self._asked))
            or not await asyncio.to_thread(self._launcher.fits)
        ):
            log.info("replacing the gateway: it was configured or installed anew")
            await _to_its_end(self._plane.stop, STOP)
            runs = False
        if not runs:
            await asyncio.to_thread(self._launcher.end)  # what may be left has the port
            port = await asyncio.to_thread(_free, host, self._asked, remembered)
            if port != remembered:
                replace(self._memory, f"{port}\n".encode())
        await _to_its_end(self._begin, self._port())

    def _begin(self, port: int) -> None:
        self._plane.start(self._routes(), self._key(), port)

    def _routes(self) -> Routes:
        try:
            return Routes.read(self._home.gateway / "routes.json")
        except FileNotFoundError:
            return Routes()
        except (OSError, ValueError) as error:
            raise Unavailable(f"The gateway's routes can't be read: {error}") from error

    def _key(self) -> bytes:
        signing_key(self._home)  # writes its public half anew where that is damaged or gone
        return public_key_path(self._home).read_bytes()

    async def _watch(self) -> None:
        backoff, failures = Backoff(2 * WATCH, LONGEST_PAUSE), 0
        answered = asked = time.monotonic()
        incomplete = 0  # looks in a row
        while True:
            await asyncio.sleep(backoff.pause(failures) or WATCH)
            try:
                now = time.monotonic()
                incomplete = 0 if self._plane.is_whole() else incomplete + 1
                if self._nodes is not None and await asyncio.to_thread(self._publication.is_lost):
                    log.warning("the gateway's routes are lost, writing them again")
                    self._wanted += 1
                    await self._publication.write(None, self._nodes)
                if self._problem or not await asyncio.to_thread(self._launcher.runs):
                    log.warning("the gateway is gone, starting it again")
                    await self._ensure()
                    answered = asked = time.monotonic()
                elif incomplete > INCOMPLETE:
                    incomplete = 0
                    log.warning("the gateway can't be reached in all ways, replacing it")
                    await self._replace()
                elif now - asked > min(ASK, SILENT):
                    asked = now
                    if await asyncio.to_thread(self._plane.published) is not None:
                        answered = now
                    elif now - answered > SILENT:
                        log.warning("the gateway does not answer, ending it")
                        await asyncio.to_thread(self._launcher.end)
                if self._confirmed < self._wanted:
                    await self._catch_up()
                self._refuses_since = None
                await asyncio.to_thread(self._launcher.rotate)
                failures = 0
            except Exception as error:
                failures += 1
                again = f"Trying again in {backoff.pause(failures):g} s."
                if isinstance(error, NodeDeployError):
                    log.warning("%s %s", error.message, again)
                else:
                    log.exception("The gateway can't be brought up to date. %s", again)

    async def _catch_up(self) -> None:
        """Publish what was not confirmed; replace a gateway that goes on not taking it."""
        try:
            await self.republish()
        except NotConfirmed:
            now = time.monotonic()
            self._refuses_since = self._refuses_since or now
            if now - self._refuses_since > SILENT:
                log.warning("the gateway does not take its routes, replacing it")
                self._refuses_since = None
                await self._replace()
            raise

    async def _replace(self) -> None:
        async with self._alone():
            await _to_its_end(self._plane.stop, STOP)
        await self._ensure()

    def _alone(self) -> AbstractAsyncContextManager[None]:
        # Also between processes: two that change HAProxy at a time would undo each other's work.
        return aheld(self._home.gateway / "haproxy.lock")


async def _to_its_end(work: Callable[..., None], *args: object) -> None:
    """Carry out what blocks; who is cancelled waits for it, since nothing can stop it."""
    carried_out = asyncio.ensure_future(asyncio.to_thread(work, *args))
    try:
        await asyncio.shield(carried_out)
    except asyncio.CancelledError:
        await asyncio.wait([carried_out])
        raise


def _remembered(memory: Path) -> int:
    try:
        port = int(memory.read_text())
    except (OSError, ValueError):
        return 0
    return port if 0 < port < 65536 else 0


def _free(host: str, asked: int, remembered: int) -> int:
    """Return the port that was asked for or else the remembered one, or else any that is free."""
    for candidate in dict.fromkeys((asked or remembered, remembered)):
        if candidate and _is_free(host, candidate):
            return candidate
        if candidate:
            log.warning(
                "can't listen at port %s of %s, which another process has or only root may take; "
                "taking another: clients must use the new one",
                candidate,
                host,
            )
    try:
        return _bind(host, 0)
    except OSError as error:
        raise Unavailable(f"Can't listen at {host}: {error.strerror}.") from error


def _is_free(host: str, port: int) -> bool:
    try:
        _bind(host, port)
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            return False
        raise Unavailable(f"Can't listen at {host}: {error.strerror}.") from error
    return True


def _bind(host: str, port: int) -> int:
    """Return the port that was bound for a moment."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((host, port))
        return int(sock.getsockname()[1])
