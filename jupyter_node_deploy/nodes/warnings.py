"""What a user should know of a checkpoint before a node is made from it."""

from __future__ import annotations

from collections.abc import Iterable

from ..distributions.distributions import Requirements
from ..errors import Message
from ..namespace.difference import Difference
from ..namespace.manifest import EnvironmentInfo, Manifest
from .bundle.slice import DOES_NOT_COMPILE, Slice


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
        found.append(
            Message(
                "The cell reads no variable that a request could set, so it has no inputs.",
                "NO_INPUT_FOUND",
            )
        )
    if not outputs:
        found.append(
            Message(
                "The cell assigns no variable that can be returned as JSON: assign the result to a "
                "name in the cell, and declare that as the output.",
                "NO_OUTPUT_FOUND",
            )
        )
    used = {*part.modules}
    concern = [one for one in manifest.differences if not one.modules or used & {*one.modules}]
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
    return found + differences(concern) + _packages(part, requirements)


def environment(manifest: Manifest, part: Slice) -> list[EnvironmentInfo]:
    """Return the variables of the kernel's environment that the node may need."""
    read = {*manifest.cell.environment}
    read.update(*(group.environment for group in part.groups))
    read.update(*(file.environment for file in part.files))
    return [one for one in manifest.environment if one.assigned or one.name in read]


def differences(found: Iterable[Difference]) -> list[str]:
    """Return what is said of differences between the session and the node."""
    return [_difference(one) for one in found]


def _difference(one: Difference) -> Message:
    if one.kind == "patch":
        return Message(
            "The notebook changed '{subject}' of an installed package, and the node does not have "
            "that: {detail}. Make the change in the cell, or in a local module that it imports.",
            "PATCH_NOT_CARRIED",
            subject=one.subject,
            detail=one.detail,
        )
    if one.kind == "option":
        return Message(
            "The option '{subject}' is not as it was in the notebook: {detail}. Set it in the "
            "cell.",
            "OPTION_NOT_CARRIED",
            subject=one.subject,
            detail=one.detail,
        )
    if one.kind == "module":
        return Message(
            "The module '{subject}' is not as it was in the notebook: {detail}. Restart the kernel "
            "and run the notebook again, or define in the notebook what the cell needs of it.",
            "MODULE_NOT_CARRIED",
            subject=one.subject,
            detail=one.detail,
        )
    if one.kind == "environment":
        return Message(
            "The cell reads the environment variable '{subject}': {detail}. Add it to the node's "
            "environment variables if the node needs it.",
            "ENVIRONMENT_NOT_CARRIED",
            subject=one.subject,
            detail=one.detail,
        )
    return Message(
        "'{subject}' does not come back as it was in the notebook: {detail}. Create it in the "
        "cell, or make it an input.",
        "VALUE_DIFFERS",
        subject=one.subject,
        detail=one.detail,
    )


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
                "Installed from this machine, so no package index has it: {packages}.",
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
