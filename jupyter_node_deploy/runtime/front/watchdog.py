"""What does not get on in a dry run is stopped long before its time is over, and told where."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from ...errors import DeadlineExceeded, NodeDeployError
from ..threads import blocked
from ..wire import FINGERPRINT, VERIFY
from .memory import children
from .place import Place, running, timed_out
from .pool import STARTING, Pool

_LOOK_SECONDS = 0.5  # between looks
_BLOCKED = 5  # looks in a row that find every thread blocked


class Watchdog:
    """Looks at what a pool does, again and again.

    Args:
        pool: one whose processes restore the state or run one request at a time.
        limit: seconds that all of it may take.
    """

    def __init__(self, pool: Pool, limit: float) -> None:
        self._pool = pool
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(limit, self._give_up, _late)
        self._task = loop.create_task(self._look())

    def end(self) -> None:
        """Stop looking."""
        self._deadline.cancel()
        self._task.cancel()

    async def _look(self) -> None:
        last, times = None, 0
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            pid = self._at_work()
            # Another process that it has started may be what it waits for.
            stuck = pid is not None and not children(pid) and blocked(pid)
            times = times + 1 if stuck and pid == last else int(stuck)
            last = pid
            if times == _BLOCKED:
                self._give_up(_hang)

    def _at_work(self) -> int | None:
        """Return a process that restores the state or runs a request, if there is one."""
        pool = self._pool
        for worker in pool.workers.values():
            if worker.load and worker.pid is not None:
                return running(worker.pid)
        if pool.status != STARTING:
            return None
        fresh = (worker.pid for worker in pool.workers.values() if worker.pid is not None)
        return next(fresh, pool.zygote_pid)

    def _give_up(self, error: Callable[[str, Place], NodeDeployError]) -> None:
        """Stop what is under way: one run or, where there is none, the start."""
        pool, pid = self._pool, self._at_work()
        assert pool.dispatcher is not None
        found = Place([], [], False) if pid is None else pool.place(pid)
        worker = next((one for one in pool.workers.values() if one.load), None)
        if worker is None:
            told = error("restoring the state", found)
            pool.fail(told.body())
            pool.dispatcher.close(str(told.message), flush=True)
            return
        looks = bool(worker.calls) and worker.calls[0].flags & (FINGERPRINT | VERIFY)
        pool.replace(worker, error("looking at the state" if looks else "the cell", found))


def _late(what: str, found: Place) -> DeadlineExceeded:
    """Return the error of a process that has no more time."""
    text = f"{what} takes too long for a dry run and was stopped, {found}"
    return timed_out(text, found)


def _hang(what: str, found: Place) -> DeadlineExceeded:
    """Return the error of a process that hangs.

    Args:
        what: what it was to do, such as ``the cell``.
    """
    text = (
        f"{what} hangs: each thread of its process waits for another one ({found}). "
        "A lock, a queue or a library's threads that the saved state brought along may need a "
        "thread that only the kernel had: make that anew inside the cell"
    )
    return timed_out(text, found, "Hang")
