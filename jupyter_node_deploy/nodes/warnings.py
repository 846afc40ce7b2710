"""What a user should know of a checkpoint before a node is made from it."""

from __future__ import annotations

from collections.abc import Iterable

from ..checkpoints.models import Manifest
from ..distributions.distributions import Requirements
from ..errors import Message
from .bundle.slice import Slice


def warnings(
    manifest: Manifest,
    part: Slice,
    *,
    inputs: list[str],
    outputs: bool,
    large: list[str],
    requirements: Requirements,
) -> list[str]:
    """Return sentences for the user; most of them are messages with a reason.

    Args:
        manifest: the checkpoint.
        part: what of it goes along.
        inputs: names of the inputs that are suggested.
        outputs: whether an output was found.
        large: names of variables that go along, and are too large for a request.
        requirements: what the checkpoint's modules need.
    """
    found: list[str] = []
    if manifest.cell.syntax_error:
        text = "The cell does not compile, so it cannot become a node."
        found.append(Message(text, "CELL_DOES_NOT_COMPILE"))
    elif manifest.status == "error":
        text = "The cell raised an error in this checkpoint; the node is made only if a run works."
        found.append(Message(text, "CELL_RAISED_IN_CHECKPOINT"))
    found += _state(part, large)
    if not inputs:
        text = "The cell reads no variable that a request could set, so it has no inputs."
        found.append(Message(text, "NO_INPUT_FOUND"))
    if not outputs:
        text = (
            "The cell assigns no variable that can be returned as JSON: assign the result to a "
            "name in the cell, and declare that as the output."
        )
        found.append(Message(text, "NO_OUTPUT_FOUND"))
    return found + _packages(part, requirements)


def _state(part: Slice, large: list[str]) -> list[str]:
    found: list[str] = []
    if part.unsaved:
        names = [one.name for one in part.unsaved]
        text = (
            f"The cell needs {_listed(names)}, which could not be saved. Create it inside the "
            "cell, or make it an input."
        )
        found.append(Message(text, "VARIABLES_NOT_SAVED", variables=names))
    if part.opaque:
        text = (
            "The cell uses code that may reach any variable (exec, globals() and the like), so all "
            "saved variables travel with the node."
        )
        found.append(Message(text, "ALL_VARIABLES_GO_ALONG"))
    if part.maybe:
        names = [one.name for one in part.maybe]
        text = f"Could not be saved, and the cell might need it: {_listed(names)}."
        found.append(Message(text, "VARIABLES_PERHAPS_MISSED", variables=names))
    if changed := [f"{file.module}.{name}" for file in part.files for name in file.changed]:
        text = (
            f"{_listed(changed)} changed after the module was imported, and can't be saved. A node "
            "imports it anew, as its file has it: set such values in the cell, or in the file."
        )
        found.append(Message(text, "MODULE_VARIABLES_CHANGED", variables=changed))
    if edited := [file.path for file in part.files if file.edited]:
        text = (
            f"{_listed(edited)} was edited after it was imported, and goes along as it is now: "
            "reload the module, or restart the kernel, and run the cell again."
        )
        found.append(Message(text, "MODULE_FILES_EDITED", files=edited))
    if large:
        text = (
            f"{_listed(large)} is large and travels with the node; add it to the inputs if "
            "requests should set it."
        )
        found.append(Message(text, "LARGE_VARIABLES_GO_ALONG", variables=large))
    return found


def _packages(part: Slice, requirements: Requirements) -> list[str]:
    found: list[str] = []
    if requirements.warning:
        found.append(requirements.warning)
    if requirements.local:
        names = [*requirements.local]
        text = f"Installed from this machine, so no package index has it: {', '.join(names)}."
        found.append(Message(text, "PACKAGES_OF_THIS_MACHINE", packages=names))
    local = {file.path.partition("/")[0].removesuffix(".py") for file in part.files}
    unknown = [module for module in requirements.unknown if module not in local]
    if unknown:
        text = f"No installed package was found for the module {_listed(unknown)}."
        found.append(Message(text, "MODULES_WITHOUT_PACKAGE", modules=unknown))
    return found


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"'{name}'" for name in names)
