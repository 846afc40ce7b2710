"""Where a pickler writes its stream to, piece by piece."""

from __future__ import annotations

import pickle
from collections.abc import Callable

_PROTOCOL = pickle.PROTO + b"\x05"
#: Bytes of a frame's header.
_HEADER = 9


class Sink:
    """Collects a stream, and asks after each piece (64 KiB) whether to go on.

    Not ``BytesIO``: large strings of bytes are kept as they are instead of being copied, and the
    pickler, which is in C, comes to Python here even in the middle of a million numbers.

    Args:
        check: called for each piece; what it raises ends the pickling.
    """

    def __init__(self, check: Callable[[], None] | None = None) -> None:
        self._pieces: list[bytes | memoryview] = []
        self._check = check
        self._framed = True
        #: Bytes so far.
        self.size = 0

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        self.size += len(piece)
        self._pieces.append(self._unframed(piece) if self._framed else piece)
        if self._check is not None:
            self._check()

    def _unframed(self, piece: bytes) -> bytes | memoryview:
        """Return a piece without the header of its frame.

        Frames end at every 64 KiB, so that one value of another length would move all headers
        behind it, and nothing of the stream would be the same. A stream is as good without them.
        """
        if not self._pieces:
            return piece  # our own preamble
        start = 2 if len(self._pieces) == 1 and piece.startswith(_PROTOCOL) else 0
        head = start + _HEADER
        if piece[start : start + 1] == pickle.FRAME and (
            int.from_bytes(piece[start + 1 : head], "little") == len(piece) - head
        ):
            return memoryview(piece)[head:]
        # Not a frame and nothing else: a large string of bytes may follow, whatever it looks like.
        self._framed = False
        return piece

    def getvalue(self) -> bytes:
        """Return the stream."""
        return b"".join(self._pieces)
