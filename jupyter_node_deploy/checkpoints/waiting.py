"""Checkpoints that wait for a busy kernel: one for each kernel, for whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from ..errors import DeadlineExceeded, FailedPrecondition, Message
from .models import Checkpoint

#: Seconds for which what came of it is kept for who asks again.
_KEPT = 60.0


class Waiting:
    """Asks kernels for checkpoints and lets callers come back for them.

    A kernel does what is asked once it is done with all that it was asked before, which may take
    days; no HTTP request lasts that long.

    Args:
        ask: has a kernel make a checkpoint while a file is there, however long that takes.
        announce: makes such a file for a kernel.
        patience: seconds for which a caller waits at a time.
    """

    def __init__(
        self,
        ask: Callable[[str, Path], Awaitable[Checkpoint]],
        announce: Callable[[str], Path],
        patience: float,
    ) -> None:
        self._ask = ask
        self._announce = announce
        self._patience = patience
        self._asked: dict[str, tuple[asyncio.Task[Checkpoint], Path]] = {}

    async def checkpoint(self, kernel_id: str, *, stay: bool) -> Checkpoint:
        """Make a checkpoint, or hear of the one that is asked for already.

        Args:
            kernel_id: the kernel.
            stay: leave the wish in place when the kernel is busy all the time.

        Raises:
            DeadlineExceeded: the kernel is busy; reason ``CHECKPOINT_WAITS`` where it is asked
                still.
            NodeDeployError: why there will be no checkpoint.
        """
        if kernel_id not in self._asked:
            file = await asyncio.to_thread(self._announce, kernel_id)
            task = asyncio.ensure_future(self._ask(kernel_id, file))
            self._asked[kernel_id] = task, file
            task.add_done_callback(lambda _: self._done(kernel_id, task))
        task, _ = self._asked[kernel_id]
        await asyncio.wait([task], timeout=self._patience)
        if task.cancelled():
            raise FailedPrecondition(
                Message("The checkpoint was called off.", "CHECKPOINT_CALLED_OFF")
            )
        if task.done():
            self._forget(kernel_id, task)
            return task.result()
        if stay:
            raise DeadlineExceeded(
                Message(
                    "The kernel is busy. The checkpoint is made when it is free.",
                    "CHECKPOINT_WAITS",
                )
            )
        self.cancel(kernel_id)
        raise DeadlineExceeded(
            Message(
                "The kernel is busy. Wait until its cells are done, or interrupt them, and try "
                "again.",
                "KERNEL_BUSY",
            )
        )

    def cancel(self, kernel_id: str) -> None:
        """Want no checkpoint any more; the kernel then makes none when it comes to it."""
        if asked := self._asked.pop(kernel_id, None):
            task, file = asked
            file.unlink(missing_ok=True)
            task.cancel()

    def close(self) -> None:
        """Hang up; kernels that were asked make their checkpoints nevertheless."""
        for task, _ in self._asked.values():
            task.cancel()
        self._asked.clear()

    def _done(self, kernel_id: str, task: asyncio.Task[Checkpoint]) -> None:
        if not task.cancelled():
            task.exception()  # whoever asks again is told
        asked = self._asked.get(kernel_id)
        if asked and asked[0] is task:
            asked[1].unlink(missing_ok=True)
            loop = asyncio.get_running_loop()
            loop.call_later(_KEPT, self._forget, kernel_id, task)

    def _forget(self, kernel_id: str, task: asyncio.Task[Checkpoint]) -> None:
        asked = self._asked.get(kernel_id)
        if asked and asked[0] is task:
            del self._asked[kernel_id]
