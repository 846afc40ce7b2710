"""How a process ended, in words."""

from __future__ import annotations

import signal

from ...errors import Detail, Internal, Message


def ending(code: int) -> str:
    """Return how a process ended, and the likely cause, in words.

    Args:
        code: its exit code; negative: the signal that killed it.
    """
    if code >= 0:
        return f"its process ended with exit code {code} (os._exit or the like)"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        name = f"signal {-code}"
    causes = {
        "SIGKILL": "most likely because memory ran out",
        "SIGSEGV": "a fault in native code, such as a C extension or ctypes",
        "SIGBUS": "a fault in native code, or a mapped file that shrank",
        "SIGABRT": "native code gave up; the instance's log may say why",
        "SIGFPE": "a fault in native code",
        "SIGILL": "native code built for another kind of processor",
        "SIGTERM": "something asked it to end",
    }
    cause = causes.get(name)
    return f"its process was killed by {name}" + (f": {cause}" if cause else "")


def crash(code: int) -> Internal:
    """Return the error of a run whose process ended."""
    told = Message("the cell did not finish: {cause}", "CELL_CRASHED", cause=ending(code))
    detail: Detail = {"error_name": "Crash", "error_message": str(told), "traceback": []}
    if code < 0:
        detail["signal"] = -code
    else:
        detail["exit_code"] = code
    return Internal(told, [detail])
