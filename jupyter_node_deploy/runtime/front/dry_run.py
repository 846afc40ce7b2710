"""The dry run: the same processes and code as serving, for a few requests.

They tell which isolation a cell needs (decision 10), and what the node has or answers otherwise
than the notebook (decision 40).
"""

from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

from ...errors import FailedPrecondition, Internal, NodeDeployError
from ..bundle import AUTO, Bundle
from ..wire import EXPLAIN, KEEP, RAW, VERIFY, Answer
from .answers import Drawn, Told, as_answered, differing
from .dispatcher import AwaitedCall, Dispatcher
from .explain import Explainer
from .isolation import Isolation
from .launch import Launched
from .log import JsonLog
from .metrics import Metrics
from .pool import BROKEN, SERVING, Pool
from .result import failure_of, output_of
from .watchdog import Watchdog

#: Beyond the cell's timeout, for all but its run; whoever started the dry run waits longer.
_MARGIN = 50.0
#: Seconds beyond the cell's timeout for runs that compare, and how much longer than the first one
#: they may be.
_SPARE, _MORE = 30.0, 1.5


async def check(
    bundle: Bundle,
    work: Path,
    python: str,
    body: bytes | None,
    launched: Launched | None = None,
    known: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Restore the state in a fresh process, run the cell and return what came out.

    What was restored is compared with what the kernel had. The cell runs twice: with the
    checkpoint's values and with the same as a request brings them; the answers are compared with
    each other and with what the notebook left. With isolation ``auto`` the state is, too.

    Args:
        bundle: what to run.
        work: the current directory for it.
        python: the user's interpreter.
        body: the input object as JSON; None keeps the checkpoint's values.
        launched: the zygote, where it was started already.
        known: ``input`` and ``output`` of the cell's run in the notebook as JSON, by name.

    Returns:
        The shape of ``specs.DryRun``.
    """
    loop = asyncio.get_running_loop()
    settled: asyncio.Future[None] = loop.create_future()

    def changed(status: str, reason: str) -> None:
        if status in (SERVING, BROKEN) and not settled.done():
            settled.set_result(None)

    metrics, log = Metrics(), JsonLog(os.open(os.devnull, os.O_WRONLY))
    pool = Pool(
        bundle.directory,
        work,
        python,
        1,
        metrics=metrics,
        log=log,
        changed=changed,
        concurrency=bundle.concurrency,
        hash_seed=bundle.hash_seed,
        launched=launched,
    )
    watchdog = Watchdog(pool, bundle.timeout + _MARGIN)
    dispatcher = Dispatcher(1, bundle.timeout, metrics, expire=pool.expire)
    pool.dispatcher = dispatcher
    pool.start()
    try:
        await settled
        if pool.status == BROKEN:
            return refused(pool.error or Internal(pool.reason).body())
        dispatcher.open()
        trial = _Trial(dispatcher, pool, bundle, body, known or {})
        return await trial.run()
    finally:
        watchdog.end()
        await pool.stop()


class _Trial:
    """The runs of a dry run.

    Args:
        dispatcher: takes the runs.
        pool: of one worker.
        bundle: what is run.
        body: the input object as JSON; None: the checkpoint's values are kept.
        known: ``input`` and ``output`` of the run in the notebook as JSON, by name, as far as they
            have such a form.
    """

    def __init__(
        self,
        dispatcher: Dispatcher,
        pool: Pool,
        bundle: Bundle,
        body: bytes | None,
        known: dict[str, Any],
    ) -> None:
        self.dispatcher = dispatcher
        self.pool = pool
        self.bundle = bundle
        self.began = time.monotonic()
        self.isolation = Isolation(dispatcher, bundle)
        kept, sent = (b"", KEEP), (json.dumps(known.get("input")).encode(), KEEP)
        self.main: tuple[bytes, int] = kept if body is None else (body, 0)
        #: The other way for the same values: kept in the process, and sent as a request.
        self.other: tuple[bytes, int] | None = None
        if known.get("input"):
            if body is None:
                self.other = sent
            elif _equal(body, known["input"]):
                self.other = kept
        #: What the notebook left; another input leads to something else.
        alike = body is None or self.other is not None
        self.left: dict[str, Any] = known.get("output", {}) if alike else {}

    async def run(self) -> dict[str, Any]:
        """Return the shape of ``specs.DryRun``."""
        verification = await self._verify()
        call = self._call(self.main)
        auto = self.bundle.isolation == AUTO
        try:
            if auto:
                await self.isolation.take()
                await self.isolation.take()  # what differs without a run can't be compared
            call = self._call(self.main)
            answer = await self.dispatcher.run(call)
        except NodeDeployError as error:
            return refused(error.body(), seconds=time.monotonic() - call.arrived)
        done = answer.status == 200 or answer.kind == RAW
        isolation, other = None, None
        if done and self.other is not None and self._has_time(answer):
            if auto:
                await self.isolation.take()
            other = await self._outcome(self.other)
        if done and auto:
            again = self._call(self.main)
            ran, looked = other is not None and other.done, other is not None
            isolation = await self.isolation.judge(again, ran=ran, looked=looked)
            if (unfit := self._unfit(isolation)) is not None:
                return refused(unfit.body(), seconds=answer.seconds)
        if answer.kind == EXPLAIN:
            answer.body = Explainer(self.bundle).explain(answer.body, self.main[0], 0)
        stdout = answer.stdout.decode()
        if not done:
            return refused(json.loads(answer.body), stdout=stdout, seconds=answer.seconds)
        output = output_of(self.bundle, answer)
        if verification is not None:
            told = await self._compare(answer, output, other)
            verification["differences"] += told
        return {
            "ok": True,
            "output": output,
            "stdout": stdout,
            "seconds": answer.seconds,
            "error": None,
            "isolation": isolation,
            "verification": verification,
        }

    def _call(self, request: tuple[bytes, int]) -> AwaitedCall:
        return AwaitedCall(*request)

    def _has_time(self, answer: Answer) -> bool:
        """Tell whether one more run ends before who waits for the dry run gives up."""
        worked = time.monotonic() - self.began
        return worked + _MORE * answer.seconds < self.bundle.timeout + _SPARE

    def _renew(self) -> None:
        """Have a worker that is as it was at the start."""
        for worker in list(self.pool.workers.values()):
            self.pool.replace(worker, Internal("the worker was replaced"))

    async def _verify(self) -> dict[str, Any] | None:
        """Compare what was restored with what the kernel had; None if that fails."""
        try:
            answer = await self.isolation.look(VERIFY)
            found: dict[str, Any] = json.loads(answer.body)
        except (NodeDeployError, ValueError):
            self._renew()
            return None
        return found if answer.status == 200 else None

    def _unfit(self, isolation: dict[str, str]) -> FailedPrecondition | None:
        if isolation["chosen"] != "request":
            return None
        if self.bundle.concurrency > 1:
            text = (
                f"{isolation['reason']}, so several requests at a time would get into each "
                "other's way: set the isolation to shared if that is as it should be, or the "
                "concurrency to 1"
            )
            return FailedPrecondition(text)
        return None

    async def _outcome(self, request: tuple[bytes, int]) -> _Outcome:
        """Run once more; whatever comes of it is told."""
        try:
            answer = await self.dispatcher.run(self._call(request))
        except NodeDeployError as error:
            return _Outcome(None, error.message)
        if answer.status == 200 or answer.kind == RAW:
            return _Outcome(output_of(self.bundle, answer))
        if answer.kind == EXPLAIN:
            answer.body = Explainer(self.bundle).explain(answer.body, request[0], 0)
        return _Outcome(None, str(json.loads(answer.body)["message"]))

    async def _compare(
        self, answer: Answer, output: dict[str, Any], other: _Outcome | None
    ) -> list[Told]:
        """Return what is otherwise in the runs, and than the notebook left it.

        What differs is looked at again, in workers of its own: runs in one process may leave
        something to each other.
        """
        left = {k: as_answered(v, output[k]) for k, v in self.left.items() if k in output}
        apart = differing("output", left, output)
        sent = self.other is not None and self.other[0] != b""
        lost = other is not None and (
            differing("input", output, other.output) if other.done else sent
        )
        if not (apart or lost) or not self._has_time(answer):
            return []
        self._renew()
        again = await self._outcome(self.main)
        drawn = Drawn(output, again.output) if again.done else None
        told = differing("output", left, output, drawn)
        if lost and self._has_time(answer):
            assert self.other is not None
            self._renew()
            other = await self._outcome(self.other)
            ways = (output, other.output) if sent else (other.output, output)
            if other.done:
                told += differing("input", *ways, drawn)
            elif sent:
                told.append({"kind": "example", "subject": "", "detail": other.failure})
        return told


class _Outcome:
    """What a run gave: its outputs, or why it failed."""

    def __init__(self, output: dict[str, Any] | None, failure: str = "") -> None:
        self.output = output or {}
        self.done = output is not None
        self.failure = failure


def _equal(body: bytes, given: dict[str, Any]) -> bool:
    try:
        return bool(json.loads(body) == given)
    except ValueError:
        return False


def refused(error: dict[str, Any], *, stdout: str = "", seconds: float = 0.0) -> dict[str, Any]:
    """Return the result of a run that failed.

    Args:
        error: an error body; what the cell raised is in its first detail.
    """
    told = failure_of(error)
    return {"ok": False, "output": None, "stdout": stdout, "seconds": seconds, "error": told}
