"""The work that goes on behind checkpoints: imports, autosave, leftovers, collection."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable

from ..catalog import checkpoints as queries
from ..catalog.engine import Catalog
from ..errors import NodeDeployError
from .importer import Emit, Importer
from .kernels import Kernels
from .live_kernel import LiveKernel
from .rows import to_summary

_log = logging.getLogger(__name__)

#: Seconds between looks at the kernels, the directories of dead kernels, the unused blobs.
_LOOK, _LEFTOVERS, _COLLECT = 1.0, 10.0, 60.0


class Maintenance:
    """Looks after all kernels of the server, once a second and whenever one has done something.

    Args:
        kernels: those to look after.
        importer: takes their checkpoints in.
        catalog: where notebooks' renames are followed.
        emit: told of checkpoints that changed thereby.
        collect: deletes unused blobs.
        idle: seconds of idleness after which autosave makes a checkpoint.
    """

    def __init__(
        self,
        kernels: Kernels,
        importer: Importer,
        catalog: Catalog,
        emit: Emit,
        collect: Callable[[], Awaitable[int]],
        idle: float,
    ) -> None:
        self._kernels = kernels
        self._importer = importer
        self._catalog = catalog
        self._emit = emit
        self._collect = collect
        self._idle = idle
        self._tasks: set[asyncio.Task[None]] = set()
        self._importing: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()
        self._loop: asyncio.Task[None] | None = None
        self._last_error = ""

    async def start(self) -> None:
        """Begin; what dead kernels left is imported first."""
        await self._guard(self._importer.leftovers(self._kernels.owns, at_once=True))
        self._kernels.start(self.look_at)
        self._loop = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """End, with everything imported that is there."""
        if self._loop is not None:
            self._loop.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._loop
        tasks = [*self._tasks, *self._importing.values()]
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for kernel in self._kernels.stop():
            await self._guard(self._import(kernel, everything=True))

    def look_at(self, kernel: LiveKernel) -> None:
        """Import what a kernel left, soon; many calls at once cost one import."""
        if kernel.id in self._importing:
            self._again.add(kernel.id)
            return
        self._importing[kernel.id] = asyncio.create_task(self._import_until_done(kernel))

    async def import_now(self, kernel: LiveKernel) -> None:
        """Import what a kernel left; done when this returns."""
        await self._import(kernel, everything=False)

    def spawn(self, work: Awaitable[object]) -> None:
        """Do something behind the caller's back; errors go to the log."""
        task = asyncio.create_task(self._guard(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _run(self) -> None:
        leftovers = collected = time.monotonic()
        while True:
            # Before the tick: what is started meanwhile must not wait for the next second, or the
            # first outputs of its first cell are missed.
            self._kernels.wake.clear()
            await self._guard(self._tick())
            if time.monotonic() - leftovers > _LEFTOVERS:
                await self._guard(self._importer.leftovers(self._kernels.owns))
                leftovers = time.monotonic()
            if self._importer.dropped and time.monotonic() - collected > _COLLECT:
                await self._guard(self._collect())
                collected = time.monotonic()
            # Not wait_for: until Python 3.12 it swallows a cancellation that comes with the wake.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(_LOOK):
                    await self._kernels.wake.wait()

    async def _tick(self) -> None:
        for gone in self._kernels.scan():
            self.spawn(self._import(gone, everything=True))
        for kernel in self._kernels.live():
            await self._guard(self._importer.check_failure(kernel))
            self.look_at(kernel)
            mode = self._kernels.settings.mode
            if kernel.agent is not None and kernel.mode != mode:
                self.spawn(kernel.follow_mode(mode))
            if self._autosave_is_due(kernel):
                kernel.changed = False
                self.spawn(self._autosave(kernel))

    def _autosave_is_due(self, kernel: LiveKernel) -> bool:
        return (
            self._kernels.settings.mode == "autosave"
            and kernel.changed
            and kernel.agent is not None
            and kernel.idle_since is not None
            and time.monotonic() - kernel.idle_since >= self._idle
        )

    async def _autosave(self, kernel: LiveKernel) -> None:
        try:
            await kernel.ask(
                {"do": "checkpoint", "operation": "Cell run", "if_changed": True},
                patience=self._idle,
            )
        except NodeDeployError as error:
            # A cell was faster, or the kernel went away: the next idle time will do.
            kernel.changed = True
            _log.debug("No autosave of kernel %s: %s", kernel.id, error)
        else:
            await self._import(kernel, everything=False)

    async def _import_until_done(self, kernel: LiveKernel) -> None:
        try:
            while True:
                self._again.discard(kernel.id)
                await self._guard(self._import(kernel, everything=False))
                if kernel.id not in self._again:
                    return
        finally:
            del self._importing[kernel.id]

    async def _import(self, kernel: LiveKernel, *, everything: bool) -> None:
        await self._follow_notebook(kernel)
        await self._importer.kernel(kernel, kernel.notebook, everything=everything)

    async def _follow_notebook(self, kernel: LiveKernel) -> None:
        """Keep the path of a kernel's notebook up to date, in its checkpoints too."""
        old, new = kernel.notebook, await self._kernels.notebook(kernel)
        kernel.notebook = new
        if old and new and old != new:
            for row in await self._catalog.write(queries.move_notebook, kernel.id, old, new):
                self._emit({"action": "changed", **to_summary(row).model_dump(mode="json")})

    async def _guard(self, work: Awaitable[object]) -> None:
        try:
            await work
        except Exception as error:
            # Once a second the same would fill the log.
            level = logging.DEBUG if repr(error) == self._last_error else logging.ERROR
            self._last_error = repr(error)
            _log.log(level, "Looking after checkpoints failed, is tried again", exc_info=True)
