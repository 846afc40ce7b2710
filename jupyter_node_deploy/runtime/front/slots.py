"""One of the runs at a time of a worker that takes several, seen from the front."""

from __future__ import annotations

from collections import deque
from typing import Protocol

from ..wire import CANCEL, request_head
from .dispatcher import Call


class Process(Protocol):
    """What a slot needs of its worker."""

    number: int

    @property
    def load(self) -> int:
        """How many of its slots are taken."""

    def send(self, frame: list[bytes]) -> None:
        """Send a frame, in pieces, to the process."""

    def drain(self) -> None:
        """Read what it has answered so far."""


class Slot:
    """A place for one run in a worker, the dispatcher's ``Runner``.

    Args:
        worker: whose.
        number: its number there.
    """

    stale = 0  # nothing is handed over ahead

    def __init__(self, worker: Process, number: int) -> None:
        self.worker = worker
        self.number = number
        self.calls: deque[Call] = deque()
        self.deadline = 0.0
        self.cancelled = False  # the run was told to stop

    @property
    def load(self) -> int:
        """How busy its worker is."""
        return self.worker.load

    def start(self, calls: list[Call]) -> None:
        """Run a call."""
        (call,) = calls
        self.calls.append(call)
        self.cancelled = False
        self.worker.send([request_head(call.body, call.flags, call.folder, self.number), call.body])

    def cancel(self) -> None:
        """Tell the run to stop; it is answered as any other, if it gives way."""
        self.cancelled = True
        self.worker.send([request_head(b"", CANCEL, b"", self.number)])

    def reclaim(self) -> list[Call]:
        """Take back what has not begun: nothing."""
        return []

    def drain(self) -> None:
        """Read what the worker has answered so far."""
        self.worker.drain()
