"""Admission: what is asked of nodes is refused before anything is made of it, or can be had."""

from __future__ import annotations

import keyword
from dataclasses import dataclass
from typing import Any

from ..access.folders import FolderService
from ..access.secrets import SecretService
from ..backends.base import Capabilities
from ..backends.mount_sources import unfit
from ..catalog import nodes as rows
from ..catalog.engine import Catalog
from ..catalog.nodes import NodeRecord
from ..checkpoints.models import Checkpoint
from ..checkpoints.service import CheckpointService
from ..errors import (
    Detail,
    FailedPrecondition,
    InvalidArgument,
    Message,
    NotFound,
    Unimplemented,
)
from ..home import Home
from ..namespace.manifest import Manifest
from ..specs import (
    CellSpec,
    DockerSpec,
    NodeCreate,
    NodePatch,
    Provisioning,
    RevisionSpec,
    secrets_of,
)


@dataclass(frozen=True)
class Admitted:
    """A revision that may be made.

    Attributes:
        folder: id of its node's folder.
        spec: names the checkpoint by its id: a pinned name may be given to another one later.
        manifest: of the checkpoint; None for an image.
    """

    folder: str
    spec: RevisionSpec
    manifest: Manifest | None


class Admission:
    """Admits what can be had, and refuses the rest.

    Args:
        catalog: has the names that are taken.
        folders: where nodes live.
        secrets: whose names the forms may refer to.
        checkpoints: where cells come from.
        capabilities: what the backend can do.
        home: is not to be mounted.
    """

    def __init__(
        self,
        catalog: Catalog,
        folders: FolderService,
        secrets: SecretService,
        checkpoints: CheckpointService,
        capabilities: Capabilities,
        home: Home,
    ) -> None:
        self._home = home
        self._catalog = catalog
        self._folders = folders
        self._secrets = secrets
        self._checkpoints = checkpoints
        self._capabilities = capabilities

    async def create(self, create: NodeCreate) -> tuple[Admitted, list[str]]:
        """Admit a new node; return its first revision, and its ACL.

        Raises:
            NodeDeployError: as for ``NodeService.create``.
        """
        self._require_possible(create.cell, create.docker, create.provisioning)
        folder = await self._folder(create.folder)
        acl = [folder] if create.acl is None else await self._folders.check(create.acl)
        await self._catalog.read(rows.require_free_name, create.name)
        return await self.revision(_revision_of(create), folder), acl

    async def validate(self, create: NodeCreate) -> Admitted:
        """Admit a dry run of what would be a node; its checkpoint need not be pinned.

        Raises:
            NodeDeployError: as for ``NodeService.validate``.
        """
        self._require_possible(create.cell, create.docker, create.provisioning)
        folder = await self._folder(create.folder)
        return await self.revision(_revision_of(create), folder, pinned=False)

    async def patch(self, node: NodeRecord, patch: NodePatch) -> dict[str, Any]:
        """Admit a change of a node; return the columns of the node that change.

        What its revision is to be is admitted by ``revision``.

        Raises:
            NodeDeployError: as for ``NodeService.patch``.
        """
        values: dict[str, Any] = {}
        for key in ("name", "description"):
            if (value := getattr(patch, key)) is not None:
                values[key] = value
        if patch.folder is not None:
            values["folder"] = await self._folder(patch.folder)
        if patch.acl is not None:
            values["acl"] = await self._folders.check(patch.acl)
        if "name" in values:
            await self._catalog.read(rows.require_free_name, values["name"], node.id)
        self._require_possible(patch.cell, patch.docker, patch.provisioning)
        return values

    async def revision(self, spec: RevisionSpec, folder: str, *, pinned: bool = True) -> Admitted:
        """Admit a revision.

        Args:
            folder: id of the node's folder.
            pinned: whether its checkpoint must be.

        Raises:
            InvalidArgument: a secret or the checkpoint does not exist.
            FailedPrecondition: the checkpoint is not pinned although it must be.
        """
        await self.secrets(spec, folder)
        if spec.cell is None:
            return Admitted(folder, spec, None)
        checkpoint, manifest = await self._checkpoint(spec.cell, pinned=pinned)
        cell = spec.cell.model_copy(update={"checkpoint": checkpoint.id})
        return Admitted(folder, spec.model_copy(update={"cell": cell}), manifest)

    async def secrets(self, spec: RevisionSpec, folder: str) -> None:
        """Admit a revision's secrets.

        Raises:
            InvalidArgument: some don't exist; details name the fields.
        """
        await self._secrets.require(secrets_of(spec.part), folder)

    async def _folder(self, folder: str | None) -> str:
        try:
            return (await self._folders.resolve(folder)).id
        except NotFound as error:
            details: list[Detail] = [{"path": "folder", "message": error.message}]
            raise InvalidArgument(error.message, details) from error

    def _require_possible(
        self, cell: CellSpec | None, docker: DockerSpec | None, provisioning: Provisioning | None
    ) -> None:
        """Refuse what the backend cannot do, and what no backend could.

        Raises:
            Unimplemented: the message says what is missing.
            InvalidArgument: details name the field.
        """
        missing = self._capabilities.missing
        if docker is not None and not self._capabilities.docker_nodes:
            raise Unimplemented(
                missing.get("docker", "This backend runs no Docker images."),
                [{"path": "type", "message": "docker nodes do not run on this backend"}],
            )
        if cell is not None and cell.image is not None and "image" in missing:
            raise Unimplemented(
                missing["image"],
                [{"path": "cell.image", "message": "custom images do not run on this backend"}],
            )
        details: list[Detail] = []
        for kind in ("inputs", "outputs") if cell is not None else ():
            for index, variable in enumerate(getattr(cell, kind)):
                if keyword.iskeyword(variable.name):
                    message = f"{variable.name!r} is a word of the language, not a variable"
                    details.append({"path": f"cell.{kind}.{index}.name", "message": message})
        for index, zone in enumerate(provisioning.zones if provisioning is not None else ()):
            if "zones" in missing and zone.zone != "local":
                path = f"provisioning.zones.{index}.zone"
                details.append({"path": path, "message": missing["zones"]})
        part = cell or docker
        for index, mount in enumerate(part.mounts if part is not None else ()):
            field = f"{'docker' if cell is None else 'cell'}.mounts.{index}"
            if (why := unfit(mount, self._home)) is not None:
                details.append({"path": f"{field}.source", "message": why})
            if "mounts" in missing and mount.target != mount.source:
                details.append({"path": f"{field}.target", "message": missing["mounts"]})
        if details:
            raise InvalidArgument(f"{details[0]['path']}: {details[0]['message']}.", details)

    async def _checkpoint(self, spec: CellSpec, *, pinned: bool) -> tuple[Checkpoint, Manifest]:
        """Return the checkpoint that a spec names.

        Raises:
            InvalidArgument: there is none.
            FailedPrecondition: it is not pinned although it must be.
        """
        path = "cell.checkpoint"
        try:
            checkpoint = await self._checkpoints.get(spec.checkpoint)
            manifest = await self._checkpoints.manifest(checkpoint.id)
        except NotFound as error:
            raise InvalidArgument(
                error.message, [{"path": path, "message": error.message}]
            ) from error
        if pinned and not checkpoint.pinned:
            raise FailedPrecondition(
                Message(
                    "The checkpoint {checkpoint} is not pinned, so it may rotate away. Pin "
                    "it under a name first: Pin on the checkpoint's page, or `jupyter node "
                    "checkpoint pin {checkpoint} NAME`.",
                    "CHECKPOINT_NOT_PINNED",
                    checkpoint=checkpoint.id,
                ),
                [{"path": path, "message": "is not pinned"}],
            )
        return checkpoint, manifest


def _revision_of(create: NodeCreate) -> RevisionSpec:
    return RevisionSpec(cell=create.cell, docker=create.docker, provisioning=create.provisioning)
