"""What the API and the CLI ask of nodes: it is written as desired, and the reconciler acts."""

from __future__ import annotations

import asyncio
import builtins
import time
from pathlib import Path
from typing import Any, Protocol

from ..access.secrets import SecretService
from ..backends.base import Backend, ObservedInstance
from ..catalog import aliases
from ..catalog import nodes as rows
from ..catalog.engine import Catalog
from ..catalog.nodes import NodeRecord, RevisionRecord
from ..errors import (
    DeadlineExceeded,
    FailedPrecondition,
    Message,
)
from ..ids import new_id
from ..specs import (
    CellSpec,
    DryRun,
    Node,
    NodeCreate,
    NodePatch,
    NodeStatus,
    ReasonInfo,
    Revision,
)
from . import render
from .admission import Admission
from .bundle import export
from .bundle.builder import BundleBuilder
from .bundle.export import BASE_IMAGE, Format
from .bundle.layout import Identity
from .bundle.store import missing
from .instances.instances import Instances
from .reconcile.instance_specs import python_version
from .reconcile.plan import STARTING, deleting
from .reconcile.reconciler import Reconciler
from .revisions import Revisions, begun

#: Seconds that a change waits for the reconciler to have seen it.
_SEEN = 3.0
#: Seconds after which a node is looked at without word of a change.
_LOOK = 1.0


class FrontDoor(Protocol):
    """What the service needs of ``gateway.control.GatewayControl``: its address."""

    @property
    def url(self) -> str:
        """Where clients reach the gateway."""


class NodeService:
    """Nodes.

    Args:
        catalog: the desired state.
        admission: says what may be made.
        secrets: whose names older revisions may refer to.
        builder: makes what nodes run.
        backend: where instances run.
        reconciler: is poked when the desired state has changed.
        gateway: for the execute URL.
        base_image: of exported cells, with ``{version}`` for Python's ``MAJOR.MINOR``.

    Attributes:
        instances: what runs of the nodes, to be asked.
    """

    def __init__(
        self,
        catalog: Catalog,
        admission: Admission,
        secrets: SecretService,
        builder: BundleBuilder,
        backend: Backend,
        reconciler: Reconciler,
        gateway: FrontDoor,
        *,
        base_image: str = BASE_IMAGE,
    ) -> None:
        self._base_image = base_image
        self._catalog = catalog
        self._admission = admission
        self._backend = backend
        self.instances = Instances(catalog, backend)
        self._reconciler = reconciler
        self._gateway = gateway
        self._builder = builder
        self._revisions = Revisions(catalog, admission, builder, secrets)

    async def validate(self, create: NodeCreate, input: dict[str, Any] | None = None) -> DryRun:  # noqa: A002
        """Run the form's cell once, with an input or the checkpoint's values; nothing is kept.

        Of an image only the form is checked: it is not pulled or run.

        Raises:
            NodeDeployError: as for ``create``, where it concerns what the node runs.
        """
        admitted = await self._admission.validate(create)
        cell, manifest = admitted.spec.cell, admitted.manifest
        if cell is None or manifest is None:
            return DryRun(ok=True)
        identity = Identity(new_id(), create.name, 1)
        return await self._builder.validate(identity, cell, manifest, input, admitted.folder)

    async def create(self, create: NodeCreate, user: str | None = None) -> Node:
        """Create a node; it is started afterwards.

        Raises:
            InvalidArgument: a field is not usable; details name it.
            FailedPrecondition: the checkpoint is not pinned, a variable that the cell needs could
                not be saved, or the dry run failed (details: the cell's traceback).
            AlreadyExists: the name is taken.
            DataLoss: the checkpoint's data are damaged.
            Unimplemented: the backend cannot run it.
        """
        admitted, acl = await self._admission.create(create)
        row, revision = await self._revisions.first(create, admitted, acl=acl, user=user)
        self._reconciler.poke()
        return self._render(row, revision, [])

    async def list(self) -> list[Node]:
        """Return all nodes, newest first."""
        nodes, revisions = await self._catalog.read(rows.every_with_revisions)
        instances = await self._backend.observe()
        return [
            self._render(
                node,
                next(one for one in revisions[node.id] if one.number == node.revision),
                [one for one in instances if one.node_id == node.id],
            )
            for node in nodes
        ]

    async def get(self, id_or_name: str) -> Node:
        """Return a node.

        Raises:
            NotFound: there is none.
        """
        node = await self._find(id_or_name)
        revision = await self._catalog.read(rows.revision_of, node.id, node.revision)
        return self._render(node, revision, await self._backend.observe(node.id))

    async def patch(self, id_or_name: str, patch: NodePatch) -> Node:
        """Change a node; another cell, image or provisioning makes a new revision.

        The new revision takes over when it is healthy; if it never is, the old one is kept.

        Raises:
            NodeDeployError: as for ``create``.
        """
        node = await self._find(id_or_name)
        values = await self._admission.patch(node, patch)
        changed = await self._revisions.next(node.id, patch, values)
        if not changed and values:
            await self._catalog.write(rows.change, node.id, **values)
        self._reconciler.poke()
        return await self.get(node.id)

    async def suspend(self, id_or_name: str) -> Node:
        """Stop a node's instances and keep everything else."""
        node = await self._find(id_or_name)
        await self._catalog.write(rows.change, node.id, desired="suspended")
        return await self._settled(node.id, NodeStatus.SUSPENDED)

    async def resume(self, id_or_name: str) -> Node:
        """Start a suspended node again, or one that has failed at once."""
        node = await self._find(id_or_name)
        if node.desired == "suspended":
            values = {"status": NodeStatus.PREPARING.value, "reason": STARTING}
            await self._catalog.write(rows.change, node.id, desired="running", **values)
        elif node.status == NodeStatus.FAILED.value:
            await self._catalog.write(rows.change, node.id, **begun(node))
        elif node.desired == "deleted":
            raise FailedPrecondition(
                Message(
                    "The node '{node}' is being deleted.",
                    "NODE_IS_BEING_DELETED",
                    node=node.name,
                )
            )
        self._reconciler.retry(node.id)
        return await self.get(node.id)

    async def restart(self, id_or_name: str) -> Node:
        """Put new instances in the place of the old ones, with the secrets and the image of now.

        It is a new revision like the current one: the old instances serve until the new ones do,
        and on if these never become healthy.

        Raises:
            FailedPrecondition: the node is suspended or being deleted.
        """
        node = await self._find(id_or_name)
        if node.desired == "suspended":
            raise FailedPrecondition(
                Message(
                    "The node '{node}' is suspended. Resume it to start it.",
                    "NODE_SUSPENDED",
                    node=node.name,
                )
            )
        await self._revisions.again(node.id)
        self._reconciler.retry(node.id)
        return await self.get(node.id)

    async def rollback(self, id_or_name: str, revision: int | None = None) -> Node:
        """Make an older revision the one that serves; the last good one before this if None.

        Raises:
            NotFound: there is no such revision.
            FailedPrecondition: it serves already, there is none before, or it needs a secret that
                is gone.
        """
        node = await self._find(id_or_name)
        revision = await self._revisions.earlier(node, revision)
        await self._catalog.write(rows.go_back, node.id, revision, **begun(node))
        self._reconciler.retry(node.id)
        return await self.get(node.id)

    async def delete(self, id_or_name: str) -> Node:
        """Begin to delete a node; returns it as it is while that goes on.

        Raises:
            FailedPrecondition: aliases send requests to it.
        """
        node = await self._find(id_or_name)
        shown = await self.get(node.id)
        if node.desired != "deleted":
            await self._catalog.write(_mark_deleted, node)
            self._reconciler.poke()
        reason = deleting(node.name)
        return shown.model_copy(
            update={
                "status": NodeStatus.DELETING,
                "reason": reason,
                "reason_info": ReasonInfo.of(reason),
            }
        )

    async def revisions(self, id_or_name: str) -> builtins.list[Revision]:
        """Return a node's revisions, newest first."""
        node = await self._find(id_or_name)
        backend = self._backend.capabilities().name
        return [
            render.show(one, active=one.number == node.active_revision, backend=backend)
            for one in await self._catalog.read(rows.revisions_of, node.id)
        ]

    async def wait(self, id_or_name: str, *, timeout: float) -> Node:  # noqa: ASYNC109
        """Return a node when it is HEALTHY as desired last, FAILED or SUSPENDED.

        Raises:
            DeadlineExceeded: it is none of these after ``timeout`` seconds.
        """
        until = time.monotonic() + timeout
        seen = self._catalog.changes.count
        node = await self._find(id_or_name)
        while not _is_settled(node):
            left = until - time.monotonic()
            if left <= 0:
                raise DeadlineExceeded(
                    Message(
                        "The node '{node}' is {status} after {seconds} seconds. {cause}",
                        "NODE_NOT_SETTLED",
                        node=node.name,
                        status=node.status,
                        seconds=timeout,
                        cause=node.reason,
                    )
                )
            await self._catalog.changes.wait(seen, min(left, _LOOK))
            seen = self._catalog.changes.count
            node = await self._find(node.id)
        return await self.get(node.id)

    async def export(self, id_or_name: str, form: Format | None = None) -> Path:
        """Write the current revision as a ``.tar.gz`` of files; the caller deletes it.

        Args:
            form: ``bundle``, or for plain Docker ``docker`` or ``compose``; None: the bundle of a
                cell, ``compose`` for an image.

        Raises:
            InvalidArgument: a node of an image has no bundle.
            DataLoss: the bundle is missing.
        """
        node = await self._find(id_or_name)
        revision = await self._catalog.read(rows.revision_of, node.id, node.revision)
        part = revision.spec.part
        source, version = None, ""
        if isinstance(part, CellSpec):
            source = self._builder.bundles.path(node.id, node.revision)
            if not source.is_dir():
                raise missing(node.revision)
            version = await asyncio.to_thread(python_version, source)
        return await asyncio.to_thread(
            export.packed,
            f"{node.name}-{node.revision}",
            part,
            source,
            base=self._base_image.replace("{version}", ".".join(version.split(".")[:2])),
            form=form or ("compose" if source is None else "bundle"),
        )

    async def _find(self, id_or_name: str) -> NodeRecord:
        return await self._catalog.read(rows.find, id_or_name)

    async def _settled(self, node_id: str, status: NodeStatus) -> Node:
        """Return the node once the reconciler has seen the change, or soon anyway."""
        self._reconciler.poke()
        until = time.monotonic() + _SEEN
        while (left := until - time.monotonic()) > 0:
            seen = self._catalog.changes.count
            if (await self._find(node_id)).status == status.value:
                break
            await self._catalog.changes.wait(seen, min(left, _LOOK))
        return await self.get(node_id)

    def _render(
        self, node: NodeRecord, revision: RevisionRecord, instances: builtins.list[ObservedInstance]
    ) -> Node:
        return render.node(
            node,
            revision,
            instances,
            backend=self._backend.capabilities().name,
            gateway=self._gateway.url,
        )


def _mark_deleted(conn: Any, node: NodeRecord) -> None:
    if referring := aliases.referring(conn, node.id):
        raise FailedPrecondition(
            Message(
                "The node '{node}' gets requests from the aliases {aliases}. Delete these, "
                "or send their requests elsewhere first.",
                "NODE_HAS_ALIASES",
                node=node.name,
                aliases=referring,
            )
        )
    rows.change(
        conn,
        node.id,
        desired="deleted",
        status=NodeStatus.DELETING.value,
        reason=deleting(node.name),
    )


def _is_settled(node: NodeRecord) -> bool:
    if node.status == NodeStatus.HEALTHY.value:
        return node.active_revision == node.revision and node.desired == "running"
    return node.status in (NodeStatus.FAILED.value, NodeStatus.SUSPENDED.value)
