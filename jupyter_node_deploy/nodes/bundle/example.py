"""The example of a bundle: a request that its cell takes, made of the checkpoint's values."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from ...namespace.manifest import Manifest, VariableInfo
from ...specs import CellSpec, Variable, VariableType

#: Characters of JSON that an input's default takes at most.
_DEFAULT_LENGTH = 4096


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
            one.name: _left(infos[one.name], spec)
            for one in spec.outputs
            if one.name in infos
            and has_example(infos[one.name])
            and one.type in (infos[one.name].declared, VariableType.ANY)
            and manifest.status == "ok"
        },
    }


def _left(info: VariableInfo, spec: CellSpec) -> Any:
    """Return what the notebook left of an output, in the form of the dry run's answer."""
    if spec.response is None or info.declared != VariableType.BYTES:
        return info.example
    return base64.b64decode(info.example).decode("utf-8", "replace")  # it is the body as it is


def has_example(info: VariableInfo) -> bool:
    """Return whether a checkpoint shows a variable's value as JSON."""
    return info.example is not None or info.type in ("NoneType", "None")


def default_of(manifest: Manifest, info: VariableInfo) -> dict[str, Any]:
    """Return the fields of an input that may be left out: then it is as in the checkpoint.

    None where its value is not shown, is long, or was changed by the cell itself: then a run with
    it would not repeat the cell's.
    """
    if not has_example(info) or info.name in manifest.cell.alters:
        return {}
    if len(json.dumps(info.example)) > _DEFAULT_LENGTH:
        return {}
    return {"required": False, "default": info.example}
