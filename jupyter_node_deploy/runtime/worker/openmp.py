"""OpenMP's idle threads: ended before this process is forked (user's interpreter).

A forked child believes in the threads that its parent had, and waits for them for ever. OpenMP can
be told to give its threads up (``omp_pause_resource_all``, since OpenMP 5.0); whoever needs them
next, parent or child, starts new ones.
"""

from __future__ import annotations

import os
import re

from ..threads import libraries

try:
    import ctypes
except ImportError:  # pragma: no cover
    ctypes = None  # type: ignore[assignment]

_RUNTIME = re.compile(r"lib(gomp|iomp5|omp)\b[^/]*\.so[^/]*$")  # GNU's, Intel's, LLVM's
_HARD = 2  # omp_pause_hard: also what a program could have set up there


def rest() -> None:
    """End the idle threads of every OpenMP library that is loaded; old ones can't."""
    if ctypes is None:
        return
    for path in libraries():
        if _RUNTIME.search(path):
            try:
                pause = ctypes.CDLL(path, os.RTLD_NOLOAD | os.RTLD_LAZY).omp_pause_resource_all
            except (OSError, AttributeError):
                continue
            pause(_HARD)
