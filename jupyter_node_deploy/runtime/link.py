"""A worker process, seen from the front."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable

from .dispatcher import Job
from .frames import Answer, AnswerReader, encode_request
from .shared_prints import SharedPrints

_CHUNK = 256 * 1024


class Worker:
    """One worker process: its socket, the job that it runs, and what that has printed."""

    def __init__(
        self, number: int, sock: socket.socket, answered: Callable[[Worker, Answer], None]
    ) -> None:
        self.answered = answered
        self.number = number
        self.sock = sock
        self.pid: int | None = None
        self.job: Job | None = None
        self.deadline = 0.0
        self.served = 0
        self.ready = False
        self.leaving = False  # killed by us, or dead
        self.outgrown = False  # to be replaced after its run
        self.prints = SharedPrints()
        self._loop = asyncio.get_running_loop()
        self._reader = AnswerReader()
        self._rest = memoryview(b"")
        sock.setblocking(False)
        self._loop.add_reader(sock, self._readable)

    def start(self, job: Job) -> None:
        """Send a job to the process."""
        self.job = job
        frame = encode_request(job.body, job.flags, job.folder)
        try:
            sent = self.sock.send(frame)
        except BlockingIOError:
            sent = 0
        except OSError:  # it is dead; the zygote will say how
            return
        if sent < len(frame):
            self._rest = memoryview(frame)[sent:]
            self._loop.add_writer(self.sock, self._writable)

    def close(self) -> None:
        """Let go of the socket."""
        self._loop.remove_reader(self.sock)
        self._loop.remove_writer(self.sock)
        self.sock.close()
        self.prints.close()

    def drain(self) -> None:
        """Read what a dead process has left behind: it may have answered before it died."""
        while self._receive():
            pass

    def _readable(self) -> None:
        self._receive()

    def _receive(self) -> bool:
        try:
            data = self.sock.recv(_CHUNK)
        except BlockingIOError:
            return False
        except OSError:
            data = b""
        if not data:  # the end; the zygote says how it ended
            self._loop.remove_reader(self.sock)
            return False
        answer = self._reader.feed(data)
        if answer is not None:
            self.answered(self, answer)
        return True

    def _writable(self) -> None:
        try:
            self._rest = self._rest[self.sock.send(self._rest) :]
        except BlockingIOError:
            return
        except OSError:
            self._rest = memoryview(b"")
        if not self._rest:
            self._loop.remove_writer(self.sock)
