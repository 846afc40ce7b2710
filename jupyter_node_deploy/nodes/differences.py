"""What a node has or answers otherwise than the notebook, in sentences for the user."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import Message
from ..namespace.difference import Difference


def words(found: Iterable[Difference]) -> list[str]:
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
            "environment variables if the node needs it (--env, or for a secret "
            "'jupyter node secret put' and --env-secret).",
            "ENVIRONMENT_NOT_CARRIED",
            subject=one.subject,
            detail=one.detail,
        )
    if one.kind == "alias":
        return _alias(one)
    if one.kind == "input":
        return Message(
            "'{subject}' is {before} with the checkpoint's values and {after} when the example is "
            "sent as a request: JSON does not hold all that the inputs are. Make in the cell what "
            "is lost, or leave such variables out of the inputs.",
            "REQUEST_CHANGES_ANSWER",
            subject=one.subject,
            before=one.before,
            after=one.after,
        )
    if one.kind == "example":
        return Message(
            "The cell works with the checkpoint's values, but not when the example is sent as a "
            "request: {cause}",
            "EXAMPLE_FAILS",
            cause=one.detail,
        )
    if one.kind == "output":
        return Message(
            "The notebook left '{subject}' as {before}, and the dry run gave {after}. A cell that "
            "changes what it reads goes on from there, and the checkpoint has the state after it.",
            "ANSWER_DIFFERS",
            subject=one.subject,
            before=one.before,
            after=one.after,
        )
    if one.kind == "serving":
        return Message(
            "'{subject}' is {before} in the dry run on this machine, and {after} where the node "
            "serves: its time zone, language, files, environment variables or versions may be "
            "others there.",
            "ANSWER_DIFFERS_WHERE_IT_SERVES",
            subject=one.subject,
            before=one.before,
            after=one.after,
        )
    if one.kind == "file":
        return Message(
            "The file '{subject}' goes along as it is now: {detail}. Run the cell again if it is "
            "to be seen with the file's new content.",
            "FILE_NOT_OF_CHECKPOINT",
            subject=one.subject,
            detail=one.detail,
        )
    return Message(
        "'{subject}' does not come back as it was in the notebook: {detail}. Create it in the "
        "cell, or make it an input.",
        "VALUE_DIFFERS",
        subject=one.subject,
        detail=_detail(one),
    )


def _alias(one: Difference) -> Message:
    if one.before == "one":
        return Message(
            "The inputs '{inputs}' are one object in the notebook. From a request they are one "
            "only where it gives the same for both.",
            "INPUTS_ARE_ONE",
            inputs=one.subject.split(", "),
        )
    if one.before == "held":
        name, *others = one.subject.split(", ")
        return Message(
            "The cell changes the input '{input}', which shares objects or memory with "
            "'{variables}' in the notebook: there the change is seen. What a request sends is a "
            "value of its own.",
            "INPUT_SHARES_STATE",
            input=name,
            variables=others,
        )
    return Message(
        "The inputs '{inputs}' share objects or memory in the notebook: what the cell changes in "
        "one is seen in the other. From a request each is a value of its own.",
        "INPUTS_SHARE",
        inputs=one.subject.split(", "),
    )


def _detail(one: Difference) -> str:
    if one.before is None and one.after is None:
        return one.detail
    if one.after is None:
        return Message(
            "{before} in the notebook, missing in the node", "MISSING_IN_NODE", before=one.before
        )
    if one.before is None:
        return Message(
            "missing in the notebook, {after} in the node", "MISSING_IN_NOTEBOOK", after=one.after
        )
    return Message(
        "{before} in the notebook, {after} in the node",
        "OTHER_IN_NODE",
        before=one.before,
        after=one.after,
    )
