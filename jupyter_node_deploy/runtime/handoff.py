"""Which of the requests handed to a worker ahead have begun: one token each, in a pipe.

The worker takes a token before it begins such a request, the front takes them all to get back what
has not begun. A byte is read by one of them only, so no request is lost or run twice.
Used on both sides: standard library only.
"""

from __future__ import annotations

import os

_MOST = 4096


class HandoffTokens:
    """The tokens of one worker.

    Args:
        descriptor: of a pipe's end for reading, made by another process; None makes a pipe.
    """

    def __init__(self, descriptor: int | None = None) -> None:
        self._into = -1
        if descriptor is None:
            descriptor, self._into = os.pipe()
            os.set_blocking(descriptor, False)
        self.descriptor = descriptor

    def give(self, count: int) -> None:
        """Add tokens; before the requests are sent that they stand for."""
        os.write(self._into, b"." * count)

    def take(self) -> bool:
        """Take one token; return whether there was one."""
        try:
            return os.read(self.descriptor, 1) != b""
        except BlockingIOError:
            return False

    def take_all(self) -> int:
        """Take all tokens; return how many there were."""
        try:
            return len(os.read(self.descriptor, _MOST))
        except BlockingIOError:
            return 0

    def close(self) -> None:
        """Let go of the pipe."""
        os.close(self.descriptor)
        if self._into >= 0:
            os.close(self._into)
