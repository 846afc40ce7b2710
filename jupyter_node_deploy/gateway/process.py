"""The gateway's process, seen from outside: started, found again, asked, ended."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
import subprocess
import sys
import time

from pydantic import BaseModel, ValidationError

from .. import __version__
from ..errors import Unavailable
from ..home import Home
from ..lock import is_held
from ..web.address import Address
from ..web.client import Client, ConnectFailed, ConnectionLost

log = logging.getLogger(__name__)

READY = 30.0  # seconds that a new process gets to answer
STOP = 35.0  # seconds to finish requests in, a little over the process' own grace
KILL = 5.0
LINE = 1024  # bytes that a line of the log has at most, or nearly all have


class Asked(BaseModel):
    """How a gateway was told to listen; port 0: the one it had last, or any that is free."""

    host: str = "127.0.0.1"
    port: int = 0


class Facts(BaseModel):
    """``gateway.json``, as the process wrote it when it began to listen."""

    pid: int
    host: str
    port: int
    url: str
    asked: Asked
    version: str


class GatewayProcess:
    """The gateway process of a home, whoever started it.

    Args:
        home: the data directory.
        asked: how it is to listen when this object starts it.
    """

    def __init__(self, home: Home, asked: Asked) -> None:
        self._home = home
        self._asked = asked
        self._lock = home.gateway / "lock"
        self._log = home.gateway / "gateway.log"
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def alive(self) -> bool:
        """Whether there is one; it may not listen yet."""
        return is_held(self._lock)

    def facts(self) -> Facts | None:
        """Return what it says of itself in its file; None while it does not listen."""
        try:
            return Facts.model_validate_json((self._home.gateway / "gateway.json").read_bytes())
        except (OSError, ValidationError):
            return None

    async def generation(self) -> int | None:
        """Return the generation of its routes; None if it does not answer."""
        facts = self.facts()
        if facts is None:
            return None
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(facts.host, facts.host)  # noqa: S104
        client = Client(str(Address(host=host, port=facts.port)))
        try:
            response = await client.request("GET", "/-/status", timeout=5.0)
            answer = json.loads(response.body)
            # Another process may listen there by now.
            return int(answer["generation"]) if answer["pid"] == facts.pid else None
        except (ConnectFailed, ConnectionLost, TimeoutError, ValueError, LookupError, TypeError):
            return None
        finally:
            client.close()

    async def is_as_asked(self) -> bool:
        """Return whether one answers that this object would have started the same way."""
        facts = self.facts()
        return (
            facts is not None
            and (facts.asked, facts.version) == (self._asked, __version__)
            and await self.generation() is not None
        )

    async def ensure(self) -> Facts:
        """Start it unless it runs, and wait until it answers.

        Raises:
            Unavailable: it does not come up; the message has the end of its log.
        """
        until = time.monotonic() + READY
        if not self.alive:
            self._spawn()
        while await self.generation() is None or (facts := self.facts()) is None:
            code = self.reap()
            # Code and lock: ours may have ended because another server's was first.
            if code is not None and not self.alive:
                raise Unavailable(f"The gateway ended with code {code}: {self._end_of_log()}")
            if time.monotonic() > until:
                raise Unavailable(f"The gateway does not answer: {self._end_of_log()}")
            await asyncio.sleep(0.03)
        if self._child is not None and self._child.pid != facts.pid:
            # Another server's was first. Ours, if it is slow, must not come up when that one ends.
            await self._end_child()
        log.info("the gateway serves at %s, process %s", facts.url, facts.pid)
        return facts

    async def end(self, *, drained: bool = True) -> None:
        """Stop it, drained or at once; fine if there is none.

        Raises:
            Unavailable: it is still there.
        """
        ways = ((signal.SIGTERM, STOP), (signal.SIGKILL, KILL))
        for number, seconds in ways if drained else ways[1:]:
            until = time.monotonic() + seconds
            sent = False
            while self.alive and time.monotonic() < until:
                facts = self.facts()
                # The lock is held, so the process lives, so its number is nobody else's.
                if not sent and facts is not None:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(facts.pid, number)
                    sent = True
                await asyncio.sleep(0.02)
        if self.alive:
            raise Unavailable(f"The gateway does not stop: {self._end_of_log()}")
        await self._end_child()  # one that has not come as far as the lock

    def reap(self) -> int | None:
        """Return the exit code of the process that this object started, once, when it ended."""
        code = None if self._child is None else self._child.poll()
        if code is not None:
            self._child = None
        return code

    def log(self, lines: int) -> str:
        """Return the last lines of its log."""
        try:
            with self._log.open("rb") as file:
                end = file.seek(0, os.SEEK_END)
                file.seek(max(0, end - lines * LINE))
                return "\n".join(file.read().decode(errors="replace").splitlines()[-lines:])
        except OSError:
            return ""

    async def _end_child(self) -> None:
        child, self._child = self._child, None
        if child is not None:
            child.terminate()
            await asyncio.to_thread(child.wait)

    def _spawn(self) -> None:
        command = [
            sys.executable,
            "-P",  # modules in the working directory are not ours
            "-m",
            "jupyter_node_deploy.gateway",
            str(self._home.root),
            f"--host={self._asked.host}",
            f"--port={self._asked.port}",
            f"--log={self._log}",
        ]
        # What Jupyter and its hub put there (their tokens, too) is not for the gateway.
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("JUPYTER", "JPY_"))
        }
        descriptor = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                cwd=self._home.gateway,
                env=environment,
                start_new_session=True,  # it outlives us, and our terminal's signals
            )
        finally:
            os.close(descriptor)

    def _end_of_log(self) -> str:
        try:
            with self._log.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - 2000))
                return file.read().decode(errors="replace")
        except OSError as error:
            return f"no log: {error}"
