"""One queue in front of all workers: bounded, and no worker idle while a request waits.

A worker whose runs are short is handed the next requests before it has finished: the way to it and
back costs more than they do. What it has not begun can be taken back at any time, so a run that
turns out slow holds up nothing behind it.
"""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import Protocol

from ...errors import NodeDeployError, ResourceExhausted, Unavailable
from ..wire import Answer
from .metrics import Metrics

_LONGEST_RETRY = 60  # seconds: much may change until then
_WEIGHT = 0.1  # of the newest run in the average
_TICK = 0.05  # seconds between looks at the deadlines
_AHEAD_SECONDS = 0.001  # of work that is handed to a worker ahead
_AHEAD_MOST = 16  # requests
_AHEAD_BYTES = 16 * 1024  # of a body; larger ones take their time
_PATIENCE = 0.003  # seconds without an answer until what was handed ahead is taken back
_ABANDONED_SECONDS = 1.0  # that a run goes on for, when nobody waits for its answer any more


class Call:
    """A request on its way; times are monotonic ones (a loop's may be coarse)."""

    __slots__ = ("arrived", "body", "flags", "folder", "over", "prints", "started")

    def __init__(self, body: bytes, flags: int, folder: bytes) -> None:
        self.body = body
        self.flags = flags
        self.folder = folder
        self.arrived = time.monotonic()
        self.started = 0.0
        self.over = False  # answered, or its client has gone
        self.prints = (b"", b"")  # of a run that was killed

    def settle(self, outcome: Answer | NodeDeployError) -> None:
        """Answer, unless it was answered or its client has gone."""
        if not self.over:
            self.over = True
            self.finish(outcome)

    def finish(self, outcome: Answer | NodeDeployError) -> None:
        """Pass the outcome on; called once."""
        raise NotImplementedError


class AwaitedCall(Call):
    """A call whose answer a task waits for."""

    __slots__ = ("future",)

    def __init__(self, body: bytes, flags: int) -> None:
        super().__init__(body, flags, b"")
        self.future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def finish(self, outcome: Answer | NodeDeployError) -> None:
        """Wake the task up."""
        if isinstance(outcome, Answer):
            self.future.set_result(outcome)
        else:
            self.future.set_exception(outcome)


class Runner(Protocol):
    """A worker as the dispatcher sees it.

    Attributes:
        calls: what it runs, and behind it what was handed over ahead.
        deadline: when the run must be over.
        stale: requests taken back that it has not noticed yet.
    """

    calls: deque[Call]
    deadline: float
    stale: int

    @property
    def load(self) -> int:
        """How many runs its process is at."""

    def start(self, calls: list[Call]) -> None:
        """Run calls, one after the other; they are the next of ``calls``."""

    def reclaim(self) -> list[Call]:
        """Take back what has not begun."""

    def drain(self) -> None:
        """Read what it has answered so far."""


class Dispatcher:
    """Gives requests to workers.

    Args:
        limit: requests that may wait; one more is refused at once.
        timeout: seconds that a run may take.
        expire: called with a worker whose run takes too long.
        patience: seconds that a request may wait for its run; None: as ``timeout``.
        hands_ahead: whether a worker may be given requests before it has finished.
    """

    def __init__(
        self,
        limit: int,
        timeout: float,
        metrics: Metrics,
        expire: Callable[[Runner], None],
        patience: float | None = None,
        *,
        hands_ahead: bool = True,
    ) -> None:
        self.limit = limit
        self.timeout = timeout
        self.metrics = metrics
        self.expire = expire
        self.patience = timeout if patience is None else patience
        self.run_seconds = 0.0  # moving average of what a run takes
        self.closed = "the node is starting"
        self.ahead = 0  # requests that a worker may have beyond the one that it runs
        self.hands_ahead = hands_ahead
        self.idle: deque[Runner] = deque()
        self.busy: set[Runner] = set()
        self.waiting: deque[Call] = deque()
        self._loop = asyncio.get_running_loop()
        self._ticking = False
        self._watching = False
        self._handing = False  # a look at the queue is due at the end of the loop's turn
        self._empty: asyncio.Event | None = None  # there while somebody waits for it

    @property
    def queued(self) -> int:
        """How many requests wait for their run."""
        return len(self.waiting) + sum(max(0, len(one.calls) - 1) for one in self.busy)

    async def run(self, call: AwaitedCall) -> Answer:
        """Have a call run and return its answer.

        Raises:
            Unavailable: no worker can take it.
            ResourceExhausted: too many wait already, or it waited too long.
            DeadlineExceeded: the run took too long.
            Internal: the run's process died.
        """
        self.submit(call)
        return await call.future

    def submit(self, call: Call) -> None:
        """Have a call run; it is settled later.

        Raises:
            Unavailable: no worker can take it.
            ResourceExhausted: too many wait already.
        """
        if self.closed:
            raise Unavailable(self.closed)
        room = self.limit + len(self.idle)
        if len(self.waiting) + self.ahead * len(self.busy) >= room and self.queued >= room:
            raise ResourceExhausted(
                f"{self.queued} requests wait already: try again later"
                if self.limit
                else "every worker is busy: try again later"
            )
        if self.idle and not self.ahead:
            self._start(self._choose(), [call])
        else:
            self.waiting.append(call)
            self._hand_soon()
        if not self._ticking:
            self._ticking = True
            self._loop.call_later(_TICK, self._tick)

    def abandon(self, call: Call) -> None:
        """The client of a call went away: drop it, or stop its run soon."""
        call.over = True
        if call in self.waiting:
            self.waiting.remove(call)
            return
        for runner in self.busy:
            if runner.calls and runner.calls[0] is call:
                runner.deadline = min(runner.deadline, time.monotonic() + _ABANDONED_SECONDS)

    def answered(self, runner: Runner, seconds: float) -> Call:
        """Take the answer of a worker's first call; ``free`` or ``forget`` must follow.

        Args:
            seconds: what the run took.
        """
        call = runner.calls.popleft()
        known = self.run_seconds
        self.run_seconds = seconds if not known else known + _WEIGHT * (seconds - known)
        if self.hands_ahead:
            most = _AHEAD_SECONDS / max(self.run_seconds, 1e-6)
            self.ahead = min(_AHEAD_MOST, int(most)) if most >= 2 else 0
        return call

    def free(self, runner: Runner) -> None:
        """Give a worker that has answered its next call, if there is one."""
        if runner.calls:  # handed over ahead: it is at it already
            self._begin(runner, runner.calls[0], time.monotonic())
            if self.waiting:
                self._hand_soon()
            return
        if runner.stale:
            return  # it may still find what was taken back: nothing new until it has
        if not self.ahead and self.waiting:
            self._start(runner, [self.waiting.popleft()])
            return
        self.idle.append(runner)
        self._done(runner)
        if self.waiting:
            self._hand_soon()

    def drain_seconds(self) -> int:
        """Return the seconds after which a worker should be free for one more request."""
        now = time.monotonic()
        oldest = max((now - one.deadline + self.timeout for one in self.busy), default=0.0)
        # Runs under way say more than the average where they take longer than that.
        each = max(self.run_seconds, oldest)
        left = each * (self.queued + 1) / max(1, len(self.busy))
        return max(1, min(_LONGEST_RETRY, math.ceil(left)))

    def forget(self, runner: Runner) -> None:
        """Give no more calls to a worker."""
        if runner in self.idle:
            self.idle.remove(runner)
        self._done(runner)

    def again(self, calls: Iterable[Call]) -> None:
        """Put calls that were not begun back to the head of the queue."""
        self.waiting.extendleft(reversed([call for call in calls if not call.over]))
        if self.waiting:
            self._hand_soon()

    def close(self, reason: str, *, flush: bool) -> None:
        """Refuse new calls; with ``flush``, also those that wait."""
        self.closed = reason
        while flush and self.waiting:
            self.waiting.popleft().settle(Unavailable(reason))

    def open(self) -> None:
        """Take calls."""
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

    # --- handing out ---

    def _choose(self) -> Runner:
        if self.hands_ahead:
            return self.idle.pop()  # it was busy last: its pages are still in the caches
        # One that tidies up after a run should get the time for it; of slots, those of the worker
        # with the fewest runs.
        runner = min(self.idle, key=lambda one: one.load)
        self.idle.remove(runner)
        return runner

    def _hand_soon(self) -> None:
        # What arrives in one turn of the loop goes to a worker with one write.
        if not self._handing:
            self._handing = True
            self._loop.call_soon(self._hand)

    def _hand(self) -> None:
        self._handing = False
        waiting = self.waiting
        if not waiting:
            return
        takers = list(reversed(self.idle))
        if self.ahead:
            takers += sorted(
                (one for one in self.busy if not one.stale and len(one.calls) <= self.ahead),
                key=lambda one: len(one.calls),
            )
        for index, runner in enumerate(takers):
            # What is there, shared out evenly.
            share = -(-len(waiting) // (len(takers) - index))
            calls: list[Call] = []
            while waiting and len(calls) < min(share, self.ahead + 1 - len(runner.calls)):
                if len(waiting[0].body) > _AHEAD_BYTES and (calls or runner.calls):
                    break
                calls.append(waiting.popleft())
            if calls:
                if not runner.calls:
                    self.idle.remove(runner)
                self._start(runner, calls)

    def _start(self, runner: Runner, calls: list[Call]) -> None:
        if not runner.calls:
            self.busy.add(runner)
            self._begin(runner, calls[0], time.monotonic())
        runner.start(calls)
        if len(runner.calls) > 1 and not self._watching:
            self._watching = True
            self._loop.call_later(_PATIENCE, self._watch)

    def _begin(self, runner: Runner, call: Call, now: float) -> None:
        call.started = now
        self.metrics.queue.observe(now - call.arrived)
        runner.deadline = now + (_ABANDONED_SECONDS if call.over else self.timeout)

    def _watch(self) -> None:
        """Take back what waits behind a slow run while another worker has nothing to do."""
        late = time.monotonic() - _PATIENCE + self.timeout
        for runner in [one for one in self.busy if len(one.calls) > 1]:
            runner.drain()  # answers that it has not told of yet
            if self.idle and len(runner.calls) > 1 and runner.deadline < late:
                self.again(runner.reclaim())
                self._slow()
        again = any(len(runner.calls) > 1 for runner in self.busy)
        self._watching = again
        if again:
            self._loop.call_later(_PATIENCE, self._watch)

    def _slow(self) -> None:
        # Until the average says otherwise: what else there is in a run counts, too.
        self.run_seconds = max(self.run_seconds, _PATIENCE)
        self.ahead = 0

    def _done(self, runner: Runner) -> None:
        self.busy.discard(runner)
        if self._empty is not None and not self.busy and not self.waiting:
            self._empty.set()

    def _tick(self) -> None:
        # One timer for all: a timer per request would cost more than it is worth.
        now = time.monotonic()
        for runner in [one for one in self.busy if one.deadline < now]:
            self.expire(runner)
        while self.waiting and self.waiting[0].arrived + self.patience < now:
            self.waiting.popleft().settle(
                ResourceExhausted(f"no worker was free for {self.patience:g} s: try again later")
            )
        if self.busy or self.waiting:
            self._loop.call_later(_TICK, self._tick)
        else:
            self._ticking = False
