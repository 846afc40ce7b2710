"""How much memory a pool's workers may hold beyond the restored state."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from ...errors import Internal
from .memory import children, private
from .worker_handle import WorkerHandle

_LOOK_SECONDS = 0.5  # between looks: too slow to do after each request
_TOO_MUCH = 2  # times its limit, and a worker is not waited for until its run ends


class MemoryLimit:
    """Looks at all workers now and then, and tells which have outgrown their limit.

    Args:
        limit: bytes.
        workers: those of the pool, by number.
        outgrown: called with a worker, and whether that can't be waited for until its run ends.
    """

    def __init__(
        self,
        limit: int,
        workers: Mapping[int, WorkerHandle],
        outgrown: Callable[[WorkerHandle, bool], None],
    ) -> None:
        self.limit = limit
        self._workers = workers
        self._outgrown = outgrown
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Begin to look, unless that has begun."""
        if self._timer is None:
            self._look()

    def stop(self) -> None:
        """Look no more."""
        if self._timer is not None:
            self._timer.cancel()

    def error(self) -> Internal:
        """Return the error of a run whose worker was stopped for its memory."""
        return Internal(
            f"the cell was stopped: its worker held more than {_TOO_MUCH} times its memory limit "
            f"of {self.limit / 1024**2:.4g} MiB; give the node a higher one, or the cell "
            "less to do at once"
        )

    def _look(self) -> None:
        for worker in list(self._workers.values()):
            held = private(worker.pid) - worker.restored if worker.ready else 0
            if worker.load and self._is_too_much(worker, held):
                self._outgrown(worker, True)
            elif held > self.limit and not worker.outgrown:
                self._outgrown(worker, not worker.load)
        self._timer = asyncio.get_running_loop().call_later(_LOOK_SECONDS, self._look)

    def _is_too_much(self, worker: WorkerHandle, held: int) -> bool:
        # What a run holds in a process of its own goes with it: it counts only while it lasts.
        held += sum(private(child) for child in children(worker.pid))
        return held > _TOO_MUCH * self.limit
