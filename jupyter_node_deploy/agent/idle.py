"""A task for the idle time of the kernel, in the kernel itself."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

#: Seconds of idleness.
_PAUSE = 1.0


class IdleTask:
    """Calls a function once, when the kernel has been idle for a second.

    Args:
        function: what to call; may raise anything.
    """

    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function
        self._timer: asyncio.TimerHandle | None = None

    def soon(self) -> None:
        """Have the function called; not at all where the kernel has no event loop."""
        self.cancel()
        with contextlib.suppress(RuntimeError):
            self._timer = asyncio.get_running_loop().call_later(_PAUSE, self._run)

    def cancel(self) -> None:
        """Don't have it called: the kernel is about to run something."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _run(self) -> None:
        self._timer = None
        with contextlib.suppress(Exception):
            self._function()
