"""Shows the chunks of a large content in one place in memory, without a copy of them."""

from __future__ import annotations

import ctypes
import functools
import mmap
import os
import sys
from collections.abc import Sequence
from pathlib import Path

#: Kinds of file systems, by the numbers of ``statfs``, whose files do not go away while a process
#: has them mapped, which would end it: btrfs, ext, f2fs, overlayfs, tmpfs, xfs, zfs.
_LOCAL = frozenset({0x9123683E, 0xEF53, 0xF2F52010, 0x794C7630, 0x01021994, 0x58465342, 0x2FC12FC1})
#: Mappings that a process may have; Linux allows 65,530.
_MOST = 30_000
_PRIVATE_FIXED = 0x02 | 0x10
_FAILED = ctypes.c_void_p(-1).value


def can_map(directory: str, ends: Sequence[int]) -> bool:
    """Tell whether chunks can be mapped one behind the other.

    Args:
        directory: the chunks' files are in it.
        ends: where each chunk ends.
    """
    return (
        sys.platform == "linux"
        and not any(end % mmap.PAGESIZE for end in ends[:-1])
        and _is_local(directory)
        and len(ends) + _mappings() < _MOST
    )


def map_over(place: memoryview, path: str) -> None:
    """Show a file at a place in memory instead of what is there.

    It can be written to: pages are copied when they are, and the file stays as it is.

    Args:
        place: begins with a page, and is as long as the file; of ``memory.empty``.

    Raises:
        OSError: it can't; the place must not be used any more.
    """
    address = ctypes.addressof(ctypes.c_char.from_buffer(place))
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        access = mmap.PROT_READ | mmap.PROT_WRITE
        found = _libc().mmap(address, place.nbytes, access, _PRIVATE_FIXED, file, 0)
    finally:
        os.close(file)
    if found == _FAILED:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code), path)


def _is_local(directory: str) -> bool:
    status = (ctypes.c_long * 64)()  # the number comes first, and the rest takes 120 bytes
    return not _libc().statfs(os.fsencode(directory), status) and status[0] in _LOCAL


def _mappings() -> int:
    return Path("/proc/self/maps").read_bytes().count(b"\n")


@functools.cache
def _libc() -> ctypes.CDLL:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (
        ctypes.c_void_p,
        ctypes.c_size_t,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_int,
        ctypes.c_long,
    )
    return libc
