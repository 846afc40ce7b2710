"""The builder: makes a revision's bundle from a checkpoint, and refuses what does not run."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ...access.secrets import SecretService
from ...checkpoints.blobs import BlobStore
from ...distributions.distributions import Distributions, Requirements, changed, name_of
from ...errors import FailedPrecondition, Message
from ...namespace.manifest import Manifest, PythonInfo
from ...namespace.touched import Touched
from ...specs import CellSpec, DryRun, ReasonInfo, RevisionSpec
from ...web.server import BODY_LIMIT
from .. import secret_values, touched
from ..differences import words
from . import beside, layout, tried
from .dry_run import dry_run
from .example import known
from .layout import Identity
from .store import BundleStore, Reservation, missing


class BundleBuilder:
    """Makes bundles.

    Args:
        bundles: where they are put.
        blobs: has the checkpoints' values.
        secrets: for the environment of dry runs.
        distributions: finds what a run's modules require.
        backend: name of the one that the bundles run on.
        body_limit: bytes of a request's body.
    """

    def __init__(
        self,
        bundles: BundleStore,
        blobs: BlobStore,
        secrets: SecretService,
        distributions: Distributions,
        backend: str,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self.bundles = bundles
        self._blobs = blobs
        self._secrets = secrets
        self._backend = backend
        self._body_limit = body_limit
        self._distributions = distributions
        self._tried = tried.Tried()

    async def build(
        self,
        reservation: Reservation,
        identity: Identity,
        spec: RevisionSpec,
        manifest: Manifest,
        folder: str,
    ) -> RevisionSpec:
        """Make, dry-run and place the bundle of a cell; return its spec with what was found out.

        Args:
            spec: with the cell, whose checkpoint it names by its id.
            manifest: the checkpoint's.
            folder: id of the node's folder, for secrets.

        Raises:
            FailedPrecondition: the dry run failed; details have the cell's traceback.
            NodeDeployError: see ``layout.build``.
        """
        assert spec.cell is not None
        await self._build(reservation, identity, manifest, spec.cell)
        result = await self._run(reservation.build, spec.cell, folder, manifest=manifest)
        if not result.ok:
            raise _refusal(result)
        if result.isolation is not None:
            await asyncio.to_thread(
                layout.set_isolation, reservation.build, result.isolation.chosen
            )
        if spec.cell.smoke_test:
            await asyncio.to_thread(layout.ask, reservation.build, result.output)
        await asyncio.to_thread(layout.write_libraries, reservation.build, result.touched)
        cell = await self._with_loaded(reservation.build, spec.cell, manifest, result.touched)
        await asyncio.to_thread(reservation.place, identity.revision)
        return spec.model_copy(
            update={
                "cell": cell,
                "python": manifest.python.executable,
                "isolation": result.isolation,
                "verification": result.verification,
                "touched": result.touched,
            }
        )

    async def _with_loaded(
        self, directory: Path, spec: CellSpec, manifest: Manifest, found: Touched | None
    ) -> CellSpec:
        """Return the spec with the distributions that a run has loaded beside those of the form.

        What the form was suggested and does not have was taken out by the user.
        """
        if found is None:
            return spec
        part = layout.slice_for(manifest, spec)
        sources = [self._blobs.path(file.blob) for file in part.files]
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
        self, reservation: Reservation, identity: Identity, number: int, *, alike: bool
    ) -> None:
        """Like ``build``, from the bundle of another revision of the node.

        Args:
            alike: whether its instances are like the other revision's.

        Raises:
            DataLoss: that bundle is missing.
        """
        source = self.bundles.path(identity.id, number)
        if not source.is_dir():
            raise missing(number)
        await asyncio.to_thread(layout.copy, source, reservation.build, identity, alike=alike)
        await asyncio.to_thread(reservation.place, identity.revision)

    async def validate(
        self,
        identity: Identity,
        spec: CellSpec,
        manifest: Manifest,
        given: dict[str, Any] | None,
        folder: str,
    ) -> DryRun:
        """Make a bundle, run it once and throw it away."""
        async with self.bundles.reserved(identity.id) as reservation:
            await self._build(reservation, identity, manifest, spec)
            return await self._run(
                reservation.build, spec, folder, manifest=manifest, given=given, keep=True
            )

    async def _run(
        self,
        directory: Path,
        spec: CellSpec,
        folder: str,
        *,
        manifest: Manifest,
        given: dict[str, Any] | None = None,
        keep: bool = False,
    ) -> DryRun:
        """Make the dry run, or return that which somebody has just looked at.

        Args:
            keep: the node may be created next, which is then spared another dry run.
        """
        variables = await secret_values.variables(spec, folder, self._secrets)
        content = await asyncio.to_thread(tried.content, directory)
        packages = changed(manifest.python.path)
        blobs = frozenset(manifest.blobs())
        key = spec.model_dump_json(), tuple(variables.items()), blobs, content, packages
        if not keep and given is None:
            looked_at = await asyncio.to_thread(self._tried.take, key)
            if looked_at is not None:
                return looked_at
        result = await dry_run(
            directory,
            python=manifest.python.executable,
            timeout=spec.timeout,
            given=given,
            known=known(manifest, spec),
            variables=variables,
        )
        result = await asyncio.to_thread(self._tell, result, spec, manifest)
        if keep and given is None:
            await asyncio.to_thread(self._tried.keep, key, result, spec.mounts)
        return result

    def _tell(self, result: DryRun, spec: CellSpec, manifest: Manifest) -> DryRun:
        """Add in words what was found otherwise than in the notebook, and what was touched."""
        if result.verification is not None:
            result.verification.differences += beside.changed(manifest, spec.files)
            result.warnings = words(result.verification.differences)
        result.warnings += touched.words(result.touched, spec, self._backend)
        if not result.ok:
            part = layout.slice_for(manifest, spec)
            named = beside.named(manifest, part, self._blobs)
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
            blobs=self._blobs,
            body_limit=self._body_limit,
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
