"""Where a pickler writes its stream to, piece by piece."""

from __future__ import annotations

from collections.abc import Callable


class Sink:
    """Collects a stream, and asks after each piece (64 KiB) whether to go on.

    Not ``BytesIO``: large strings of bytes are kept as they are instead of being copied, and the
    pickler, which is in C, comes to Python here even in the middle of a million numbers.

    Args:
        check: called for each piece; what it raises ends the pickling.
    """

    def __init__(self, check: Callable[[], None] | None = None) -> None:
        self._pieces: list[bytes] = []
        self._check = check

    def write(self, piece: bytes) -> None:
        """Take the next piece."""
        self._pieces.append(piece)
        if self._check is not None:
            self._check()

    def getvalue(self) -> bytes:
        """Return the stream."""
        return b"".join(self._pieces)
