"""A start that is under way or has failed: images are pulled, packages installed."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

from ...errors import Aborted, CannotRun, Message, NodeDeployError
from ..base import InstanceSpec, InstanceStatus, ObservedInstance
from ..log import LogFile

_POLL = 0.2
_MADE = Message("Its container is being made.", "CONTAINER_IN_THE_MAKING")

_log = logging.getLogger(__name__)


class Start:
    """The background work until an instance's container runs.

    Args:
        spec: the instance.
        directory: has the log with the work's output.
        work: does it in a thread; is given what to tell steps to.
    """

    def __init__(
        self,
        spec: InstanceSpec,
        directory: Path,
        work: Callable[[Callable[[str], None]], Awaitable[None]],
    ) -> None:
        self.node_id = spec.node_id
        self.log = LogFile(directory)
        self.failure = ""
        self._tries: int | None = None
        self._spec = spec
        self._began = time.time()
        self._step = ""
        self._cancelled = False
        self._work = work
        self._task = asyncio.create_task(self._run())

    @property
    def running(self) -> bool:
        """Whether it is still under way."""
        return not self._task.done()

    def observed(self) -> ObservedInstance:
        """Return how far it is; what has failed counts as an instance that has ended."""
        failed = not self.running
        return ObservedInstance(
            instance_id=self._spec.instance_id,
            node_id=self._spec.node_id,
            revision=self._spec.revision,
            status=InstanceStatus.UNHEALTHY if failed else InstanceStatus.PREPARING,
            reason=self.failure if failed else self._step or _MADE,
            # Not known while it runs: a build may take longer than a start.
            started_at=self._began if failed else None,
            exited=failed,
            tries=self._tries,
        )

    async def lines(self, tail: int | None) -> AsyncIterator[str]:
        """Yield the output, and on until the end of the work."""
        given = 0
        found = await asyncio.to_thread(self.log.tail, None)
        if tail is not None:
            given = max(0, len(found) - tail)
        while True:
            running = self.running
            found = await asyncio.to_thread(self.log.tail, None)
            for line in found[given:]:
                yield line
            given = len(found)
            if not running:
                return
            await asyncio.sleep(_POLL)

    async def cancel(self) -> None:
        """Do not wait for it any longer; its thread ends at the next step."""
        self._cancelled = True
        self._task.cancel()
        await asyncio.wait([self._task])

    def _tell(self, line: str) -> None:
        if self._cancelled:
            raise Aborted("The instance is not wanted any more.")
        self._step = line
        with self.log.path.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")

    async def _run(self) -> None:
        try:
            await self._work(self._tell)
        except NodeDeployError as error:
            self.failure = error.message
            self._tries = 1 if isinstance(error, CannotRun) else None
        except Exception as error:
            _log.exception("The instance %s could not be made.", self._spec.instance_id)
            self.failure = Message(
                "Its container could not be made: {cause}.",
                "CONTAINER_NOT_MADE",
                cause=repr(error),
            )
        if self.failure:
            self._tell(self.failure)
