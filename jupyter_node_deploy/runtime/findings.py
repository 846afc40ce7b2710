"""What is wrong with a request's inputs: the words around the findings, which are its details.

Used on both sides: standard library only.
"""

from __future__ import annotations

from ..errors import Detail, Message


def invalid(details: list[Detail]) -> Message:
    """Return what is said of inputs with these findings."""
    return Message(
        "the input does not match what the node declares: {findings}",
        "INPUT_INVALID",
        findings=summary(details),
    )


def summary(details: list[Detail]) -> str:
    """Return the first finding, and how many more there are."""
    first = details[0]
    text = f"{first['path']}: {first['message']}"
    return text if len(details) == 1 else f"{text} (and {len(details) - 1} more)"
