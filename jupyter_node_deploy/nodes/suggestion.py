"""The prefilled node form: read off a checkpoint, so that most people only click Create."""

from __future__ import annotations

import keyword
from collections.abc import Collection, Iterable
from pathlib import Path, PurePosixPath
from typing import Any

from ..distributions.distributions import Requirements
from ..namespace.manifest import Manifest, VariableInfo
from ..specs import (
    CarriedGroup,
    CellSpec,
    EnvironmentVariable,
    NodeCreate,
    ReasonInfo,
    Suggestion,
    Variable,
    VariableType,
)
from ..specs.names import LENGTH, proposed
from .bundle.beside import LARGE as LARGE_FILES
from .bundle.beside import size as bytes_of
from .bundle.example import default_of, has_example
from .bundle.slice import by_size, cut, kinds, reach
from .touched import is_secret
from .warnings import environment, warnings

#: Bytes; a value above it that shows no example is carried: nobody sends that in a request.
LARGE = 1024 * 1024
#: Bytes; a value below it that shows no example is none that JSON can say, such as NaN.
_SMALL = 4096
_MAPPINGS = ("dict", "OrderedDict", "defaultdict", "Counter")


def suggest(
    manifest: Manifest,
    *,
    checkpoint: str,
    notebook: str | None,
    taken: Collection[str],
    requirements: Requirements,
    beside: Collection[str] = (),
) -> Suggestion:
    """Return the node that a checkpoint's cell most likely should become.

    Args:
        manifest: the checkpoint.
        checkpoint: its id or pinned name, for the form.
        notebook: path of the notebook, for the node's name.
        taken: names of existing nodes.
        requirements: what the checkpoint's modules need.
        beside: files beside the notebook that the code names.
    """
    inputs = _inputs(manifest)
    outputs = _outputs(manifest)
    names = [variable.name for variable in inputs]
    given = [one.name for one in inputs if one.required or one.has_default]
    part = cut(manifest, names, given)
    infos = {variable.name: variable for variable in manifest.variables}
    spec = CellSpec(
        checkpoint=checkpoint,
        inputs=inputs,
        outputs=outputs or [Variable(name="output")],
        requirements=requirements.exact,
        files=_along(manifest, beside),
        env=[
            EnvironmentVariable(name=one.name, value=one.value)
            for one in environment(manifest, part)
            if one.value is not None
        ],
    )
    free = set(manifest.cell.free)
    found = warnings(
        manifest,
        part,
        inputs=names,
        outputs=[variable.name for variable in outputs],
        large=[v.name for v in manifest.variables if v.name in free and v.declared and _large(v)],
        requirements=requirements,
        beside=beside,
        along=spec.files,
    )
    return Suggestion(
        node=NodeCreate(name=node_name(notebook, taken), type="cell", cell=spec),
        input={name: infos[name].example for name in names if has_example(infos[name])},
        carried=part.carried,
        carried_groups=[
            CarriedGroup(names=group.names, size=group.size) for group in by_size(part.groups)
        ],
        unsaved=[{"name": one.name, "reason": one.reason or ""} for one in part.unsaved],
        files=[file.path for file in part.files],
        options=manifest.options.values if manifest.options is not None else {},
        warnings=found,
        warnings_info=[ReasonInfo.of(one) for one in found],
    )


def node_name(notebook: str | None, taken: Collection[str]) -> str:
    """Return a valid node name after the notebook's file name that no other node has."""
    base = proposed(PurePosixPath(notebook or "").stem) or "node"
    if base not in taken:
        return base
    number = 2
    while True:
        ending = f"-{number}"
        name = base[: LENGTH - len(ending)].rstrip("-") + ending
        if name not in taken:
            return name
        number += 1


def _along(manifest: Manifest, beside: Collection[str]) -> list[str]:
    """Return those of some files that go along unasked: no secrets, and not too large."""
    found, left = [], LARGE_FILES
    for name in beside:
        size = bytes_of(Path(manifest.cwd), name)
        if not is_secret(name) and size <= left:
            left -= size
            found.append(name)
    return found


def _inputs(manifest: Manifest) -> list[Variable]:
    """What a caller plausibly sends: data that the cell reads and whose value a text says.

    If it reads none itself, what the functions that it calls read.
    """
    cell = manifest.cell
    looped = {*cell.perhaps}.intersection(cell.others)
    direct = _plausible(manifest, [name for name in cell.free if name not in looped])
    if not direct:
        kind = kinds(manifest)
        code = [name for name in cell.free if kind.get(name) in ("function", "class")]
        reached = reach(manifest, code)
        direct = _plausible(manifest, [one.name for one in manifest.variables])
        direct = [one for one in direct if one.name in reached]
    return [input_of(manifest, one) for one in direct if not _large(one)]


def _plausible(manifest: Manifest, names: Iterable[str]) -> list[VariableInfo]:
    literals = manifest.literals
    # What else holds a record would go on holding the checkpoint's.
    joined = {name for one in manifest.groups if len(one.names) > 1 for name in one.names}
    return [
        one
        for one in _declarable(manifest, names)
        if can_be_input(one)
        and (literals is None or one.name in literals)
        and (has_example(one) or one.size > _SMALL)
        and not (one.name in joined and _is_record(one))
    ]


def _is_record(info: VariableInfo) -> bool:
    return info.declared == "dict" and info.type.rpartition(".")[2] not in _MAPPINGS


def can_be_input(info: VariableInfo) -> bool:
    """Tell whether a request could bring a variable's value."""
    return info.kind == "data" and info.declared is not None and info.no_input is None


def input_of(manifest: Manifest, info: VariableInfo) -> Variable:
    """Return a variable as the input that it would be.

    A request may leave it out where the checkpoint shows what it then is, or where its name says
    that it is a constant.
    """
    variable = _variable(info)
    # Arrays and tables are compared with the checkpoint's, dtypes and labels.
    strict = variable.type not in (
        VariableType.NDARRAY,
        VariableType.DATAFRAME,
        VariableType.SERIES,
    )
    found: dict[str, Any] = {"required": not _constant(info.name)}
    if manifest.literals is not None:
        found |= default_of(manifest, info)
    return Variable(
        name=variable.name,
        type=variable.type,
        json_schema=info.input_schema or info.schema,
        strict=strict,
        **found,
    )


def _outputs(manifest: Manifest) -> list[Variable]:
    cell = manifest.cell
    results = cell.assigns if cell.results is None else cell.results
    for names in (results, cell.others):
        names = [name for name in dict.fromkeys(names) if _usable(name)]
        if cell.last in names:
            names.remove(cell.last)
            names.insert(0, cell.last)
        found = [_variable(one) for one in _declarable(manifest, names)]
        if not found and manifest.status == "error":
            # The run ended before it set them, so there are no values to read types off.
            found = [Variable(name=name) for name in names]
        if found:
            return found
    return []


def _declarable(manifest: Manifest, names: Iterable[str]) -> list[VariableInfo]:
    """Those of the names that are data with a JSON form, in the order of ``names``."""
    infos = {variable.name: variable for variable in manifest.variables}
    return [
        infos[name]
        for name in dict.fromkeys(names)
        if name in infos
        and infos[name].kind == "data"
        and infos[name].declared is not None
        and _usable(name)
    ]


def _constant(name: str) -> bool:
    """By convention: a request may set it, but need not. ``X`` and ``df`` are data."""
    return len(name) > 2 and name.isupper()


def _usable(name: str) -> bool:
    return not name.startswith("_") and name.isidentifier() and not keyword.iskeyword(name)


def _variable(info: VariableInfo) -> Variable:
    """Return a variable as the output that it would be: one value is no promise about others."""
    try:
        declared = VariableType(info.declared or "any")
    except ValueError:
        declared = VariableType.ANY
    return Variable(name=info.name, type=declared, json_schema=info.schema, strict=False)


def _large(info: VariableInfo) -> bool:
    return info.size > LARGE and not has_example(info)
