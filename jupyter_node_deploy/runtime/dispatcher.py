"""One queue in front of all workers: bounded, and no worker idle while a request waits."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from ..errors import ResourceExhausted, Unavailable
from .frames import Answer
from .metrics import Metrics

_LONGEST_RETRY = 60  # seconds: much may change until then
_WEIGHT = 0.1  # of the newest run in the average
_TICK = 0.05  # seconds between looks at the deadlines


class Job:
    """A request on its way; times are monotonic ones (a loop's may be coarse)."""

    __slots__ = ("arrived", "body", "flags", "folder", "future", "prints", "started")

    def __init__(self, body: bytes, flags: int, folder: bytes, loop: asyncio.AbstractEventLoop):
        self.body = body
        self.flags = flags
        self.folder = folder
        self.future: asyncio.Future[Answer] = loop.create_future()
        self.arrived = time.monotonic()
        self.started = 0.0
        self.prints = (b"", b"")  # of a run that was killed

    def fail(self, error: Exception) -> None:
        """Answer with an error, unless it was answered or its client has gone."""
        if not self.future.done():
            self.future.set_exception(error)


class Runner(Protocol):
    """A worker as the dispatcher sees it."""

    deadline: float

    def start(self, job: Job) -> None:
        """Run a job."""


class Dispatcher:
    """Gives requests to workers.

    Args:
        limit: requests that may wait; one more is refused at once.
        timeout: seconds that a run may take.
        expire: called with a worker whose run takes too long.
        patience: seconds that a request may wait for its run; None: as ``timeout``.
    """

    def __init__(
        self,
        limit: int,
        timeout: float,
        metrics: Metrics,
        expire: Callable[[Runner], None],
        patience: float | None = None,
    ) -> None:
        self.limit = limit
        self.timeout = timeout
        self.metrics = metrics
        self.expire = expire
        self.patience = timeout if patience is None else patience
        self.run_seconds = 0.0  # moving average of what a run takes
        self.closed = "the node is starting"
        self.idle: deque[Runner] = deque()
        self.busy: set[Runner] = set()
        self.waiting: deque[Job] = deque()
        self._loop = asyncio.get_running_loop()
        self._ticking = False
        self._empty: asyncio.Event | None = None  # there while somebody waits for it

    async def run(self, job: Job) -> Answer:
        """Have a job run and return its answer.

        Raises:
            Unavailable: no worker can take it.
            ResourceExhausted: too many wait already, or it waited too long.
            DeadlineExceeded: the run took too long.
            Internal: the run's process died.
        """
        if self.closed:
            raise Unavailable(self.closed)
        if self.idle:
            # The one that was last busy: its pages are still in the caches.
            self._start(self.idle.pop(), job)
        elif len(self.waiting) < self.limit:
            self.waiting.append(job)
        else:
            raise ResourceExhausted(
                f"{len(self.waiting)} requests wait already: try again later"
                if self.limit
                else "every worker is busy: try again later"
            )
        if not self._ticking:
            self._ticking = True
            self._loop.call_later(_TICK, self._tick)
        try:
            return await job.future
        except asyncio.CancelledError:
            # The client went away. A run that has begun goes on; one that waits is dropped.
            if job in self.waiting:
                self.waiting.remove(job)
            raise

    def free(self, runner: Runner) -> None:
        """Take back a worker that can run the next job."""
        if runner in self.busy:
            self._measure(time.monotonic() - runner.deadline + self.timeout)
        while self.waiting:
            job = self.waiting.popleft()
            if not job.future.done():
                self._start(runner, job)
                return
        self.idle.append(runner)
        self._done(runner)

    def drain_seconds(self) -> int:
        """Return the seconds after which a worker should be free for one more request."""
        now = time.monotonic()
        oldest = max((now - one.deadline + self.timeout for one in self.busy), default=0.0)
        # Runs under way say more than the average where they take longer than that.
        each = max(self.run_seconds, oldest)
        left = each * (len(self.waiting) + 1) / max(1, len(self.busy))
        return max(1, min(_LONGEST_RETRY, math.ceil(left)))

    def forget(self, runner: Runner) -> None:
        """Give no more jobs to a worker."""
        if runner in self.idle:
            self.idle.remove(runner)
        self._done(runner)

    def close(self, reason: str, *, flush: bool) -> None:
        """Refuse new jobs; with ``flush``, also those that wait."""
        self.closed = reason
        while flush and self.waiting:
            self.waiting.popleft().fail(Unavailable(reason))

    def open(self) -> None:
        """Take jobs."""
        self.closed = ""

    async def drain(self, grace: float) -> bool:
        """Wait until nothing runs or waits, at most ``grace`` seconds; return whether it is so."""
        if self.busy or self.waiting:
            self._empty = asyncio.Event()
            try:
                async with asyncio.timeout(grace):
                    await self._empty.wait()
            except TimeoutError:
                return False
        return True

    def _measure(self, seconds: float) -> None:
        known = self.run_seconds
        self.run_seconds = seconds if not known else known + _WEIGHT * (seconds - known)

    def _done(self, runner: Runner) -> None:
        self.busy.discard(runner)
        if self._empty is not None and not self.busy and not self.waiting:
            self._empty.set()

    def _start(self, runner: Runner, job: Job) -> None:
        now = time.monotonic()
        job.started = now
        self.metrics.queue.observe(now - job.arrived)
        runner.deadline = now + self.timeout
        self.busy.add(runner)
        runner.start(job)

    def _tick(self) -> None:
        # One timer for all: a timer per request would cost more than it is worth.
        now = time.monotonic()
        for runner in [one for one in self.busy if one.deadline < now]:
            self.expire(runner)
        while self.waiting and self.waiting[0].arrived + self.patience < now:
            self.waiting.popleft().fail(
                ResourceExhausted(f"no worker was free for {self.patience:g} s: try again later")
            )
        if self.busy or self.waiting:
            self._loop.call_later(_TICK, self._tick)
        else:
            self._ticking = False
