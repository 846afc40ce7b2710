"""How a process ended, in words; the same where its front, and where the server, has seen it."""

from __future__ import annotations

import signal

_CAUSES = {
    "SIGKILL": "most likely because memory ran out",
    "SIGSEGV": "a fault in native code, such as a C extension or ctypes",
    "SIGBUS": "a fault in native code, or a mapped file that shrank",
    "SIGABRT": "native code gave up; the instance's log may say why",
    "SIGFPE": "a fault in native code",
    "SIGILL": "native code built for another kind of processor",
    "SIGTERM": "something asked it to end",
}


def ending(status: int) -> str:
    """Return how a process ended, and the likely cause, such as ``was killed by SIGKILL (…)``.

    Args:
        status: its exit code; negative: the signal that killed it.
    """
    if status >= 0:
        return f"ended with exit code {status}"
    try:
        name = signal.Signals(-status).name
    except ValueError:
        name = f"signal {-status}"
    cause = _CAUSES.get(name)
    return f"was killed by {name}" + (f" ({cause})" if cause else "")
