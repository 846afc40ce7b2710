"""The slice: what of a checkpoint a cell can reach, and so what its node must carry."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from ...errors import Detail, InvalidArgument, Message
from ...namespace.manifest import Group, LocalFile, Manifest, VariableInfo
from ...specs import SliceGroup

#: What is said of a checkpoint from which nothing can be cut.
DOES_NOT_COMPILE = Message(
    "The checkpoint's cell does not compile, so it cannot back a node. Mend the cell, run it, and "
    "pin the new checkpoint.",
    "CELL_DOES_NOT_COMPILE",
)


@dataclass(frozen=True)
class Slice:
    """The part of a checkpoint that goes into a bundle.

    Attributes:
        groups: the reachable groups in load order, which is the manifest's.
        unsaved: variables that the cell needs and that could not be saved.
        maybe: variables that could not be saved and that the cell might reach.
        files: local modules, all of them: any of them may import any other.
        modules: top-level modules that the cell and the groups import, sorted.
        imports: local modules that must be loaded first: those change others while they are.
        opaque: the cell may reach anything, so everything is carried.
    """

    groups: list[Group]
    unsaved: list[VariableInfo] = field(default_factory=list)
    maybe: list[VariableInfo] = field(default_factory=list)
    files: list[LocalFile] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    imports: list[str] = field(default_factory=list)
    opaque: bool = False

    @property
    def carried(self) -> list[str]:
        """Names of the variables in the groups, in load order."""
        return [name for group in self.groups for name in group.names]

    @property
    def shortage(self) -> Message:
        """What is said of the variables that the cell needs and that could not be saved."""
        return Message(
            "The cell needs variables that could not be saved: {details}. Create them inside the "
            "cell, or make them inputs.",
            "VARIABLES_NOT_SAVED",
            details="; ".join(f"{one.name} ({one.reason})" for one in self.unsaved),
            variables=[one.name for one in self.unsaved],
        )


def cut(
    manifest: Manifest,
    inputs: Collection[str] = (),
    given: Collection[str] = (),
    carry: Collection[str] = (),
    leave_out: Collection[str] = (),
) -> Slice:
    """Return what the checkpoint's cell can reach.

    Args:
        manifest: the checkpoint.
        inputs: declared inputs; carried too, for requests that leave them out.
        given: inputs that every request sets, so that their saved value is not needed.
        carry: variables that go along, reached or not.
        leave_out: variables that stay behind, reached or not.

    Raises:
        InvalidArgument: there is no such variable to carry or leave out, or one can't be left out
            alone.
    """
    _check(manifest, carry, leave_out)
    cell = manifest.cell
    left = {*leave_out}
    roots = [name for name in (*cell.free, *inputs, *carry) if name not in left]
    kind = kinds(manifest)
    # What a class' methods use is needed only if they are called, and what a loop of the cell binds
    # only if that does not run.
    surely = [name for name in roots if name not in cell.perhaps or name in carry]
    needed = reach(manifest, surely, through=lambda name: kind.get(name) != "class")
    # Read by functions of the cell that it may or may not call.
    perhaps = [name for name in cell.reads if kind.get(name) == "data" and name not in cell.assigns]
    roots += [name for name in perhaps if name not in left]
    if manifest.options is not None:  # of packages that it may or may not use
        roots += [name for name in manifest.options.uses if name not in left]
    wanted = reach(manifest, roots)
    opaque = cell.opaque or "*" in wanted
    uses_local = _uses_local(manifest, wanted)
    if not opaque and uses_local:
        wanted = reach(manifest, [*roots, *_of_local_modules(manifest)])
    while more := _patches(manifest, wanted):
        wanted |= reach(manifest, more)
    opaque = opaque or "*" in wanted
    groups = [
        group
        for group in manifest.groups
        if left.isdisjoint(group.names) and (opaque or wanted.intersection(group.names))
    ]
    lost = {v.name: v for v in manifest.variables if v.reason and v.name not in left}
    unsaved = [v for name, v in lost.items() if name in needed.difference(given)]
    return Slice(
        groups=groups,
        unsaved=[*unsaved, *_missing(manifest, {*inputs, *left})],
        maybe=[
            v
            for name, v in lost.items()
            if name not in (*needed, *cell.perhaps) and (opaque or name in wanted)
        ],
        files=list(manifest.files),
        modules=sorted({*cell.modules, *(m for group in groups for m in group.modules)}),
        imports=_changing(manifest) if uses_local or opaque else [],
        opaque=opaque,
    )


def _uses_local(manifest: Manifest, wanted: Collection[str]) -> bool:
    """Tell whether the cell or what it reaches imports a local module: that may import others."""
    modules = {*manifest.cell.modules}
    for group in manifest.groups:
        if not set(group.names).isdisjoint(wanted):
            modules.update(group.modules)
    return any(file.module.partition(".")[0] in modules for file in manifest.files)


def _changing(manifest: Manifest) -> list[str]:
    """Return the local modules that changed one another while they were loaded, in order."""
    found = {file.module for file in manifest.files if file.changed_by}
    found.update(*(file.changed_by for file in manifest.files))
    return [file.module for file in manifest.files if file.module in found]


def _of_modules(manifest: Manifest) -> list[str]:
    """Return what was saved of modules, ``module.variable``."""
    return [name for group in manifest.groups for name in group.names if "." in name]


def _of_local_modules(manifest: Manifest) -> list[str]:
    local = tuple(f"{file.module}." for file in manifest.files)
    return [name for name in _of_modules(manifest) if name.startswith(local)]


def _patches(manifest: Manifest, wanted: Collection[str]) -> list[str]:
    """Return what more goes along, because it was changed in what the cell and the rest use."""
    used = {"*", *manifest.cell.modules}
    for group in manifest.groups:
        if not set(group.names).isdisjoint(wanted):
            used.update(group.modules)
    return [
        name
        for group in manifest.groups
        if not used.isdisjoint(group.concerns)
        for name in group.names
        if name not in wanted
    ]


def survey(
    manifest: Manifest, inputs: Collection[str], carry: Collection[str], leave_out: Collection[str]
) -> list[SliceGroup]:
    """Return each group of the checkpoint, and whether it goes along; see ``cut``."""
    carried = {*cut(manifest, inputs, (), carry, leave_out).carried}
    used = {*cut(manifest, inputs).carried}
    return [
        SliceGroup(
            names=group.names,
            size=group.size,
            carried=not carried.isdisjoint(group.names),
            used=not used.isdisjoint(group.names),
        )
        for group in by_size(manifest.groups)
    ]


def by_size(groups: Iterable[Group]) -> list[Group]:
    """Return the groups, the largest first."""
    return sorted(groups, key=lambda group: -group.size)


def _check(manifest: Manifest, carry: Collection[str], leave_out: Collection[str]) -> None:
    known = {*kinds(manifest), *_of_modules(manifest)}
    details: list[Detail] = [
        {
            "path": f"cell.{field}.{position}",
            "message": f"the checkpoint has no variable {name!r}",
        }
        for field, names in (("carry", carry), ("leave_out", leave_out))
        for position, name in enumerate(names)
        if name not in known
    ]
    holder = {name: group.names for group in manifest.groups for name in group.names}
    for position, name in enumerate(leave_out):
        with_it = [other for other in holder.get(name, ()) if other not in leave_out]
        if with_it:
            others = ", ".join(repr(other) for other in with_it)
            message = f"{name!r} shares objects with {others}: leave out all of them, or none"
            details.append({"path": f"cell.leave_out.{position}", "message": message})
    details += [
        {"path": f"cell.carry.{position}", "message": f"{name!r} is left out, too"}
        for position, name in enumerate(carry)
        if name in leave_out
    ]
    if details:
        raise InvalidArgument(f"{details[0]['path']}: {details[0]['message']}", details)


def _missing(manifest: Manifest, inputs: Collection[str]) -> list[VariableInfo]:
    """Return the names that the cell reads and nobody has set, as variables with a reason."""
    cell = manifest.cell
    known = {*kinds(manifest), *inputs, *cell.assigns, *cell.perhaps}
    known.update(name for group in manifest.groups for name in group.names)
    known.update(name.removeprefix("builtins.") for name in _of_modules(manifest))
    missing = [name for name in cell.free if name not in known and not _DUNDER.fullmatch(name)]
    return [
        VariableInfo(
            name=name,
            kind="data",
            type="",
            reason=_HISTORY_REASON if _HISTORY.fullmatch(name) else _UNSET_REASON,
        )
        for name in missing
        if not cell.opaque or _HISTORY.fullmatch(name)
    ]


_DUNDER = re.compile(r"__\w+__")
#: What IPython keeps, which is no state of the notebook.
_HISTORY = re.compile(r"_{1,3}|_i{1,3}|_i?\d+|_[iod]h|In|Out")
_HISTORY_REASON = (
    "IPython's history, which only a running notebook has: give the value a name of its own"
)
_UNSET_REASON = (
    "the checkpoint has no such variable: run the cell that makes it and then this one again, or "
    "make it an input"
)


def reach(
    manifest: Manifest, roots: Iterable[str], through: Callable[[str], bool] = lambda _: True
) -> set[str]:
    """Return the names that can be reached from ``roots`` over the groups' ``uses``.

    A group is reached whole: its variables share objects. Names that no group holds stay in the
    result: they may be variables that could not be saved. ``*`` is in it when anything is reached.

    Args:
        manifest: the checkpoint.
        roots: where to start.
        through: whether the uses of a variable's group count when that is reached.
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
            if through(name):
                waiting += holder[name].uses
    return reached


def kinds(manifest: Manifest) -> dict[str, str]:
    """Return the kind of each variable by its name."""
    return {variable.name: variable.kind for variable in manifest.variables}
