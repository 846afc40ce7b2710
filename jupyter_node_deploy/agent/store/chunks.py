"""Where a large content is cut, so that a small change leaves most of the pieces as they were."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any

#: Bytes of a piece of a buffer, and at most of a stream; at least of a stream.
PIECE, _LEAST = 1 << 20, 32 * 1024
#: Bytes of a row up to which it does not matter where a piece ends.
_SHORT = PIECE // 16
#: Ends of the batches in which a pickler writes long lists, sets and dicts.
_BATCH = re.compile(rb"[eu]\(")


def of_buffer(buffer: memoryview) -> Iterator[int]:
    """Return the ends of a buffer's pieces.

    A frame keeps its columns as the rows of arrays: no long row is in a piece with half of another,
    so a column that comes or changes leaves the pieces of the others as they were. Else the pieces
    are whole pages, which can be mapped.
    """
    size = buffer.nbytes
    row = min(_row(buffer.obj), size) or size
    if row <= _SHORT or row == size:
        yield from range(PIECE, size, PIECE)
    elif row <= PIECE:
        step = PIECE // row * row
        yield from range(step, size, step)
    else:
        for start in range(0, size, row):
            if start:
                yield start
            yield from range(start + PIECE, min(start + row, size), PIECE)
    yield size


def _row(array: Any) -> int:
    """Return the bytes between the rows of an array, 0 for what has none."""
    strides = getattr(array, "strides", None)
    if type(strides) is not tuple or len(strides) < 2:
        return 0
    return int(max(abs(stride) for stride in strides))


def of_stream(stream: bytes) -> Iterator[int]:
    """Return the ends of a stream's pieces.

    Whether a cut is made between two batches depends on the bytes before it alone: after a value
    that takes another number of bytes the next cuts are at the same values again.
    """
    last = 0
    for batch in _BATCH.finditer(stream, _LEAST):
        place = batch.start() + 1
        while place - last > PIECE:
            last += PIECE
            yield last
        if place - last >= _LEAST and zlib.crc32(stream[place - 64 : place]) % 2:
            last = place
            yield last
    while len(stream) - last > PIECE:
        last += PIECE
        yield last
    yield len(stream)
