"""The zygote, seen from the front: told whom to fork and to kill, it tells what came of it."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
from collections.abc import Callable, Sequence
from typing import Any

from .launch import Launched

_CHUNK = 256 * 1024
_STOP_SECONDS = 5.0


class ZygoteHandle:
    """One zygote's process, and the socket to it.

    Args:
        launched: the process.
        hear: called with each message of it.
        ended: called once the socket is closed from the other side: it has ended, or is about to.
    """

    def __init__(
        self, launched: Launched, hear: Callable[[dict[str, Any]], None], ended: Callable[[], None]
    ) -> None:
        self.process, self._socket, self.stacks = launched
        self.closed = False
        self._hear = hear
        self._ended = ended
        self._pending = b""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._readable)

    def tell(self, what: str, number: int, descriptors: Sequence[int] = ()) -> None:
        """Send a command about a worker; descriptors go along."""
        if self.closed:
            return
        line = json.dumps({what: number}).encode() + b"\n"
        try:
            if descriptors:
                socket.send_fds(self._socket, [line], list(descriptors))
            else:
                self._socket.sendall(line)
        except OSError:
            pass  # it is gone: its end is about to be read

    def close(self) -> None:
        """Let go of the socket, which ends the zygote and what it has forked."""
        if not self.closed:
            self.closed = True
            self._loop.remove_reader(self._socket)
            self._socket.close()
            os.close(self.stacks)

    def wait(self) -> int:
        """Wait until it has ended, which is helped along after a while; return its exit code."""
        try:
            return self.process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()

    def _readable(self) -> None:
        try:
            data = self._socket.recv(_CHUNK, socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self.close()
            self._ended()
            return
        *lines, self._pending = (self._pending + data).split(b"\n")
        for line in lines:
            self._hear(json.loads(line))
