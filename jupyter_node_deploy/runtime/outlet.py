"""The way of a worker's answers to the front (user's interpreter, standard library only).

An answer is written at once, so that it outlives the process. The front looks when a bell rings:
once for several answers, where the next requests are there already.
"""

from __future__ import annotations

import os
import socket
import time

from .frames import Answer

_HOLD_SECONDS = 0.0001  # from the first answer not told of to the bell
_HOLD_BYTES = 32 * 1024  # the front must read before they fill the socket
_BEGINNING = 1024  # bytes


class Outlet:
    """Sends answers.

    Args:
        sock: blocking, to the front.
        bell: descriptor of a pipe's end for writing.
    """

    def __init__(self, sock: socket.socket, bell: int) -> None:
        self._sock = sock
        self._bell = bell
        self._since = 0.0  # time of the first answer that the front does not know of
        self._held = 0  # bytes of such answers

    def send(self, answer: Answer, *, more: bool = False) -> None:
        """Send an answer.

        Args:
            more: another one follows soon, as a rule.
        """
        frame = answer.encode()
        self._held += len(frame)
        if self._held > _HOLD_BYTES:
            # The front goes on reading once it has seen the beginning.
            self._sock.sendall(frame[:_BEGINNING])
            self._ring()
            frame, more = frame[_BEGINNING:], False
        self._sock.sendall(frame)
        if more:
            now = time.perf_counter()
            if not self._since:
                self._since = now
            if now - self._since < _HOLD_SECONDS:
                return
        self._ring()

    def _ring(self) -> None:
        self._since, self._held = 0.0, 0
        os.write(self._bell, b".")
