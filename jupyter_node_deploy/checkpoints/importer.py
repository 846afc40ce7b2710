"""Takes what kernels left in the spool into the catalog, once, with its outputs."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ..catalog import checkpoints as queries
from ..catalog.engine import Catalog
from ..catalog.rotation import Open, Retention, rotate
from ..errors import DataLoss, FailedPrecondition
from ..namespace.manifest import Manifest, Operation
from .blobs import BlobStore
from .live_kernel import LiveKernel
from .outputs import Output
from .rows import Row, to_row, to_summary
from .spool import Newer, Rejected, Spool

_log = logging.getLogger(__name__)

Emit = Callable[[dict[str, Any]], None]
Rotation = Callable[[Connection], list[Row]]

#: Seconds that a manifest waits for the end of its cell, counted while the loop is free. After
#: that the message was lost, or something keeps the cell from ending; its outputs so far do.
_PATIENCE = 5.0
#: Seconds in which a server restarts a kernel that died.
_RESTART = 15.0


class Importer:
    """Imports manifests; doing so twice, or from two servers at once, makes one checkpoint.

    Args:
        catalog: where checkpoints go.
        spool: where manifests come from.
        blobs: where the values are.
        emit: told ``{"action", …summary}`` of each checkpoint made or rotated out.
        retention: how much to keep.
        opened: tells what is open; blocks.
    """

    def __init__(
        self,
        catalog: Catalog,
        spool: Spool,
        blobs: BlobStore,
        emit: Emit,
        retention: Retention,
        opened: Callable[[], Open],
    ) -> None:
        self._retention = retention
        self._opened = opened
        #: Whether checkpoints were dropped since the last collection of blobs.
        self.dropped = True
        self._catalog = catalog
        self._spool = spool
        self._blobs = blobs
        self._emit = emit
        self._first_seen: dict[Path, float] = {}
        self._complained: set[Path] = set()
        self._dead: dict[str, float] = {}

    async def kernel(
        self, kernel: LiveKernel, notebook: str | None, *, everything: bool = False
    ) -> None:
        """Import what a running kernel left.

        Args:
            kernel: the kernel.
            notebook: its notebook.
            everything: also what belongs to a cell whose end was not seen yet.
        """
        now = asyncio.get_running_loop().time()
        async with kernel.importing:
            for path in await asyncio.to_thread(self._spool.pending, kernel.id):
                manifest = await self._read(path)
                if manifest is None:
                    continue
                outputs = kernel.outputs(manifest.msg_id)
                ended = outputs is not None and not kernel.is_at(manifest.msg_id)
                # Outputs that are still on their way belong to it.
                waits = manifest.operation is Operation.CELL_RUN and not (ended or everything)
                if waits and now - self._first_seen.setdefault(path, now) < _PATIENCE:
                    continue
                if await self._take(path, manifest, outputs or [], notebook):
                    await self._succeeded(kernel, manifest)

    async def leftovers(self, ours: Callable[[str], bool], *, at_once: bool = False) -> None:
        """Import what kernels left that no server runs any more, and clean up after them.

        Args:
            ours: tells kernels of this server, dead for the moment or not, by id.
            at_once: not only of those that were found dead some time ago, too: another server
                may just be restarting those.
        """
        now = asyncio.get_running_loop().time()
        dead = await asyncio.to_thread(self._abandoned)
        self._dead = {
            name: self._dead.get(name, now - _RESTART if at_once else now)
            for name in dead
            if not ours(name)
        }
        for kernel_id, since in self._dead.items():
            if now - since < _RESTART:
                continue
            for path in await asyncio.to_thread(self._spool.pending, kernel_id):
                manifest = await self._read(path)
                if manifest is not None:
                    notebook = await self._catalog.read(queries.notebook_of, kernel_id)
                    await self._take(path, manifest, [], notebook)
            await asyncio.to_thread(self._spool.remove, kernel_id)

    async def rotation(self) -> Rotation:
        """Return what deletes the checkpoints that are not to be kept, and returns them."""
        opened = await asyncio.to_thread(self._opened)
        return lambda conn: rotate(conn, self._retention, opened)

    async def check_failure(self, kernel: LiveKernel) -> None:
        """Report a checkpoint that a kernel's agent could not write, once."""
        failure = await asyncio.to_thread(self._spool.failure, kernel.id)
        if failure is None or failure == kernel.failure:
            return
        kernel.failure = failure
        _log.warning("No checkpoint of kernel %s: %s", kernel.id, failure.message)
        self._emit(
            {
                "action": "failed",
                "kernel_id": kernel.id,
                "notebook": kernel.notebook,
                "message": failure.message,
            }
        )

    def _abandoned(self) -> list[str]:
        return [name for name in self._spool.kernel_ids() if self._spool.abandoned(name)]

    async def _succeeded(self, kernel: LiveKernel, manifest: Manifest) -> None:
        if kernel.failure and manifest.created_at > kernel.failure.at:
            kernel.failure = None
            await asyncio.to_thread(self._spool.clear_failure, kernel.id)

    async def _read(self, path: Path) -> Manifest | None:
        try:
            return await asyncio.to_thread(self._spool.read, path)
        except Newer as error:
            self._complain(path, error)  # it stays for a newer server
        except Rejected as why:
            await asyncio.to_thread(self._spool.reject, path, str(why))
        except FileNotFoundError:
            pass  # another server was faster
        except OSError as error:
            self._complain(path, error)
        self._first_seen.pop(path, None)
        return None

    async def _take(
        self, path: Path, manifest: Manifest, outputs: list[Output], notebook: str | None
    ) -> bool:
        """Import one manifest; False when it could not be, and stays for a later attempt."""
        try:
            sizes = await asyncio.to_thread(self._measure, manifest)
            row = to_row(manifest, outputs, notebook, sum(sizes.values()))
            add = _amend_or_add if manifest.amends else _add
            changed = await self._catalog.write(add, row, sizes, await self.rotation())
            for action, one in changed:
                self.dropped |= action != "created"
                self._emit({"action": action, **to_summary(one).model_dump(mode="json")})
            # Only now: until the row is there, the file keeps the blobs alive.
            await asyncio.to_thread(path.unlink, missing_ok=True)
        except Exception as error:  # a full disk, a locked database: the manifest is not lost
            self._complain(path, error)
            return False
        self._first_seen.pop(path, None)
        self._complained.discard(path)
        return True

    def _measure(self, manifest: Manifest) -> dict[str, int]:
        """Return the bytes of each blob."""
        sizes = dict.fromkeys(manifest.blobs(), 0)
        for blob in sizes:
            try:
                sizes[blob] = self._blobs.size(blob)
            except (DataLoss, FailedPrecondition) as error:
                # Kept nevertheless: the code, the outputs and the other values are there.
                _log.warning("Checkpoint %s is not whole: %s", manifest.id, error)
        return sizes

    def _complain(self, path: Path, error: Exception) -> None:
        if path not in self._complained:
            self._complained.add(path)
            _log.error("Can't take %s into the catalog, will try again: %s", path, error)


def _add(
    conn: Connection, row: Row, sizes: dict[str, int], rotation: Rotation
) -> list[tuple[str, Row]]:
    """Return what was done, with the checkpoints that it was done to."""
    added = [("created", row)] if queries.add(conn, row, sizes) else []
    return added + [("deleted", old) for old in rotation(conn)]


def _amend_or_add(
    conn: Connection, row: Row, sizes: dict[str, int], rotation: Rotation
) -> list[tuple[str, Row]]:
    amended = queries.amend(conn, row, sizes)
    return [("changed", amended)] if amended else _add(conn, row, sizes, rotation)
