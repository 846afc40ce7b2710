"""The memory of values that were loaded."""

from __future__ import annotations

import mmap
import os
import re
from collections.abc import Iterable
from pathlib import Path

#: Whether values that are being loaded may be resized: each must own its memory then.
resized = False


def speaks_of_resizing(code: Iterable[bytes | memoryview]) -> bool:
    """Tell whether sources, or pickles of code, have a word for it: ``resize``, ``resize_``."""
    return any(re.search(b"resize", one) for one in code)


class PrivateMemory(mmap.mmap):
    """Memory that only the values have which were loaded into it."""


def empty(size: int) -> PrivateMemory:
    """Return memory to be filled."""
    if not hasattr(mmap, "MAP_PRIVATE"):
        return PrivateMemory(-1, size)
    # Not shared, as is the default: a forked process must not see what is changed afterwards. Not
    # in huge pages: where the machine is virtual, they can take longer than all the rest.
    return PrivateMemory(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def mapped(path: Path) -> memoryview:
    """Return a file's content, mapped privately: writable, and shared until it is written to."""
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if not size:
            return memoryview(bytearray())
        return memoryview(PrivateMemory(file.fileno(), size, access=mmap.ACCESS_COPY))
