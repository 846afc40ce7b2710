"""The builder: makes a revision's bundle from a checkpoint, and refuses what does not run."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any

from ...access.secrets import SecretService
from ...checkpoints.blobs import BlobStore
from ...errors import FailedPrecondition, Message
from ...namespace.manifest import Manifest
from ...specs import CellSpec, DryRun, RevisionSpec
from ...web.server import BODY_LIMIT
from .. import secret_values
from . import layout
from .dry_run import dry_run
from .example import known
from .layout import Identity
from .store import BundleStore, Reservation, missing

#: Seconds in which a dry run need not be made again: who looked at it creates the node next.
_LOOKED_AT = 300.0


class BundleBuilder:
    """Makes bundles.

    Args:
        bundles: where they are put.
        blobs: has the checkpoints' values.
        secrets: for the environment of dry runs.
        body_limit: bytes of a request's body.
    """

    def __init__(
        self,
        bundles: BundleStore,
        blobs: BlobStore,
        secrets: SecretService,
        body_limit: int = BODY_LIMIT,
    ) -> None:
        self.bundles = bundles
        self._blobs = blobs
        self._secrets = secrets
        self._body_limit = body_limit
        #: Dry runs of forms that were tried, and when, by all that they depend on.
        self._tried: dict[object, tuple[float, DryRun]] = {}

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
        await asyncio.to_thread(reservation.place, identity.revision)
        return spec.model_copy(
            update={
                "python": manifest.python.executable,
                "isolation": result.isolation,
                "verification": result.verification,
            }
        )

    async def copy(self, reservation: Reservation, identity: Identity, number: int) -> None:
        """Like ``build``, from the bundle of another revision of the node.

        Raises:
            DataLoss: that bundle is missing.
        """
        source = self.bundles.path(identity.id, number)
        if not source.is_dir():
            raise missing(number)
        await asyncio.to_thread(layout.copy, source, reservation.build, identity)
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
        now = time.monotonic()
        self._tried = {k: v for k, v in self._tried.items() if now - v[0] < _LOOKED_AT}
        key = spec.model_dump_json(), tuple(variables.items()), frozenset(manifest.blobs())
        if not keep and given is None and key in self._tried:
            return self._tried.pop(key)[1]
        result = await dry_run(
            directory,
            python=manifest.python.executable,
            timeout=spec.timeout,
            given=given,
            known=known(manifest, spec),
            variables=variables,
        )
        if keep and given is None:
            self._tried[key] = now, result
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
    return FailedPrecondition(
        Message(
            "The dry run with the checkpoint's values failed. {cause}", "DRY_RUN_FAILED", cause=what
        ),
        [{**error, "stdout": result.stdout}],
    )
