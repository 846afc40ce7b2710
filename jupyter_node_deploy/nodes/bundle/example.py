"""The example of a bundle: a request that its cell takes, made of the checkpoint's values."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ...namespace.manifest import Manifest, VariableInfo
from ...specs import Variable


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


def has_example(info: VariableInfo) -> bool:
    """Return whether a checkpoint shows a variable's value as JSON."""
    return info.example is not None or info.type in ("NoneType", "None")
