"""The builder: makes a revision's bundle from a form, and refuses what could not run."""

from __future__ import annotations

import asyncio
import contextlib
import keyword
import time
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import Any

from ...access.secrets import SecretService
from ...backends.base import Capabilities
from ...catalog.nodes import RevisionRecord
from ...checkpoints.models import Checkpoint
from ...checkpoints.service import CheckpointService
from ...distributions.distributions import Distributions, Requirements, name_of
from ...errors import (
    Detail,
    FailedPrecondition,
    InvalidArgument,
    Message,
    NotFound,
    Unimplemented,
)
from ...namespace.manifest import Manifest, PythonInfo
from ...namespace.touched import Touched
from ...specs import CellSpec, DockerSpec, DryRun, Provisioning, ReasonInfo, RevisionSpec
from ...web.server import BODY_LIMIT
from .. import secret_values, touched
from ..differences import words
from . import beside, layout
from .dry_run import dry_run
from .example import known
from .layout import Identity
from .store import BundleStore, Reservation, missing


class BundleBuilder:
    """Makes bundles.

    Args:
        bundles: where they are put.
        checkpoints: where the cells come from.
        capabilities: what the backend can do.
        secrets: for the environment of dry runs.
        body_limit: bytes of a request's body.
    """

    def __init__(
        self,
        bundles: BundleStore,
        checkpoints: CheckpointService,
        capabilities: Capabilities,
        secrets: SecretService,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self.bundles = bundles
        self._checkpoints = checkpoints
        self._capabilities = capabilities
        self._secrets = secrets
        self._body_limit = body_limit
        self._distributions = Distributions()

    def require_possible(
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
            field = f"cell.mounts.{index}" if cell is not None else f"docker.mounts.{index}"
            if not Path(mount.source).exists():
                message = f"there is nothing at {mount.source} on this machine"
                details.append({"path": f"{field}.source", "message": message})
            if "mounts" in missing and mount.target != mount.source:
                details.append({"path": f"{field}.target", "message": missing["mounts"]})
        if details:
            raise InvalidArgument(f"{details[0]['path']}: {details[0]['message']}.", details)

    async def resolve(self, spec: CellSpec, *, pinned: bool) -> tuple[Checkpoint, Manifest]:
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

    @contextlib.asynccontextmanager
    async def reserved(self, node_id: str) -> AsyncIterator[Reservation]:
        """Hold the right to make bundles of a node; one not kept is deleted at the end."""
        reservation = await asyncio.to_thread(self.bundles.reserve, node_id)
        try:
            yield reservation
        finally:
            await asyncio.to_thread(reservation.close)

    async def draft(
        self,
        reservation: Reservation,
        identity: Identity,
        spec: CellSpec | DockerSpec,
        provisioning: Provisioning,
        folder: str,
    ) -> RevisionRecord:
        """Make what a revision runs, and return the row that is to tell of it.

        For a cell: make, dry-run and place a bundle. An image is what it is.

        Args:
            folder: id of the node's folder, for secrets.

        Raises:
            FailedPrecondition: the dry run failed; details have the cell's traceback.
            NodeDeployError: see ``resolve`` and ``layout.build``.
        """
        if isinstance(spec, DockerSpec):
            return _row(identity, RevisionSpec(docker=spec, provisioning=provisioning), None)
        checkpoint, manifest = await self.resolve(spec, pinned=True)
        # A pinned name may be given to another checkpoint later.
        spec = spec.model_copy(update={"checkpoint": checkpoint.id})
        python = manifest.python.executable
        await self._build(reservation, identity, manifest, spec)
        result = await self._run(reservation.build, spec, folder, manifest=manifest)
        if not result.ok:
            raise _refusal(result)
        if result.isolation is not None:
            await asyncio.to_thread(
                layout.set_isolation, reservation.build, result.isolation.chosen
            )
        await asyncio.to_thread(layout.write_libraries, reservation.build, result.touched)
        spec = await self._with_loaded(reservation.build, spec, manifest, result.touched)
        await asyncio.to_thread(reservation.place, identity.revision)
        content = RevisionSpec(
            cell=spec,
            provisioning=provisioning,
            python=python,
            isolation=result.isolation,
            verification=result.verification,
            touched=result.touched,
        )
        return _row(identity, content, checkpoint.id)

    async def _with_loaded(
        self, directory: Path, spec: CellSpec, manifest: Manifest, found: Touched | None
    ) -> CellSpec:
        """Return the spec with the distributions that a run has loaded beside those of the form.

        What the form was suggested and does not have was taken out by the user.
        """
        if found is None:
            return spec
        part = layout.slice_for(manifest, spec)
        sources = [self._checkpoints.blobs.path(file.blob) for file in part.files]
        asked = manifest.python, sources, manifest.cell.source
        suggested = await self._behind(part.modules, *asked)
        loaded = await self._behind([*part.modules, *found.modules], *asked)
        known = {name_of(one) for one in (*suggested.exact, *spec.requirements)}
        more = [one for one in loaded.exact if name_of(one) not in known]
        if not more:
            return spec
        spec = spec.model_copy(update={"requirements": [*spec.requirements, *more]})
        await asyncio.to_thread(layout.write_requirements, directory, spec.requirements, manifest)
        return spec

    async def _behind(
        self, modules: Iterable[str], python: PythonInfo, sources: list[Path], text: str
    ) -> Requirements:
        return await self._distributions.behind(python, modules, sources, text)

    async def copy(
        self,
        reservation: Reservation,
        identity: Identity,
        of: RevisionRecord,
        provisioning: Provisioning,
    ) -> RevisionRecord:
        """Like ``draft``, from another revision's bundle: only the provisioning is another.

        Raises:
            DataLoss: that bundle is missing, or its row is damaged.
        """
        spec = of.spec.model_copy(update={"provisioning": provisioning})
        if of.bundled:
            source = self.bundles.path(identity.id, of.number)
            if not source.is_dir():
                raise missing(of.number)
            await asyncio.to_thread(layout.copy, source, reservation.build, identity)
            await asyncio.to_thread(reservation.place, identity.revision)
        return _row(identity, spec, of.checkpoint_id)

    async def validate(
        self, identity: Identity, spec: CellSpec, given: dict[str, Any] | None, folder: str
    ) -> DryRun:
        """Make a bundle, run it once and throw it away."""
        _, manifest = await self.resolve(spec, pinned=False)
        async with self.reserved(identity.id) as reservation:
            await self._build(reservation, identity, manifest, spec)
            return await self._run(reservation.build, spec, folder, manifest=manifest, given=given)

    async def _run(
        self,
        directory: Path,
        spec: CellSpec,
        folder: str,
        *,
        manifest: Manifest,
        given: dict[str, Any] | None = None,
    ) -> DryRun:
        variables = await secret_values.variables(spec, folder, self._secrets)
        result = await dry_run(
            directory,
            python=manifest.python.executable,
            timeout=spec.timeout,
            given=given,
            known=known(manifest, spec),
            variables=variables,
        )
        return await asyncio.to_thread(self._tell, result, spec, manifest)

    def _tell(self, result: DryRun, spec: CellSpec, manifest: Manifest) -> DryRun:
        """Add in words what was found otherwise than in the notebook, and what was touched."""
        if result.verification is not None:
            result.verification.differences += beside.changed(manifest, spec.files)
            result.warnings = words(result.verification.differences)
        result.warnings += touched.words(result.touched, spec, self._capabilities.name)
        if not result.ok:
            part = layout.slice_for(manifest, spec)
            named = beside.named(manifest, part, self._checkpoints.blobs)
            if advice := touched.missing(result.touched, spec, named):
                result.warnings.insert(0, advice)
        result.warnings_info = [ReasonInfo.of(one) for one in result.warnings]
        return result

    async def _build(
        self, reservation: Reservation, identity: Identity, manifest: Manifest, spec: CellSpec
    ) -> None:
        await asyncio.to_thread(
            layout.build,
            reservation.build,
            identity=identity,
            manifest=manifest,
            spec=spec,
            blobs=self._checkpoints.blobs,
            body_limit=self._body_limit,
        )


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


def _refusal(result: DryRun) -> FailedPrecondition:
    error = result.error or {}
    what = ": ".join(
        str(part) for part in (error.get("error_name"), error.get("error_message")) if part
    )
    advice = next((one for one in result.warnings if _is_advice(one)), "")
    return FailedPrecondition(
        Message(
            "The dry run with the checkpoint's values failed. {cause} {advice}",
            "DRY_RUN_FAILED",
            cause=what,
            advice=advice,
        ),
        [{**error, "stdout": result.stdout}],
    )


def _is_advice(warning: str) -> bool:
    return isinstance(warning, Message) and warning.reason == "FILES_LEFT_BEHIND"
