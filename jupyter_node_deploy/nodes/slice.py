"""The slice: what of a checkpoint a cell can reach, and so what its node must carry."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from ..checkpoints.models import Group, LocalFile, Manifest, VariableInfo


@dataclass(frozen=True)
class Slice:
    """The part of a checkpoint that goes into a bundle.

    Attributes:
        groups: the reachable groups in load order, which is the manifest's.
        unsaved: variables that the cell needs and that could not be saved.
        maybe: variables that could not be saved and that the cell might reach.
        files: local modules, all of them: any of them may import any other.
        modules: top-level modules that the cell and the groups import, sorted.
        opaque: the cell may reach anything, so everything is carried.
    """

    groups: list[Group]
    unsaved: list[VariableInfo] = field(default_factory=list)
    maybe: list[VariableInfo] = field(default_factory=list)
    files: list[LocalFile] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    opaque: bool = False

    @property
    def carried(self) -> list[str]:
        """Names of the variables in the groups, in load order."""
        return [name for group in self.groups for name in group.names]


def cut(manifest: Manifest, inputs: Iterable[str] = (), given: Iterable[str] = ()) -> Slice:
    """Return what the checkpoint's cell can reach.

    Args:
        manifest: the checkpoint.
        inputs: declared inputs; carried too, for requests that leave them out.
        given: inputs that every request sets, so that their saved value is not needed.
    """
    cell = manifest.cell
    needed = reach(manifest, [*cell.free, *inputs])
    # Read by functions of the cell that it may or may not call.
    kind = kinds(manifest)
    perhaps = [name for name in cell.reads if kind.get(name) == "data" and name not in cell.assigns]
    wanted = needed | reach(manifest, perhaps)
    opaque = cell.opaque or "*" in wanted
    groups = [group for group in manifest.groups if opaque or wanted.intersection(group.names)]
    lost = {variable.name: variable for variable in manifest.variables if variable.reason}
    return Slice(
        groups=groups,
        unsaved=[v for name, v in lost.items() if name in needed.difference(given)],
        maybe=[v for name, v in lost.items() if name not in needed and (opaque or name in wanted)],
        files=list(manifest.files),
        modules=sorted({*cell.modules, *(m for group in groups for m in group.modules)}),
        opaque=opaque,
    )


def reach(manifest: Manifest, roots: Iterable[str]) -> set[str]:
    """Return the names that can be reached from ``roots`` over the groups' ``uses``.

    A group is reached whole: its variables share objects. Names that no group holds stay in the
    result: they may be variables that could not be saved. ``*`` is in it when anything is reached.
    """
    holder = {name: group for group in manifest.groups for name in group.names}
    reached: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        if name in holder:
            waiting += holder[name].names
            waiting += holder[name].uses
    return reached


def kinds(manifest: Manifest) -> dict[str, str]:
    """Return the kind of each variable by its name."""
    return {variable.name: variable.kind for variable in manifest.variables}
