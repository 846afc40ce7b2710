"""Revisions: how they come to be, and which one a node may go back to."""

from __future__ import annotations

import time
from typing import Any

from ..access.secrets import SecretService
from ..catalog import nodes as rows
from ..catalog.engine import Catalog
from ..catalog.nodes import NodeRecord, RevisionRecord
from ..errors import FailedPrecondition, Message
from ..ids import new_id
from ..specs import NodeCreate, NodePatch, NodeStatus, RevisionSpec, secrets_of
from .admission import Admission, Admitted
from .bundle.builder import BundleBuilder
from .bundle.layout import Identity
from .bundle.store import Reservation, missing
from .reconcile.plan import STARTING


class Revisions:
    """Makes the revisions of nodes.

    Args:
        catalog: where they are remembered.
        admission: says what they may be.
        builder: makes what they run.
        secrets: whose names older ones may refer to.
    """

    def __init__(
        self,
        catalog: Catalog,
        admission: Admission,
        builder: BundleBuilder,
        secrets: SecretService,
    ) -> None:
        self._catalog = catalog
        self._admission = admission
        self._builder = builder
        self._secrets = secrets

    async def first(
        self, create: NodeCreate, admitted: Admitted, *, acl: list[str], user: str | None
    ) -> tuple[NodeRecord, RevisionRecord]:
        """Make a node with its first revision.

        Raises:
            NodeDeployError: as for ``NodeService.create``.
        """
        identity = Identity(new_id(), create.name, 1)
        async with self._builder.bundles.reserved(identity.id) as reservation:
            revision = await self._made(reservation, identity, admitted)
            now = time.time()
            node = NodeRecord(
                id=identity.id,
                name=create.name,
                type=create.type,
                description=create.description,
                folder=admitted.folder,
                acl=acl,
                desired="running",
                revision=1,
                active_revision=None,
                status=NodeStatus.CREATED.value,
                reason=Message("Its first instance is about to start.", "NODE_CREATED"),
                created_at=now,
                updated_at=now,
                created_by=user,
            )
            await self._catalog.write(rows.add, node, revision)
            reservation.keep()
        return node, revision

    async def next(self, node_id: str, patch: NodePatch, values: dict[str, Any]) -> bool:
        """Make a new revision if the patch asks for one; return whether it did.

        Args:
            values: columns of the node that change with it.

        Raises:
            NodeDeployError: as for ``NodeService.patch``.
        """
        if not (patch.cell or patch.docker or patch.provisioning or "folder" in values):
            return False
        async with self._builder.bundles.reserved(node_id) as reservation:
            # Read under the lock: of two updates at once, the second builds on the first.
            node = await self._catalog.read(rows.find, node_id)
            current = await self._catalog.read(rows.revision_of, node.id, node.revision)
            _require_type(node, patch)
            folder = values.get("folder", node.folder)
            wanted = current.spec.model_copy(
                update={
                    key: value
                    for key in ("cell", "docker", "provisioning")
                    if (value := getattr(patch, key)) is not None
                }
            )
            if wanted.part == current.spec.part:
                await self._admission.secrets(wanted, folder)
                if wanted.provisioning == current.spec.provisioning:
                    return False
                identity = await self._identity(node, values)
                revision = await self._copied(reservation, identity, current, wanted)
            else:
                admitted = await self._admission.revision(wanted, folder)
                identity = await self._identity(node, values)
                revision = await self._made(reservation, identity, admitted)
            await self._catalog.write(rows.add_revision, revision, **begun(node) | values)
            reservation.keep()
        return True

    async def again(self, node_id: str) -> None:
        """Make a revision like the current one, so that new instances take over from the old.

        Raises:
            FailedPrecondition: the node is being deleted.
        """
        async with self._builder.bundles.reserved(node_id) as reservation:
            node = await self._catalog.read(rows.find, node_id)
            current = await self._catalog.read(rows.revision_of, node.id, node.revision)
            identity = await self._identity(node, {})
            revision = await self._copied(reservation, identity, current, current.spec)
            await self._catalog.write(rows.add_revision, revision, **begun(node))
            reservation.keep()

    async def _made(
        self, reservation: Reservation, identity: Identity, admitted: Admitted
    ) -> RevisionRecord:
        """Make what a revision runs, and return its row. An image is what it is."""
        spec = admitted.spec
        if admitted.manifest is not None:
            spec = await self._builder.build(
                reservation, identity, spec, admitted.manifest, admitted.folder
            )
        checkpoint = None if spec.cell is None else spec.cell.checkpoint
        return _row(identity, spec, checkpoint)

    async def _copied(
        self,
        reservation: Reservation,
        identity: Identity,
        of: RevisionRecord,
        spec: RevisionSpec,
    ) -> RevisionRecord:
        """Like ``_made``, from another revision's bundle: only the provisioning is another."""
        if of.bundled:
            await self._builder.copy(reservation, identity, of.number)
        return _row(identity, spec, of.checkpoint_id)

    async def _identity(self, node: NodeRecord, values: dict[str, Any]) -> Identity:
        number = await self._catalog.read(rows.next_number, node.id)
        return Identity(node.id, values.get("name", node.name), number)

    async def earlier(self, node: NodeRecord, number: int | None) -> int:
        """Return the revision to go back to: the given one, or the last good one if None.

        Raises:
            NotFound: there is no such revision.
            FailedPrecondition: it serves already, there is none before, or it needs a secret that
                is gone.
            DataLoss: its bundle is missing, or its row is damaged.
        """
        if number is None:
            older = [
                one.number
                for one in await self._catalog.read(rows.revisions_of, node.id)
                if one.number < node.revision and not one.reason and not one.damage
            ]
            if not older:
                raise FailedPrecondition(
                    Message(
                        "The node '{node}' has no revision to go back to.",
                        "NO_EARLIER_REVISION",
                        node=node.name,
                    )
                )
            number = older[0]
        found = await self._catalog.read(rows.revision_of, node.id, number)
        if found.number == node.revision:
            raise FailedPrecondition(
                Message(
                    "Revision {revision} is the current one already.",
                    "REVISION_IS_CURRENT",
                    revision=number,
                )
            )
        if found.bundled and not self._builder.bundles.path(node.id, number).is_dir():
            raise missing(number)
        needed = secrets_of(found.spec.part)
        if gone := await self._secrets.missing(needed.values(), node.folder):
            raise FailedPrecondition(
                Message(
                    "Revision {revision} needs secrets that are gone: {secrets}. Set them "
                    "again first.",
                    "REVISION_SECRETS_GONE",
                    revision=number,
                    secrets=gone,
                )
            )
        return number


def _row(identity: Identity, spec: RevisionSpec, checkpoint_id: str | None) -> RevisionRecord:
    return RevisionRecord(
        node_id=identity.id,
        number=identity.revision,
        content=spec,
        checkpoint_id=checkpoint_id,
        bundled=spec.cell is not None,
        reason="",
        created_at=time.time(),
    )


def begun(node: NodeRecord) -> dict[str, Any]:
    """Return columns that say of a node that it is tried anew, if it has failed.

    Whoever waits for it would take the old status for the outcome.
    """
    if node.status == NodeStatus.FAILED.value:
        return {"status": NodeStatus.PREPARING.value, "reason": STARTING}
    return {}


def _require_type(node: NodeRecord, patch: NodePatch) -> None:
    for kind, other in (("cell", patch.cell), ("docker", patch.docker)):
        if other is not None and node.type != kind:
            message = f"the node {node.name!r} is of type {node.type}, which cannot change"
            raise FailedPrecondition(f"{kind}: {message}.", [{"path": kind, "message": message}])
