"""How the process of a run ended, in words and as an error."""

from __future__ import annotations

from ... import exit_status
from ...errors import Detail, Internal, Message


def ending(code: int) -> str:
    """Return how a process that ran the cell ended, and the likely cause, in words.

    Args:
        code: its exit code; negative: the signal that killed it.
    """
    hint = " (os._exit or the like)" if code >= 0 else ""
    return f"its process {exit_status.ending(code)}{hint}"


def crash(code: int) -> Internal:
    """Return the error of a run whose process ended."""
    told = Message("the cell did not finish: {cause}", "CELL_CRASHED", cause=ending(code))
    detail: Detail = {"error_name": "Crash", "error_message": str(told), "traceback": []}
    if code < 0:
        detail["signal"] = -code
    else:
        detail["exit_code"] = code
    return Internal(told, [detail])
