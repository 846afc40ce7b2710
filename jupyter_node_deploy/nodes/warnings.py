"""What a user should know of a checkpoint before a node is made from it."""

from __future__ import annotations

import re
from collections.abc import Collection

from ..distributions.distributions import Requirements
from ..errors import Message
from ..namespace.difference import Difference
from ..namespace.manifest import EnvironmentInfo, Manifest
from .bundle.beside import changed, of_packages
from .bundle.slice import DOES_NOT_COMPILE, Slice
from .differences import words
from .touched import is_secret, secret_files


def warnings(
    manifest: Manifest,
    part: Slice,
    *,
    inputs: list[str],
    outputs: list[str],
    large: list[str],
    requirements: Requirements,
    beside: Collection[str] = (),
    along: Collection[str] = (),
) -> list[str]:
    """Return sentences for the user; most of them are messages with a reason.

    Args:
        manifest: the checkpoint.
        part: what of it goes along.
        inputs: names of the inputs that are suggested.
        outputs: names of the outputs that are suggested.
        large: names of variables that go along, and are too large for a request.
        requirements: what the checkpoint's modules need.
        beside: files beside the notebook that the code names.
        along: those of them that are suggested to go along.
    """
    found: list[str] = []
    if manifest.cell.syntax_error:
        found.append(DOES_NOT_COMPILE)
    elif manifest.status == "error":
        found.append(
            Message(
                "The cell raised an error in this checkpoint; the node is made only if a run "
                "works.",
                "CELL_RAISED_IN_CHECKPOINT",
            )
        )
    found += _state(part, large)
    if not inputs:
        found.append(_without_inputs(manifest))
    found += _not_returned(manifest, outputs)
    if not outputs:
        found.append(
            Message(
                "The cell assigns no variable that can be returned as JSON: assign the result to a "
                "name in the cell, and declare that as the output.",
                "NO_OUTPUT_FOUND",
            )
        )
    concern = [one for one in manifest.differences if _concerns(one, part)]
    concern += [
        Difference(
            kind="environment",
            subject=one.name,
            detail="it is set in the notebook's kernel, and its value was not copied because it "
            "may be a secret",
        )
        for one in environment(manifest, part)
        if one.value is None
    ]
    concern += changed(manifest, along)
    _, folders = of_packages(part)
    return (
        found + words(concern) + _left([*beside, *folders], along) + _packages(part, requirements)
    )


def _left(beside: Collection[str], along: Collection[str]) -> list[Message]:
    """Return what is said of files beside the notebook that do not go along unasked."""
    found = []
    left = [one for one in beside if one not in along]
    if secret := [one for one in left if is_secret(one)]:
        found.append(secret_files(secret))
    if large := [one for one in left if one not in secret]:
        found.append(
            Message(
                "The cell names '{files}', which is too large to go along unasked: mount it "
                "(--mount), reading it by its absolute path, or add it to the extra files "
                "(--file).",
                "LARGE_FILES_LEFT",
                files=large,
            )
        )
    return found


def _without_inputs(manifest: Manifest) -> Message:
    infos = {one.name: one for one in manifest.variables}
    computed = [
        name
        for name in manifest.cell.free
        if name in infos and infos[name].declared is not None and infos[name].no_input is None
    ]
    if computed:
        return Message(
            "The cell reads '{variables}', which the notebook computed and which goes along, so "
            "it has no inputs: add to the inputs what requests should set.",
            "ONLY_COMPUTED_FOUND",
            variables=computed,
        )
    return Message(
        "The cell reads no variable that a request could set, so it has no inputs.",
        "NO_INPUT_FOUND",
    )


#: What people expect to see in an answer; of other types the name alone says that it is not JSON.
_DATA = ("dict", "list", "tuple", "set", "DataFrame", "Series", "ndarray")


def _not_returned(manifest: Manifest, outputs: list[str]) -> list[Message]:
    results = {*(manifest.cell.results or ())}
    return [
        Message(
            "'{variable}' can't be returned as JSON, so it is no output: {cause}.",
            "OUTPUT_NOT_JSON",
            variable=one.name,
            cause=one.no_output,
        )
        for one in manifest.variables
        if one.name in results
        and one.kind == "data"
        and one.no_output is not None
        and (not outputs or one.type.rpartition(".")[2] in _DATA)
    ]


def environment(manifest: Manifest, part: Slice) -> list[EnvironmentInfo]:
    """Return the variables of the kernel's environment that the node may need."""
    read = {*manifest.cell.environment}
    read.update(*(group.environment for group in part.groups))
    read.update(*(file.environment for file in part.files))
    return [one for one in manifest.environment if one.assigned or one.name in read]


def _concerns(one: Difference, part: Slice) -> bool:
    if one.kind == "value":
        return any(re.match(rf"{re.escape(name)}\b", one.subject) for name in part.carried)
    return not one.modules or not {*part.modules}.isdisjoint(one.modules)


def _state(part: Slice, large: list[str]) -> list[str]:
    found: list[str] = []
    if part.unsaved:
        found.append(part.shortage)
    if part.opaque:
        found.append(
            Message(
                "The cell uses code that may reach any variable (exec, globals() and the like), so "
                "all saved variables travel with the node.",
                "ALL_VARIABLES_GO_ALONG",
            )
        )
    if part.maybe:
        names = [one.name for one in part.maybe]
        found.append(
            Message(
                "Could not be saved, and the cell might need it: '{variables}'.",
                "VARIABLES_PERHAPS_MISSED",
                variables=names,
            )
        )
    if changed := [f"{file.module}.{name}" for file in part.files for name in file.changed]:
        found.append(
            Message(
                "'{variables}' changed after the module was imported, and can't be saved. A node "
                "imports it anew, as its file has it: set such values in the cell, or in the file.",
                "MODULE_VARIABLES_CHANGED",
                variables=changed,
            )
        )
    if edited := [file.path for file in part.files if file.edited]:
        found.append(
            Message(
                "'{files}' was edited after it was imported, and goes along as it is now: reload "
                "the module, or restart the kernel, and run the cell again.",
                "MODULE_FILES_EDITED",
                files=edited,
            )
        )
    if large:
        found.append(
            Message(
                "'{variables}' is large and travels with the node; add it to the inputs if "
                "requests should set it.",
                "LARGE_VARIABLES_GO_ALONG",
                variables=large,
            )
        )
    return found


def _packages(part: Slice, requirements: Requirements) -> list[str]:
    found: list[str] = []
    if requirements.warning:
        found.append(requirements.warning)
    if requirements.local:
        names = [*requirements.local]
        found.append(
            Message(
                "Installed in place from a folder of this machine: {packages}. What is loaded of "
                "it goes along with the node as it is now, and so do its data files.",
                "PACKAGES_OF_THIS_MACHINE",
                packages=names,
            )
        )
    local = {file.path.partition("/")[0].removesuffix(".py") for file in part.files}
    unknown = [module for module in requirements.unknown if module not in local]
    if unknown:
        found.append(
            Message(
                "No installed package was found for the module '{modules}'.",
                "MODULES_WITHOUT_PACKAGE",
                modules=unknown,
            )
        )
    return found
