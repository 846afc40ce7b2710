"""What a run has printed so far, in memory that outlives its process.

Used on both sides: the front makes it, worker and front map it. Standard library only.
"""

from __future__ import annotations

import copy
import mmap
import os
import struct
import tempfile

ROOM = 64 * 1024  # bytes per stream
_LENGTH = struct.Struct("=I")
_LENGTHS = 2 * _LENGTH.size  # of both streams, then come the streams
_NOTHING = bytes(_LENGTHS)
_SIZE = _LENGTHS + 2 * ROOM


class SharedPrints:
    """Two bounded streams of bytes, standard output and error, for each slot of a worker.

    Args:
        descriptor: of memory that another process made; None makes new memory.
        slots: how many runs there are at a time; this is the first one's.
    """

    def __init__(self, descriptor: int | None = None, slots: int = 1) -> None:
        if descriptor is None:
            descriptor = _memory(slots * _SIZE)
        self.descriptor = descriptor
        self._map = mmap.mmap(descriptor, slots * _SIZE)
        self._start = 0
        self._lengths = [0, 0]  # of what this process has written

    def of(self, slot: int) -> SharedPrints:
        """Return the streams of another slot, in the same memory."""
        other = copy.copy(self)
        other._start = slot * _SIZE
        other._lengths = [0, 0]
        return other

    def clear(self) -> None:
        """Forget everything: the next run begins."""
        start = self._start
        if self._map[start : start + _LENGTHS] != _NOTHING:  # also what another process has written
            self._lengths = [0, 0]
            self._map[start : start + _LENGTHS] = _NOTHING

    def write(self, stream: int, data: bytes) -> None:
        """Add to a stream (0: output, 1: error) what there is room for."""
        length = self._lengths[stream]
        data = data[: ROOM - length]
        begin = self._start + _LENGTHS + stream * ROOM + length
        length += len(data)
        self._map[begin : begin + len(data)] = data
        # Last: a process killed before leaves what was there.
        _LENGTH.pack_into(self._map, self._start + stream * _LENGTH.size, length)
        self._lengths[stream] = length

    def read(self) -> tuple[bytes, bytes]:
        """Return both streams, valid UTF-8."""
        return self._read(0), self._read(1)

    def close(self) -> None:
        """Let go of the memory."""
        self._map.close()
        os.close(self.descriptor)

    def _read(self, stream: int) -> bytes:
        (length,) = _LENGTH.unpack_from(self._map, self._start + stream * _LENGTH.size)
        length = min(length, ROOM)  # the cell may write anywhere
        begin = self._start + _LENGTHS + stream * ROOM
        # The cut may be inside of a character.
        return self._map[begin : begin + length].decode("utf-8", "ignore").encode()


def _memory(size: int) -> int:
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("prints")
    else:
        with tempfile.TemporaryFile() as file:
            descriptor = os.dup(file.fileno())
    os.ftruncate(descriptor, size)
    return descriptor
