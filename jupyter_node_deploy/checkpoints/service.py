"""Checkpoints as the API and the nodes use them."""

from __future__ import annotations

import asyncio

from sqlalchemy import Connection

from ..catalog import blobs as contents
from ..catalog import checkpoints as queries
from ..catalog import tombstones
from ..catalog.engine import Catalog
from ..catalog.pairing import Pairing
from ..catalog.rotation import Retention, kept
from ..errors import InvalidArgument, Message
from ..home import Home
from ..namespace.manifest import Manifest
from . import lookup
from .blobs import BlobStore
from .importer import Emit, Importer, Rotation
from .integrity import check_there, problems
from .kernels import Kernels
from .maintenance import Maintenance
from .models import (
    Applied,
    CellRef,
    Checkpoint,
    CheckpointSummary,
    FoundCheckpoint,
    Gone,
    Kept,
    KernelStatus,
)
from .provisioner import Mode
from .requests import KernelRequests
from .rows import Row, to_checkpoint, to_manifest, to_summary

_LONGEST_NAME = 255


class CheckpointService:
    """What was run and what can be done with it.

    Args:
        home: the data directory.
        catalog: upgraded.
        kernels: the Python kernels of this server.
        emit: told ``{"action", …summary}`` of every change (``Emitter.checkpoint``).
        keep: number of checkpoints that are not pinned to keep, over all notebooks; the newest
            of each cell of open ones is kept beyond that.
        budget: bytes that those which are not pinned may take.
        grace: seconds for which blobs that nothing refers to are left alone; must cover the
            time a kernel takes to write one checkpoint.
        autosave_idle: seconds of idleness after which autosave makes a checkpoint.
        kernel_timeout: seconds that a request waits for a busy kernel.
    """

    def __init__(
        self,
        home: Home,
        catalog: Catalog,
        kernels: Kernels,
        emit: Emit,
        *,
        keep: int = 500,
        budget: int = 5 * 1024**3,
        grace: float = 600.0,
        autosave_idle: float = 3.0,
        kernel_timeout: float = 30.0,
    ) -> None:
        self.blobs = BlobStore(home.blobs)
        self._catalog = catalog
        self._pairing = Pairing(home, catalog)
        self._kernels = kernels
        self._emit = emit
        self._grace = grace
        self._retention = Retention(keep, budget)
        self._importer = Importer(
            catalog, kernels.spool, self.blobs, emit, self._retention, kernels.opened
        )
        self._maintenance = Maintenance(
            kernels, self._importer, catalog, emit, self.collect, autosave_idle
        )
        self._requests = KernelRequests(
            kernels, self._maintenance, catalog, self.blobs, kernel_timeout
        )

    async def start(self) -> None:
        """Attach to the server's kernels and import what is in the spool."""
        await self._maintenance.start()

    async def stop(self) -> None:
        """Let go of the kernels; they run on."""
        self._requests.close()
        await self._maintenance.stop()

    def kernels(self) -> list[KernelStatus]:
        """Return the Python kernels of this server, with what is wrong with their agents."""
        return [kernel.status() for kernel in self._kernels.live()]

    async def get(self, id_or_name: str) -> Checkpoint:
        """Return a checkpoint by its id or its pinned name.

        Raises:
            NotFound: there is none.
        """
        return to_checkpoint(await self._catalog.read(queries.get, id_or_name))

    async def find(self, cell: CellRef) -> FoundCheckpoint:
        """Return the checkpoint of the run that a notebook's cell shows.

        One that is on its way is waited for.
        """
        for kernel in self._kernels.live():
            if kernel.id == cell.kernel_id:
                await self._maintenance.import_now(kernel)
        return await self._catalog.read(lookup.find, cell)

    async def kept(self) -> Kept:
        """Return how much is kept of checkpoints, and how much may be."""
        return await self._catalog.read(_kept, self._retention)

    async def manifest(self, id_or_name: str) -> Manifest:
        """Return what the kernel wrote for a checkpoint: its groups, blobs and analysis.

        Raises:
            NotFound: there is none.
        """
        return to_manifest(await self._catalog.read(queries.get, id_or_name))

    async def complete(self, id_or_name: str) -> None:
        """Have the kernel look at all variables again, where the checkpoint is its last one.

        After a cell it looks at those that the cell can reach. Should another one have changed
        nevertheless, the checkpoint is mended. When something has run since, or the kernel is
        busy or gone, the checkpoint stays as it is.

        Raises:
            NotFound: there is no such checkpoint.
        """
        await self._requests.complete(await self.get(id_or_name))

    async def pin(self, id_or_name: str, name: str, user: str | None = None) -> Checkpoint:
        """Give a checkpoint a name and keep it; one that is pinned is only renamed.

        Raises:
            NotFound: there is no such checkpoint.
            AlreadyExists: another one has the name.
            InvalidArgument: the name is empty, too long or not text.
            DataLoss: values of it are gone from the store.
        """
        await self.complete(id_or_name)
        manifest = await self.manifest(id_or_name)
        await asyncio.to_thread(check_there, self.blobs, manifest)
        row = await self._catalog.write(queries.pin, manifest.id, _checked(name), user)
        return self._changed(row)

    async def rename(self, id_or_name: str, name: str) -> Checkpoint:
        """Change the name of a pinned checkpoint.

        Raises:
            FailedPrecondition: it is not pinned.
            NotFound, AlreadyExists, InvalidArgument: as ``pin``.
        """
        row = await self._catalog.write(queries.rename, id_or_name, _checked(name))
        return self._changed(row)

    async def unpin(self, id_or_name: str) -> Checkpoint | None:
        """Take a checkpoint's name away; None when it was the oldest and is gone thereby.

        Raises:
            NotFound: there is no such checkpoint.
        """
        rotation = await self._importer.rotation()
        row, rotated = await self._catalog.write(_unpin, id_or_name, rotation)
        for old in rotated:
            self._deleted(old)
        return None if row["id"] in {old["id"] for old in rotated} else self._changed(row)

    async def delete(self, id_or_name: str) -> None:
        """Forget a checkpoint. Nodes made from it have copies of what they need.

        Raises:
            NotFound: there is no such checkpoint.
        """
        self._deleted(await self._catalog.write(queries.remove, id_or_name))

    async def force(self, kernel_id: str, *, stay: bool = False) -> Checkpoint:
        """Make a checkpoint now, or as soon as the kernel has done what it was asked before.

        Args:
            kernel_id: the kernel.
            stay: go on wanting it when the kernel is busy all the time: ask again to hear of it.

        Raises:
            NotFound: this server runs no such kernel.
            FailedPrecondition: the kernel has no agent, or could not write; it says why.
            DeadlineExceeded: it was busy all the time.
        """
        return await self._requests.force(kernel_id, stay=stay)

    def cancel(self, kernel_id: str) -> None:
        """Want no checkpoint of a busy kernel any more."""
        self._requests.cancel(kernel_id)

    async def apply(self, id_or_name: str, kernel_id: str) -> Applied:
        """Put a checkpoint's variables into a running kernel.

        Returns:
            The Rollback checkpoint that this leaves, and what could not be restored.

        Raises:
            NotFound: no such checkpoint, or this server runs no such kernel.
            FailedPrecondition: the kernel has no agent, or another Python than the checkpoint.
            DeadlineExceeded: it was busy all the time; nothing was changed.
            DataLoss: a value is missing or corrupted; nothing was changed.
        """
        return await self._requests.apply(await self.manifest(id_or_name), kernel_id)

    async def verify(self, id_or_name: str) -> list[str]:
        """Read all values of a checkpoint and compare them with their hashes.

        Returns:
            What is wrong, naming variables and hashes; empty when it is intact.

        Raises:
            NotFound: there is no such checkpoint.
        """
        return await asyncio.to_thread(problems, self.blobs, await self.manifest(id_or_name))

    async def collect(self) -> int:
        """Delete blobs that nothing refers to; return how many.

        A node's bundle has links of its own and needs no reference here.

        Raises:
            FailedPrecondition: the catalog is not the home's; nothing is deleted.
        """
        await self._pairing.confirm()
        self._importer.dropped = False
        # In this order: a manifest moves from the spool to the catalog, never back.
        spooled = await asyncio.to_thread(self._kernels.spool.references)
        referenced = await self._catalog.read(contents.referenced)
        return await asyncio.to_thread(self.blobs.collect, referenced | spooled, self._grace)

    @property
    def mode(self) -> Mode:
        """When checkpoints are made: after each cell, or when the kernel is idle."""
        return self._kernels.settings.mode

    async def set_mode(self, mode: Mode) -> None:
        """Change when checkpoints are made, in running kernels and in later ones.

        A kernel that is busy follows when its cells are done.

        Raises:
            InvalidArgument: there is no such mode.
        """
        if mode not in ("standard", "autosave"):
            raise InvalidArgument(
                Message("There is no mode '{mode}'.", "MODE_UNKNOWN", mode=mode),
                [{"path": "mode", "message": "must be 'standard' or 'autosave'"}],
            )
        self._kernels.settings.mode = mode
        self._kernels.wake.set()

    def _changed(self, row: Row) -> Checkpoint:
        self._emit({"action": "changed", **to_summary(row).model_dump(mode="json")})
        return to_checkpoint(row)

    def _deleted(self, row: Row) -> None:
        self._importer.dropped = True
        self._emit({"action": "deleted", **to_summary(row).model_dump(mode="json")})

    async def list(
        self,
        *,
        notebook: str | None = None,
        cell_id: str | None = None,
        kernel_id: str | None = None,
        pinned: bool | None = None,
        before: float | None = None,
        limit: int = 100,
    ) -> list[CheckpointSummary]:
        """Return checkpoints, newest first; None does not filter.

        ``before``: only those that are older than this time.
        """
        rows = await self._catalog.read(
            queries.summaries,
            notebook=notebook,
            cell_id=cell_id,
            kernel_id=kernel_id,
            pinned=pinned,
            before=before,
            limit=limit,
        )
        return [to_summary(row) for row in rows]


def _unpin(conn: Connection, id_or_name: str, rotation: Rotation) -> tuple[Row, list[Row]]:
    return queries.unpin(conn, id_or_name), rotation(conn)


def _kept(conn: Connection, retention: Retention) -> Kept:
    count, pinned, size = kept(conn)
    last = tombstones.newest(conn)
    return Kept(
        count=count,
        pinned=pinned,
        size=size,
        limit=retention.number,
        budget=retention.budget,
        last_gone=last and Gone.model_validate(last),
    )


def _checked(name: str) -> str:
    if name.strip() and len(name) <= _LONGEST_NAME and name.isprintable():
        return name.strip()
    told = Message(
        "The name of a checkpoint is printable text of 1 to {limit} characters on one line.",
        "CHECKPOINT_NAME_INVALID",
        limit=_LONGEST_NAME,
    )
    raise InvalidArgument(told, [{"path": "name", "message": told}])
