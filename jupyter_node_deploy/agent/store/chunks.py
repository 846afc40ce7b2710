"""Where the chunks of a large content end: a small change leaves most of them as they were."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from typing import Any

#: Bytes of a chunk of a buffer, and at most of a stream; at least of a stream.
_MOST, _LEAST = 1 << 20, 32 * 1024
#: Bytes of a row up to which it does not matter where a chunk ends.
_SHORT = _MOST // 16
#: Ends of the batches in which a pickler writes long lists, sets and dicts.
_BATCH = re.compile(rb"[eu]\(")


def of_buffer(buffer: memoryview) -> Iterator[int]:
    """Return the ends of a buffer's chunks.

    A frame keeps its columns as the rows of arrays: no long row is in a chunk with half of another,
    so a column that comes or changes leaves the chunks of the others as they were. Else the chunks
    are whole pages, which can be mapped.
    """
    size = buffer.nbytes
    row = min(_row(buffer.obj), size) or size
    if row <= _SHORT or row == size:
        yield from range(_MOST, size, _MOST)
    elif row <= _MOST:
        step = _MOST // row * row
        yield from range(step, size, step)
    else:
        for start in range(0, size, row):
            if start:
                yield start
            yield from range(start + _MOST, min(start + row, size), _MOST)
    yield size


def _row(array: Any) -> int:
    """Return the bytes between the rows of an array, 0 for what has none."""
    strides = getattr(array, "strides", None)
    if type(strides) is not tuple or len(strides) < 2:
        return 0
    return int(max(abs(stride) for stride in strides))


def of_stream(stream: bytes) -> Iterator[int]:
    """Return the ends of a stream's chunks.

    Whether a chunk ends between two batches depends on the bytes before that place alone: after a
    value that takes another number of bytes the next chunks end at the same values again.
    """
    last = 0
    for batch in _BATCH.finditer(stream, _LEAST):
        place = batch.start() + 1
        while place - last > _MOST:
            last += _MOST
            yield last
        if place - last >= _LEAST and zlib.crc32(stream[place - 64 : place]) % 2:
            last = place
            yield last
    while len(stream) - last > _MOST:
        last += _MOST
        yield last
    yield len(stream)
