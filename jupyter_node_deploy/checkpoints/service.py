"""Checkpoints as the API and the nodes use them."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from ..catalog import blobs as contents
from ..catalog import checkpoints as queries
from ..catalog import tombstones
from ..catalog.engine import Catalog
from ..catalog.pairing import Pairing
from ..catalog.rotation import Limits, kept
from ..errors import (
    DataLoss,
    FailedPrecondition,
    InvalidArgument,
    Message,
    NodeDeployError,
    NotFound,
    Unavailable,
)
from ..home import Home
from ..namespace.manifest import Manifest, Operation
from . import lookup
from .blobs import BlobStore
from .importer import Emit, Importer, Rotation
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
from .rows import Row, to_checkpoint, to_manifest, to_summary
from .waiting import Waiting

_LONGEST_NAME = 255
#: Seconds that a check of the newest checkpoint waits for the kernel, which was idle just now.
_VERIFY = 2.0
#: Seconds: a year.
_FOREVER = 365 * 86400.0


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
        queue_timeout: seconds that a request waits for a busy kernel.
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
        queue_timeout: float = 30.0,
    ) -> None:
        self.blobs = BlobStore(home.blobs)
        self._catalog = catalog
        self._pairing = Pairing(home, catalog)
        self._kernels = kernels
        self._emit = emit
        self._grace = grace
        self._queue_timeout = queue_timeout
        self._limits = Limits(keep, budget)
        self._importer = Importer(
            catalog, kernels.spool, self.blobs, emit, self._limits, kernels.opened
        )
        self._waiting = Waiting(self._force, kernels.spool.write_request, queue_timeout)
        self._maintenance = Maintenance(
            kernels, self._importer, catalog, emit, self.collect, autosave_idle
        )

    async def start(self) -> None:
        """Attach to the server's kernels and import what is in the spool."""
        await self._maintenance.start()

    async def stop(self) -> None:
        """Let go of the kernels; they run on."""
        self._waiting.close()
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
        return await self._catalog.read(_kept, self._limits)

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
        checkpoint = await self.get(id_or_name)
        for kernel in self._kernels.live():
            if kernel.id == checkpoint.kernel_id and kernel.agent and kernel.idle_since:
                with contextlib.suppress(NodeDeployError):
                    request = {"do": "verify", "id": checkpoint.id}
                    await kernel.ask(request, patience=_VERIFY)
                    await self._maintenance.import_now(kernel)

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
        await asyncio.to_thread(self._check_there, manifest)
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
        self._kernels.get(kernel_id)
        return await self._waiting.checkpoint(kernel_id, stay=stay)

    def cancel(self, kernel_id: str) -> None:
        """Want no checkpoint of a busy kernel any more."""
        self._waiting.cancel(kernel_id)

    async def _force(self, kernel_id: str, file: Path) -> Checkpoint:
        request = {"do": "checkpoint", "operation": Operation.FORCED.value, "while": str(file)}
        return (await self._request(kernel_id, request, patience=_FOREVER))[0]

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
        manifest = await self.manifest(id_or_name)
        kernel = self._kernels.get(kernel_id)
        agent = await kernel.agent_info(self._queue_timeout)
        if _minor(agent.python) != _minor(manifest.python.version):
            raise FailedPrecondition(
                Message(
                    "The checkpoint was made with Python {checkpoint_python}, kernel {kernel} runs "
                    "{kernel_python}. Choose a kernel with the same Python.",
                    "CHECKPOINT_OF_OTHER_PYTHON",
                    kernel=kernel_id,
                    checkpoint_python=_minor(manifest.python.version),
                    kernel_python=_minor(agent.python),
                )
            )
        file = await asyncio.to_thread(self._kernels.spool.write_manifest, kernel_id, manifest)
        try:
            rollback, reply = await self._request(
                kernel_id,
                {"do": "apply", "manifest": str(file)},
                # Without its file a request that the kernel comes to later does nothing.
                give_up=lambda: file.unlink(missing_ok=True),
            )
        except FailedPrecondition:
            # The kernel reads only what differs, and has put all back as it was.
            if problems := await self.verify(manifest.id):
                raise DataLoss(
                    Message(
                        "The checkpoint can't be applied. {cause}",
                        "CHECKPOINT_DAMAGED",
                        what="",
                        cause=problems[0],
                    )
                ) from None
            raise
        finally:
            file.unlink(missing_ok=True)
        return Applied.model_validate(rollback.model_dump() | reply | {"id": rollback.id})

    async def verify(self, id_or_name: str) -> list[str]:
        """Read all values of a checkpoint and compare them with their hashes.

        Returns:
            What is wrong, naming variables and hashes; empty when it is intact.

        Raises:
            NotFound: there is no such checkpoint.
        """
        return await asyncio.to_thread(_problems, self.blobs, await self.manifest(id_or_name))

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

    async def _request(
        self, kernel_id: str, request: dict[str, Any], **kwargs: Any
    ) -> tuple[Checkpoint, dict[str, Any]]:
        """Have a kernel do something that makes a checkpoint; return that and the reply."""
        kernel = self._kernels.get(kernel_id)
        kernel.changed = False
        patience = kwargs.pop("patience", self._queue_timeout)
        reply = await kernel.ask(request, patience=patience, **kwargs)
        await self._maintenance.import_now(kernel)
        try:
            return await self.get(str(reply["id"])), reply
        except NotFound:
            raise Unavailable(
                Message(
                    "The kernel made checkpoint {checkpoint}, but it could not be taken "
                    "into the catalog (is the disk full?). It is not lost: this is tried "
                    "again by itself; the server's log says more.",
                    "CHECKPOINT_NOT_TAKEN_IN",
                    checkpoint=reply["id"],
                )
            ) from None

    def _check_there(self, manifest: Manifest) -> None:
        for blob, what in _contents(manifest):
            try:
                self.blobs.size(blob)
            except DataLoss as error:
                raise DataLoss(f"{what}: {error.message}") from None

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


def _kept(conn: Connection, limits: Limits) -> Kept:
    count, pinned, size = kept(conn)
    last = tombstones.newest(conn)
    return Kept(
        count=count,
        pinned=pinned,
        size=size,
        limit=limits.number,
        budget=limits.budget,
        last_gone=last and Gone.model_validate(last),
    )


def _problems(blobs: BlobStore, manifest: Manifest) -> list[str]:
    problems = []
    for blob, what in _contents(manifest):
        try:
            blobs.verify(blob)
        except DataLoss as error:
            problems.append(f"{what}: {error.message}")
    return problems


def _contents(manifest: Manifest) -> list[tuple[str, str]]:
    """Return each blob of a checkpoint with the words for what it holds."""
    found = {}
    for group in manifest.groups:
        for blob in group.blobs:
            found[blob] = f"Variable {', '.join(group.names)}"
    for file in manifest.files:
        found[file.blob] = f"Module {file.module}"
    return list(found.items())


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _checked(name: str) -> str:
    if name.strip() and len(name) <= _LONGEST_NAME and name.isprintable():
        return name.strip()
    told = Message(
        "The name of a checkpoint is printable text of 1 to {limit} characters on one line.",
        "CHECKPOINT_NAME_INVALID",
        limit=_LONGEST_NAME,
    )
    raise InvalidArgument(told, [{"path": "name", "message": told}])
