"""What the server asks kernels' agents for, and what came of it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..catalog import checkpoints as queries
from ..catalog.engine import Catalog
from ..errors import DataLoss, FailedPrecondition, Message, NodeDeployError, NotFound, Unavailable
from ..namespace.manifest import Manifest, Operation
from .blobs import BlobStore
from .integrity import problems
from .kernels import Kernels
from .maintenance import Maintenance
from .models import Applied, Checkpoint
from .rows import to_checkpoint
from .waiting import Waiting

#: Seconds that a check of the newest checkpoint waits for the kernel, which was idle just now.
_VERIFY = 2.0
#: Seconds: a year.
_FOREVER = 365 * 86400.0


class KernelRequests:
    """Asks the kernels of this server to make, to check and to apply checkpoints.

    Args:
        kernels: those of this server.
        maintenance: takes into the catalog what a kernel has left.
        catalog: where it is found then.
        blobs: where the values are.
        patience: seconds that a request waits for a busy kernel.
    """

    def __init__(
        self,
        kernels: Kernels,
        maintenance: Maintenance,
        catalog: Catalog,
        blobs: BlobStore,
        patience: float,
    ) -> None:
        self._kernels = kernels
        self._maintenance = maintenance
        self._catalog = catalog
        self._blobs = blobs
        self._patience = patience
        self._waiting = Waiting(self._force, self._write_request, patience)

    def close(self) -> None:
        """Hang up; kernels that were asked do it nevertheless."""
        self._waiting.close()

    async def force(self, kernel_id: str, *, stay: bool) -> Checkpoint:
        """Have a kernel make a checkpoint; see ``CheckpointService.force``."""
        self._kernels.get(kernel_id)
        return await self._waiting.checkpoint(kernel_id, stay=stay)

    def _write_request(self, kernel_id: str) -> Path:
        with _written():
            return self._kernels.spool.write_request(kernel_id)

    def cancel(self, kernel_id: str) -> None:
        """Want no checkpoint of a busy kernel any more."""
        self._waiting.cancel(kernel_id)

    async def complete(self, checkpoint: Checkpoint) -> None:
        """Have its kernel look at all variables again; see ``CheckpointService.complete``."""
        for kernel in self._kernels.live():
            if kernel.id == checkpoint.kernel_id and kernel.agent and kernel.idle_since:
                with contextlib.suppress(NodeDeployError):
                    request = {"do": "verify", "id": checkpoint.id}
                    await kernel.ask(request, patience=_VERIFY)
                    await self._maintenance.import_now(kernel)

    async def apply(self, manifest: Manifest, kernel_id: str) -> Applied:
        """Put a checkpoint's variables into a kernel; see ``CheckpointService.apply``."""
        kernel = self._kernels.get(kernel_id)
        agent = await kernel.agent_info(self._patience)
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
        with _written():
            file = await asyncio.to_thread(self._kernels.spool.write_manifest, kernel_id, manifest)
        try:
            rollback, reply = await self._ask(
                kernel_id,
                {"do": "apply", "manifest": str(file)},
                # Without its file a request that the kernel comes to later does nothing.
                give_up=lambda: file.unlink(missing_ok=True),
            )
        except FailedPrecondition:
            # The kernel reads only what differs, and has put all back as it was.
            if found := await asyncio.to_thread(problems, self._blobs, manifest):
                raise DataLoss(
                    Message(
                        "The checkpoint can't be applied. {cause}",
                        "CHECKPOINT_DAMAGED",
                        what="",
                        cause=found[0],
                    )
                ) from None
            raise
        finally:
            file.unlink(missing_ok=True)
        return Applied.model_validate(rollback.model_dump() | reply | {"id": rollback.id})

    async def _force(self, kernel_id: str, file: Path) -> Checkpoint:
        request = {"do": "checkpoint", "operation": Operation.FORCED.value, "while": str(file)}
        return (await self._ask(kernel_id, request, patience=_FOREVER))[0]

    async def _ask(
        self, kernel_id: str, request: dict[str, Any], **kwargs: Any
    ) -> tuple[Checkpoint, dict[str, Any]]:
        """Have a kernel do something that makes a checkpoint; return that and the reply."""
        kernel = self._kernels.get(kernel_id)
        kernel.changed = False
        patience = kwargs.pop("patience", self._patience)
        reply = await kernel.ask(request, patience=patience, **kwargs)
        await self._maintenance.import_now(kernel)
        try:
            made = to_checkpoint(await self._catalog.read(queries.get, str(reply["id"])))
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
        return made, reply


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


@contextlib.contextmanager
def _written() -> Iterator[None]:
    """Tell in words that the spool can't be written to: a full disk, say."""
    try:
        yield
    except OSError as error:
        raise Unavailable(
            Message(
                "The data directory can't be written to: {cause}.",
                "DATA_DIRECTORY_NOT_WRITABLE",
                cause=f"{error.filename}: {error.strerror}",
            )
        ) from error
