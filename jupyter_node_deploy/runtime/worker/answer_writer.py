"""The way of a worker's answers to the front (user's interpreter, standard library only).

An answer is written at once, so that it outlives the process. The front looks when a bell rings:
once for several answers, where the next requests are there already.
"""

from __future__ import annotations

import os
import socket
import time

from ..wire import Answer

_HOLD_SECONDS = 0.0001  # from the first answer not told of to the bell
_HOLD_BYTES = 32 * 1024  # the front must read before they fill the socket
_BEGINNING = 1024  # bytes


class AnswerWriter:
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
        head, body = answer.head(), answer.body
        self._held += len(head) + len(body)
        if self._held > _HOLD_BYTES:
            # The front goes on reading once it has seen the beginning.
            self._sock.sendall(head[:_BEGINNING])
            self._ring()
            self._sock.sendall(head[_BEGINNING:])
            self._sock.sendall(body)  # not put together with its head: that would copy it
            return
        self._sock.sendall(head + body)
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
