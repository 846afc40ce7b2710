"""The example of a bundle: a request that its cell takes, made of the checkpoint's values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...namespace.manifest import Manifest, VariableInfo
from ...specs import CellSpec, Variable, VariableType


def example_of(manifest: Manifest, inputs: Iterable[Variable]) -> dict[str, Any]:
    """Return an example request input from the checkpoint's values."""
    infos = {variable.name: variable for variable in manifest.variables}
    found = {}
    for variable in inputs:
        info = infos.get(variable.name)
        if variable.has_default and not variable.required:
            found[variable.name] = variable.default
        elif info is not None and has_example(info):
            found[variable.name] = info.example
    return found


def known(manifest: Manifest, spec: CellSpec) -> dict[str, Any]:
    """Return ``input`` and ``output`` of the cell's run in the notebook as JSON, by name.

    What has no JSON form, or another than the declared one, is not among them.
    """
    infos = {variable.name: variable for variable in manifest.variables}
    return {
        "input": {
            one.name: infos[one.name].example
            for one in spec.inputs
            if one.name in infos and has_example(infos[one.name])
        },
        "output": {
            one.name: infos[one.name].example
            for one in spec.outputs
            if one.name in infos
            and has_example(infos[one.name])
            and one.type in (infos[one.name].declared, VariableType.ANY)
            and manifest.status == "ok"
        },
    }


def has_example(info: VariableInfo) -> bool:
    """Return whether a checkpoint shows a variable's value as JSON."""
    return info.example is not None or info.type in ("NoneType", "None")
