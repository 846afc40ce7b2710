"""The smoke test: where a revision is to serve, its cell runs once before it does.

The machine, the container, its user, limits and network are the node's own then, which they are not
in the dry run. Runs in the front's process, before that is ready for the first time, as long as the
bundle has the file that asks for it.
"""

from __future__ import annotations

import json
from typing import Any

from ...errors import Internal, NodeDeployError
from ..bundle import Bundle
from ..wire import KEEP, Answer
from .answers import Drawn, Told, differing
from .dispatcher import AwaitedCall, Dispatcher
from .pool import Pool
from .result import failure_of, is_done, output_of, written

_STDERR_LINES = 5


class SmokeTest:
    """One run with the checkpoint's values, whose answer is compared with the dry run's.

    Args:
        bundle: what is run; its file has the dry run's ``output``.
        pool: of the workers that are to serve.
        dispatcher: open; nothing else may be run meanwhile.

    Attributes:
        differences: what was answered otherwise than in the dry run.
        failure: ``error_name``, ``error_message``, ``traceback`` and ``stderr`` (lines) of the run,
            if it failed.
    """

    def __init__(self, bundle: Bundle, pool: Pool, dispatcher: Dispatcher) -> None:
        self._bundle = bundle
        self._pool = pool
        self._dispatcher = dispatcher
        self.differences: list[Told] = []
        self.failure: dict[str, Any] | None = None

    @staticmethod
    def is_due(bundle: Bundle) -> bool:
        """Return whether no instance of the revision has passed one."""
        return bundle.smoke_test and bundle.asked.exists()

    async def run(self) -> dict[str, Any] | None:
        """Run the cell; return the body of the error if that failed."""
        try:
            known = json.loads(self._bundle.asked.read_bytes())["output"]
        except FileNotFoundError:
            return None  # passed by another instance this moment
        except (OSError, ValueError, KeyError, TypeError) as error:
            return Internal(f"the bundle's smoke test can't be read: {error!r}").body()
        call = AwaitedCall(b"", KEEP)
        try:
            answer = await self._dispatcher.run(call)
        except NodeDeployError as error:
            return self._failed(error.body(), call.prints[1])
        if not is_done(answer):
            return self._failed(json.loads(answer.body), answer.stderr)
        self.differences = await self._compare(known, answer)
        if self._bundle.isolation != "request":
            self._renew()  # requests find the state as it was saved
        return None

    def _failed(self, error: dict[str, Any], stderr: bytes) -> dict[str, Any]:
        lines = stderr.decode(errors="replace").strip().split("\n")
        self.failure = {**failure_of(error), "stderr": lines[-_STDERR_LINES:]}
        return error

    async def _compare(self, known: dict[str, Any], answer: Answer) -> list[Told]:
        output = self._output(answer)
        if not differing("serving", known, output):
            return []
        self._renew()  # runs in one process may leave something to each other
        try:
            again = await self._dispatcher.run(AwaitedCall(b"", KEEP))
        except NodeDeployError:
            return differing("serving", known, output)
        drawn = Drawn(output, self._output(again)) if is_done(again) else None
        return differing("serving", known, output, drawn)

    def _output(self, answer: Answer) -> dict[str, Any]:
        # By the same way as the dry run's, which may show a text otherwise.
        found: dict[str, Any] = json.loads(written(output_of(self._bundle, answer)))
        return found

    def _renew(self) -> None:
        for worker in list(self._pool.workers.values()):
            if worker.served:
                self._pool.replace(worker, Internal("the worker was replaced"))
