"""One running Python kernel of this server: its agent, its listener, its state of work."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Any

import zmq
from jupyter_core.utils import ensure_async

from ..errors import FailedPrecondition, Message, NodeDeployError
from .connection import AgentConnection
from .listener import KernelListener
from .models import KernelStatus
from .outputs import Output
from .provisioner import AgentSettings, Mode
from .spool import AgentFailure, AgentInfo, Spool

_log = logging.getLogger(__name__)

#: Seconds in which a kernel that was launched with the agent announces it; slow disks included.
_ANNOUNCE = 15.0
#: Seconds that it may take once the kernel has told of itself, which it does after loading it.
_WRITTEN = 0.5
#: Seconds that a kernel may be busy before the fallback gives up.
_LOAD_TIMEOUT = 3600.0
#: Milliseconds between attempts to connect to a kernel that is starting (ZMQ's own: 100).
_RECONNECT = 5


class LiveKernel:
    """A kernel and what we know of it. Lives on the server's event loop.

    Args:
        kernel_id: its id.
        manager: its kernel manager (jupyter_server's ``ServerKernelManager`` or one like it).
        settings: what its agent is told.
        spool: where its agent announces itself.
        output_limit: bytes of outputs kept of one cell.
        on_end: called when a cell, or a request of ours, is done.

    Attributes:
        notebook: the path it was last known to run for.
        agent: what its agent announced, None when it has none (yet).
        mode: when its agent makes checkpoints, as it was told.
        failure: the last checkpoint that its agent could not write, until one succeeds.
        changed: whether a cell ran since the last checkpoint that we asked for.
        idle_since: loop time since which it does nothing; None while it works.
        importing: held while its manifests are taken into the catalog.
    """

    def __init__(
        self,
        kernel_id: str,
        manager: Any,
        settings: AgentSettings,
        spool: Spool,
        output_limit: int,
        on_end: Callable[[LiveKernel], None],
    ) -> None:
        self.id = kernel_id
        self.manager = manager
        self.notebook: str | None = None
        self.agent: AgentInfo | None = None
        self.mode = settings.mode
        self.failure: AgentFailure | None = None
        self.changed = False
        self.idle_since: float | None = None
        self.importing = asyncio.Lock()
        self._problem: str | None = None
        self._spoke = asyncio.Event()
        self._settings = settings
        self._spool = spool
        self._limit = output_limit
        self._on_end = on_end
        self._working_on: str | None = None
        self._connect()
        self._ready = asyncio.create_task(self._ensure_agent(stale=False))
        self.process = process_of(manager)

    def _connect(self) -> None:
        session = self.manager.session
        self._connection = AgentConnection(self.manager.connect_shell, session)
        self._listener = KernelListener(self._subscribe, session, self, self._limit)
        self._ports = list(self.manager.ports)

    def _subscribe(self) -> Any:
        """Connect to what the kernel publishes.

        A kernel that is just starting refuses the first attempts. The next one must come soon: it
        may run its first cell right after it listens, and what it publishes before we are
        connected is lost.
        """
        defaults = self.manager.context.sockopts
        before = dict(defaults)
        defaults[zmq.RECONNECT_IVL] = _RECONNECT
        try:
            return self.manager.connect_iopub()
        finally:
            defaults.clear()
            defaults.update(before)

    def restarted(self) -> None:
        """Take note that another process is behind this kernel now."""
        self.process = process_of(self.manager)
        self._ready.cancel()
        self._connection.close("The kernel was restarted meanwhile.")
        self._listener.end_all()
        self.idle_since, self.changed, self.agent = None, False, None
        self._spoke.clear()
        if self._ports == list(self.manager.ports):
            # The subscription comes back by itself, and nothing of the new process is missed.
            self._connection = AgentConnection(self.manager.connect_shell, self.manager.session)
        else:
            self._listener.close()
            self._connect()
        self._ready = asyncio.create_task(self._ensure_agent(stale=True))

    def close(self) -> None:
        """Let go of a kernel that is gone, or of all when the server stops."""
        self._ready.cancel()
        self._connection.close("The kernel was shut down meanwhile.")
        self._listener.end_all()
        self._listener.close()

    async def ask(
        self, request: dict[str, Any], *, patience: float, give_up: Callable[[], None] | None = None
    ) -> dict[str, Any]:
        """Have the agent do something; see ``AgentConnection.request``.

        Raises:
            FailedPrecondition: there is no agent in this kernel; the message says why.
        """
        if not await ensure_async(self.manager.is_alive()):
            raise FailedPrecondition(
                Message(
                    "Kernel {kernel} is dead. Restart it (Kernel menu) and try again.",
                    "KERNEL_DEAD",
                    kernel=self.id,
                )
            )
        await self.agent_info(patience)
        return await self._connection.request(request, patience=patience, give_up=give_up)

    async def follow_mode(self, mode: Mode) -> None:
        """Tell the agent when to make checkpoints.

        It comes to that when its cells are done; meanwhile it counts as told.
        """
        before, self.mode = self.mode, mode
        try:
            await self.ask({"do": "mode", "mode": mode}, patience=_LOAD_TIMEOUT)
        except NodeDeployError as error:
            if self.mode == mode:
                self.mode = before  # told again
            _log.debug("Kernel %s does not follow the mode: %s", self.id, error)

    async def agent_info(self, patience: float) -> AgentInfo:
        """Return what the agent announced, waiting for a kernel that is just starting.

        Raises:
            FailedPrecondition: it has no agent; the message says why.
        """
        await asyncio.wait([self._ready], timeout=patience)
        if self.agent is None:
            told = Message(
                "Kernel {kernel} has no checkpoint agent: it is still starting; try again in a "
                "moment",
                "KERNEL_HAS_NO_AGENT",
                kernel=self.id,
                cause="",
            )
            if self._problem:
                told = Message(
                    "Kernel {kernel} has no checkpoint agent: {cause}",
                    "KERNEL_HAS_NO_AGENT",
                    kernel=self.id,
                    cause=self._problem,
                )
            raise FailedPrecondition(told)
        return self.agent

    def outputs(self, msg_id: str | None) -> list[Output] | None:
        """Return what was seen of a cell's outputs; None when nothing is known of it."""
        return self._listener.outputs(msg_id) if msg_id else None

    def is_at(self, msg_id: str | None) -> bool:
        """Tell whether the kernel works on this request right now."""
        return msg_id is not None and self._listener.is_open(msg_id)

    def status(self) -> KernelStatus:
        """Return what people may see of it."""
        failure = self.failure
        return KernelStatus(
            id=self.id,
            name=str(self.manager.kernel_name),
            notebook=self.notebook,
            python=self.agent.python if self.agent else None,
            agent=self.agent is not None,
            mode=self.mode,
            error=failure.message if failure else self._problem,
            error_at=failure.at if failure else None,
        )

    # What the listener tells us.

    def began(self, msg_id: str, session: str) -> None:
        """See ``listener.Reactions``."""
        self._working_on = msg_id
        self.idle_since = None
        self._connection.began(msg_id)

    def ended(self, msg_id: str, session: str) -> None:
        """See ``listener.Reactions``."""
        if msg_id == self._working_on:
            self.idle_since = time.monotonic()
        if session != self._connection.session_id:
            self.changed = True
        self._on_end(self)

    def speaks(self) -> None:
        """See ``listener.Reactions``."""
        self._spoke.set()

    async def _ensure_agent(self, stale: bool) -> None:
        """Wait until the agent is there, or load it when the launch did not.

        ``stale``: what is announced may be of the process before this one.
        """
        self._problem = None
        try:
            if getattr(self.manager.provisioner, "instrumented", False):
                if await self._announced(self.manager.provisioner.mode):
                    return
            elif stale:
                await asyncio.to_thread(self._spool.forget_agent, self.id)
            message = self._settings.message(self.id, {})
            problem = await self._connection.load(message, patience=_LOAD_TIMEOUT)
            if problem is not None or not await self._find_agent(message["mode"]):
                self._problem = (
                    problem or "it was loaded but could not write to the data directory."
                )
        except NodeDeployError as error:
            self._problem = error.message
        if self._problem:
            _log.warning("No checkpoints of kernel %s: %s", self.id, self._problem)

    async def _announced(self, mode: Mode) -> bool:
        """Wait until the agent that the kernel was launched with is there; False if it isn't."""
        until = time.monotonic() + _ANNOUNCE
        spoke = False
        while not await self._find_agent(mode):
            if self._spoke.is_set() and not spoke:
                spoke, until = True, min(until, time.monotonic() + _WRITTEN)
            if time.monotonic() > until:
                return False
            await asyncio.sleep(0.1)
        return True

    async def _find_agent(self, mode: Mode) -> bool:
        agent = await asyncio.to_thread(self._spool.agent, self.id)
        if agent is not None:
            self.agent, self.mode = agent, mode
        return agent is not None


def process_of(manager: Any) -> tuple[int | None, ...]:
    """Return what changes when another process is behind a kernel manager."""
    return (getattr(manager.provisioner, "pid", None), *manager.ports)
