"""Handlers of checkpoints."""

from __future__ import annotations

from ..checkpoints.models import Applied, Checkpoint, FoundCheckpoint
from ..specs import CheckpointSlice, Suggestion
from .call import Call
from .models import CheckpointList, CheckpointQuery, KernelList, Mode, VariableList


async def list_(call: Call) -> CheckpointList:
    """List checkpoints."""
    query: CheckpointQuery = call.query
    found = await call.services.checkpoints.list(
        notebook=query.notebook,
        cell_id=query.cell_id,
        kernel_id=query.kernel_id,
        pinned=query.pinned,
        before=query.before,
        limit=query.limit,
    )
    return CheckpointList(checkpoints=found, kept=await call.services.checkpoints.kept())


async def find(call: Call) -> FoundCheckpoint:
    """Find the checkpoint of the run that a cell shows."""
    return await call.services.checkpoints.find(call.body)


async def force(call: Call) -> Checkpoint:
    """Make a checkpoint of a running kernel now, or when it is no longer busy."""
    return await call.services.checkpoints.force(call.body.kernel_id, stay=call.body.stay)


async def cancel(call: Call) -> None:
    """Want no checkpoint of a busy kernel any more."""
    call.services.checkpoints.cancel(call.body.kernel_id)


async def get(call: Call) -> Checkpoint:
    """Return a checkpoint."""
    return await call.services.checkpoints.get(call.path["checkpoint"])


async def variables(call: Call) -> VariableList:
    """Return the variables of a checkpoint."""
    return VariableList(variables=(await get(call)).variables)


async def rename(call: Call) -> Checkpoint:
    """Give a pinned checkpoint another name."""
    return await call.services.checkpoints.rename((await get(call)).id, call.body.name)


async def pin(call: Call) -> Checkpoint:
    """Pin a checkpoint."""
    return await call.services.checkpoints.pin((await get(call)).id, call.body.name, call.user)


async def unpin(call: Call) -> Checkpoint:
    """Unpin a checkpoint; the oldest one is gone thereby, and is shown as it was."""
    before = await get(call)
    after = await call.services.checkpoints.unpin(before.id)
    return after or before.model_copy(update={"name": None, "pinned": False, "pinned_by": None})


async def apply(call: Call) -> Applied:
    """Restore a checkpoint's variables in a running kernel."""
    return await call.services.checkpoints.apply((await get(call)).id, call.body.kernel_id)


async def delete(call: Call) -> None:
    """Delete a checkpoint."""
    await call.services.checkpoints.delete((await get(call)).id)


async def suggest(call: Call) -> Suggestion:
    """Prefill the node form."""
    return await call.services.forms.suggest((await get(call)).id)


async def survey(call: Call) -> CheckpointSlice:
    """Tell which variables would go along with the cell."""
    return await call.services.forms.survey((await get(call)).id, call.body)


async def kernels(call: Call) -> KernelList:
    """List the server's Python kernels and what may keep them from making checkpoints."""
    return KernelList(kernels=call.services.checkpoints.kernels())


async def get_mode(call: Call) -> Mode:
    """Return when checkpoints are made."""
    return Mode(mode=call.services.checkpoints.mode)


async def set_mode(call: Call) -> Mode:
    """Set when checkpoints are made, in running kernels too."""
    await call.services.checkpoints.set_mode(call.body.mode)
    return await get_mode(call)
