"""The node form of a checkpoint: prefilled, and what would go along with its cell."""

from __future__ import annotations

import asyncio

from ..catalog import nodes as rows
from ..catalog.engine import Catalog
from ..checkpoints.service import CheckpointService
from ..distributions.distributions import Distributions
from ..specs import CheckpointSlice, SliceRequest, Suggestion
from . import suggestion
from .bundle.beside import named
from .bundle.slice import cut, survey


class NodeForms:
    """Forms for checkpoints.

    Args:
        catalog: has the names that are taken.
        checkpoints: where cells come from.
        distributions: finds requirements.
    """

    def __init__(
        self, catalog: Catalog, checkpoints: CheckpointService, distributions: Distributions
    ) -> None:
        self._catalog = catalog
        self._checkpoints = checkpoints
        self._distributions = distributions

    async def suggest(self, checkpoint: str) -> Suggestion:
        """Return the prefilled form for a checkpoint, given by id or pinned name."""
        await self._checkpoints.complete(checkpoint)
        found = await self._checkpoints.get(checkpoint)
        manifest = await self._checkpoints.manifest(found.id)
        part = cut(manifest)
        sources = [self._checkpoints.blobs.path(file.blob) for file in part.files]
        requirements = await self._distributions.behind(
            manifest.python, part.modules, sources, manifest.cell.source
        )
        return suggestion.suggest(
            manifest,
            checkpoint=found.id,
            notebook=found.notebook,
            taken=await self._catalog.read(rows.names),
            requirements=requirements,
            beside=await asyncio.to_thread(named, manifest, part, self._checkpoints.blobs),
        )

    async def survey(self, checkpoint: str, request: SliceRequest) -> CheckpointSlice:
        """Return what of a checkpoint, given by id or pinned name, would go along with its cell.

        Raises:
            InvalidArgument: there is no such variable to carry or to leave out, or one can't be
                left out alone; details name the field of the node form.
        """
        manifest = await self._checkpoints.manifest(checkpoint)
        found = survey(manifest, request.inputs, request.carry, request.leave_out)
        infos = {one.name: one for one in manifest.variables}
        for group in found:
            known = [infos[name] for name in group.names if name in infos]
            group.inputs = [
                suggestion.input_of(manifest, one) for one in known if suggestion.can_be_input(one)
            ]
        return CheckpointSlice(groups=found)
