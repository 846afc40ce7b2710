"""What came of a run that nobody sent: its outputs, or why it failed. In the front's process."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

from ..bundle import Bundle
from ..reply import split
from ..wire import RAW, Answer

_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMES = {3: "InvalidInput", 4: "Timeout", 9: "CannotRun", 13: "BadOutput", 15: "DataLoss"}


def is_done(answer: Answer) -> bool:
    """Return whether every declared output came out."""
    return answer.status == 200 or answer.kind == RAW


def output_of(bundle: Bundle, answer: Answer) -> dict[str, Any]:
    """Return the outputs of a run that is done, by name."""
    if answer.kind == RAW:
        assert bundle.response is not None
        text = split(answer.body)[1].decode("utf-8", "replace")
        return {bundle.response["body"]: text}
    found: dict[str, Any] = json.loads(answer.body)
    return found


def failure_of(error: dict[str, Any]) -> dict[str, Any]:
    """Return ``error_name``, ``error_message`` and ``traceback`` (lines) of a run that failed.

    Args:
        error: an error body; what the cell raised is in its first detail.
    """
    details = error["details"]
    if details and "error_name" in details[0]:
        return {"traceback": [], **details[0]}
    return {
        "error_name": _NAMES.get(error["code"], "Error"),
        "error_message": error["message"],
        "traceback": [],
        "details": details,
    }


def written(value: Any) -> str:
    """Return a value as one line of JSON.

    UTF-8 can't hold half a pair of surrogates, and parsers take no escape of one: it is shown.
    """
    text = json.dumps(value, ensure_ascii=False)
    return _SURROGATE.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text)


def tell(result: dict[str, Any]) -> int:
    """Print a dry run's result as one line of JSON; return the exit code."""
    sys.stdout.buffer.write(written(result).encode() + b"\n")
    sys.stdout.buffer.flush()
    return 0 if result["ok"] else 1
