"""A worker process, seen from the front."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import deque
from collections.abc import Callable

from ..handoff import HandoffTokens
from ..shared_prints import SharedPrints
from ..wire import AHEAD, Answer, AnswerReader, request_head
from .dispatcher import Call
from .slots import Slot

_CHUNK = 256 * 1024
_COPIED = 64 * 1024  # bytes of a body that is put together with others
_RINGS = 4096


class WorkerHandle:
    """One worker process: its socket, the calls that it has, and what its run has printed.

    It writes answers to the socket as they come, and rings a bell for several of them at once:
    waking the front up costs more than a short run. When it dies, all are there to be read.
    """

    def __init__(
        self,
        number: int,
        sock: socket.socket,
        answered: Callable[[WorkerHandle, Answer], None],
        concurrency: int = 1,
    ) -> None:
        self.answered = answered
        self.number = number
        self.sock = sock
        self.pid: int | None = None
        self.calls: deque[Call] = deque()  # the first runs, the others were handed over ahead
        self.stale = 0  # calls taken back that it has not noticed yet
        self.deadline = 0.0
        self.served = 0
        self.ready = False
        self.restored = 0  # bytes of the state, where it shares that with no other process
        self.leaving = False  # killed by us, or dead
        self.outgrown = False  # to be replaced after its run
        self.prints = SharedPrints(slots=concurrency)
        #: What the dispatcher gives calls to: itself, where it runs one at a time.
        self.slots: list[WorkerHandle | Slot] = (
            [self] if concurrency == 1 else [Slot(self, slot) for slot in range(concurrency)]
        )
        self.tokens = HandoffTokens()
        self._bell, self._ringer = os.pipe()
        self._loop = asyncio.get_running_loop()
        self._reader = AnswerReader()
        self._rest: deque[memoryview] = deque()  # of frames that there was no room for
        self._writing = False  # as soon as there is
        self._listening = False  # to the socket itself
        self.closed = False
        sock.setblocking(False)
        os.set_blocking(self._bell, False)
        self._loop.add_reader(self._bell, self._rung)

    @property
    def descriptors(self) -> list[int]:
        """What the process needs besides its socket."""
        return [self.prints.descriptor, self.tokens.descriptor, self._ringer]

    @property
    def load(self) -> int:
        """How many runs it is at."""
        return sum(1 for slot in self.slots if slot.calls)

    def start(self, calls: list[Call]) -> None:
        """Send calls to the process."""
        ahead = len(calls) if self.calls else len(calls) - 1
        self.calls.extend(calls)
        if ahead:
            self.tokens.give(ahead)
        frames: list[bytes] = []
        for call in calls:
            flags = call.flags if call is self.calls[0] else call.flags | AHEAD
            frames += request_head(call.body, flags, call.folder), call.body
        self.send(frames)

    def send(self, pieces: list[bytes]) -> None:
        """Send frames to the process, now or when there is room."""
        # Small pieces together cost one system call; a large one is not worth a copy.
        if len(pieces[-1]) < _COPIED:
            pieces = [b"".join(pieces)]
        self._rest += map(memoryview, pieces)
        if not self._writing:
            self._write()
            if self._rest:
                self._writing = True
                self._loop.add_writer(self.sock, self._writable)

    def _write(self) -> None:
        rest = self._rest
        try:
            while rest:
                sent = self.sock.send(rest[0])
                if sent < len(rest[0]):
                    rest[0] = rest[0][sent:]
                else:
                    rest.popleft()
        except BlockingIOError:
            pass
        except OSError:  # it is dead; the zygote will say how
            rest.clear()

    def reclaim(self) -> list[Call]:
        """Take back what has not begun."""
        count = self.tokens.take_all()
        self.stale += count
        calls = [self.calls.pop() for _ in range(count)]
        calls.reverse()
        return calls

    def close(self) -> None:
        """Let go of the socket."""
        self.closed = True
        self._loop.remove_reader(self._bell)
        os.close(self._bell)
        os.close(self._ringer)
        self._loop.remove_reader(self.sock)
        self._loop.remove_writer(self.sock)
        self.sock.close()
        self.prints.close()
        self.tokens.close()

    def drain(self) -> None:
        """Read what the process has answered already: it may be about to end, or dead."""
        while self._receive():
            pass

    def _rung(self) -> None:
        os.read(self._bell, _RINGS)
        self.drain()

    def _receive(self) -> bool:
        if self.closed:
            return False  # by what an answer has brought about
        room, data = self._reader.room, b""
        try:
            if room is None:
                data = self.sock.recv(_CHUNK)
                count = len(data)
            else:
                with room:  # the body may change its size later on
                    count = self.sock.recv_into(room)
        except BlockingIOError:
            return False
        except OSError:
            count = 0
        if not count:  # the end; the zygote says how it ended
            self._loop.remove_reader(self.sock)
            return False
        answers = self._reader.feed(data) if room is None else self._reader.filled(count)
        if self._reader.within != self._listening:
            # The bell is not rung again for the rest of a large answer.
            self._listening = self._reader.within
            if self._listening:
                self._loop.add_reader(self.sock, self.drain)
            else:
                self._loop.remove_reader(self.sock)
        for answer in answers:
            self.answered(self, answer)
        return self._listening or count == _CHUNK

    def _writable(self) -> None:
        self._write()
        if not self._rest:
            self._writing = False
            self._loop.remove_writer(self.sock)
