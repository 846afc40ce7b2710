"""Which Python kernels this server runs, whoever started them and however they restart."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from jupyter_core.utils import ensure_async

from ..catalog.rotation import Open
from ..errors import FailedPrecondition, Message, NotFound
from .live_kernel import LiveKernel, process_of
from .provisioner import AgentSettings
from .spool import Spool

_log = logging.getLogger(__name__)

_ACTIONS = "https://events.jupyter.org/jupyter_server/kernel_actions/v1"
#: Seconds in which the manager of all kernels has one that was started.
_REGISTERED = 5.0
#: What the command line and the front end put behind the path of a notebook that is open, where
#: they run it in a kernel of their own.
_BESIDE = re.compile(r"-deploy-[0-9a-f]{32}$")


class Kernels:
    """Keeps one ``LiveKernel`` for each Python kernel of the server's kernel manager.

    It compares what the manager has with what is attached, so nothing depends on having seen a
    kernel start; Jupyter's ``kernel_actions`` events only say when to look at once.

    Args:
        settings: what agents are told.
        kernel_manager: the server's.
        session_manager: the server's; knows the notebook of a kernel.
        event_logger: the server's.
        root_dir: the server's root, to which notebook paths are relative.
        output_limit: bytes of outputs kept of one cell.
    """

    def __init__(
        self,
        settings: AgentSettings,
        kernel_manager: Any,
        session_manager: Any,
        event_logger: Any = None,
        *,
        root_dir: str = "",
        output_limit: int = 5 * 1024**2,
    ) -> None:
        self.settings = settings
        self.spool = Spool(settings.home.spool)
        self._kernel_manager = kernel_manager
        self._session_manager = session_manager
        self._event_logger = event_logger
        self._root_dir = root_dir
        self._output_limit = output_limit
        self._live: dict[str, LiveKernel] = {}
        self._ignored: dict[str, Any] = {}
        self._restarted: set[str] = set()
        self._on_end: Callable[[LiveKernel], None] = lambda _: None
        #: Set when a kernel was started, restarted or shut down.
        self.wake = asyncio.Event()

    def start(self, on_end: Callable[[LiveKernel], None]) -> None:
        """Begin to watch; ``on_end`` is called when a kernel has done something."""
        self._on_end = on_end
        if self._event_logger is not None:
            self._event_logger.add_listener(schema_id=_ACTIONS, listener=self._on_action)
        self.scan()

    def stop(self) -> list[LiveKernel]:
        """Let go of all kernels; they run on. Returns them."""
        if self._event_logger is not None:
            self._event_logger.remove_listener(schema_id=_ACTIONS, listener=self._on_action)
        gone = list(self._live.values())
        for kernel in gone:
            kernel.close()
        self._live.clear()
        return gone

    def live(self) -> list[LiveKernel]:
        """Return the kernels that are attached."""
        return list(self._live.values())

    def opened(self) -> Open:
        """Return what is open: the kernels of all servers, the notebooks of this one. Blocks."""
        notebooks = (kernel.notebook for kernel in list(self._live.values()))
        return Open(frozenset(self.spool.living()), frozenset(filter(None, notebooks)))

    def owns(self, kernel_id: str) -> bool:
        """Tell whether the server runs this kernel, Python or not."""
        return kernel_id in self._kernel_manager

    def get(self, kernel_id: str) -> LiveKernel:
        """Return a running Python kernel.

        Raises:
            NotFound: this server runs no such kernel.
            FailedPrecondition: it is not Python, or it can't be reached.
        """
        if kernel_id not in self._live:
            self.scan()
        if kernel := self._live.get(kernel_id):
            return kernel
        if not self.owns(kernel_id):
            raise NotFound(
                Message(
                    "This server runs no kernel {kernel}. Start one for the notebook, or "
                    "choose a running one.",
                    "KERNEL_NOT_FOUND",
                    kernel=kernel_id,
                )
            )
        name = getattr(self._kernel_manager.get_kernel(kernel_id), "kernel_name", "")
        raise FailedPrecondition(
            Message(
                "Kernel {kernel} ({name}) is not a Python kernel of this server that is "
                "ready: checkpoints are made of those only.",
                "KERNEL_NOT_PYTHON",
                kernel=kernel_id,
                name=name,
            )
        )

    def scan(self) -> list[LiveKernel]:
        """Attach new kernels, notice restarted ones, let go of those that are gone.

        Returns:
            Those that are gone or were restarted: they leave manifests behind.
        """
        managers = {
            kernel_id: self._kernel_manager.get_kernel(kernel_id)
            for kernel_id in self._kernel_manager.list_kernel_ids()
        }
        ended = []
        for kernel_id, kernel in list(self._live.items()):
            if managers.get(kernel_id) is not kernel.manager:
                del self._live[kernel_id]
                kernel.close()
                ended.append(kernel)
            elif kernel_id in self._restarted or process_of(kernel.manager) != kernel.process:
                kernel.restarted()
                ended.append(kernel)
        self._restarted.clear()
        self._scan_new()
        self._ignored = {
            kernel_id: manager
            for kernel_id, manager in self._ignored.items()
            if managers.get(kernel_id) is manager
        }
        return ended

    def _scan_new(self) -> None:
        """Attach new kernels."""
        for kernel_id in self._kernel_manager.list_kernel_ids():
            manager = self._kernel_manager.get_kernel(kernel_id)
            if kernel_id not in self._live and self._ignored.get(kernel_id) is not manager:
                self._attach(kernel_id, manager)

    async def notebook(self, kernel: LiveKernel) -> str | None:
        """Return the notebook that a kernel runs for, as it is called now; None when unknown.

        Paths are relative to the server's root with ``/``. A kernel whose notebook was closed
        keeps the last one known.
        """
        path = await self._session_path(kernel.id) or kernel.notebook
        return path or self._launch_path(kernel)

    def _attach(self, kernel_id: str, manager: Any) -> None:
        if not getattr(manager, "has_kernel", True):
            return  # being started
        try:
            if not _is_python(manager) or not getattr(manager, "owns_kernel", True):
                self._ignored[kernel_id] = manager
                return
            self._live[kernel_id] = LiveKernel(
                kernel_id, manager, self.settings, self.spool, self._output_limit, self._on_end
            )
        except Exception:
            # A kernel manager of another make; its kernels work as if we were not there.
            self._ignored[kernel_id] = manager
            _log.warning("No checkpoints of kernel %s: can't connect", kernel_id, exc_info=True)

    async def _on_action(self, logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        if data.get("status") == "success" and data.get("action") != "interrupt":
            kernel_id = data.get("kernel_id", "")
            if data.get("action") == "restart":
                kernel = self._live.get(kernel_id)
                # With a process id a scan sees it by itself, and only once.
                if kernel and kernel.process[0] is None:
                    self._restarted.add(kernel_id)
            self.wake.set()
            if data.get("action") == "start":
                await self._attach_soon(kernel_id)

    async def _attach_soon(self, kernel_id: str) -> None:
        """Attach a new kernel before it can run its first cell, whose outputs we would miss.

        It is told to have started a moment before the manager of all kernels has it.
        """
        until = time.monotonic() + _REGISTERED
        while not self.owns(kernel_id) and time.monotonic() < until:  # noqa: ASYNC110 - no event
            await asyncio.sleep(0.005)
        self._scan_new()

    async def _session_path(self, kernel_id: str) -> str | None:
        for kind in ({"type": "notebook"}, {}):
            try:
                session = await ensure_async(
                    self._session_manager.get_session(kernel_id=kernel_id, **kind)
                )
                # Collaboration puts the name of its drive before the path.
                path = str(session["path"]).removeprefix("RTC:")
                return _BESIDE.sub("", path) or None
            except Exception:  # noqa: S112 - 404 as an HTTPError, or another manager's own way
                continue
        return None

    def _launch_path(self, kernel: LiveKernel) -> str | None:
        name = getattr(kernel.manager.provisioner, "session_name", None)
        if not name or not name.endswith(".ipynb"):
            return None
        path = PurePath(name)
        if path.is_absolute():
            if not self._root_dir or not path.is_relative_to(self._root_dir):
                return None
            path = path.relative_to(self._root_dir)
        return path.as_posix()


def _is_python(manager: Any) -> bool:
    try:
        return str(manager.kernel_spec.language).lower() == "python"
    except Exception:  # its kernelspec is gone
        return False
