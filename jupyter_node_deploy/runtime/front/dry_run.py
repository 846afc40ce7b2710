"""The dry run: the same processes and code as serving, for one request, or two alike.

Two where the isolation is to be chosen (decision 10).
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

from ...errors import FailedPrecondition, Internal, NodeDeployError
from ..bundle import AUTO, Bundle
from ..reply import split
from ..wire import EXPLAIN, KEEP, PROBE, RAW
from .dispatcher import AwaitedCall, Dispatcher
from .explain import Explainer
from .launch import Launched
from .log import JsonLog
from .metrics import Metrics
from .pool import BROKEN, SERVING, Pool
from .watch import Watch

#: Beyond the cell's timeout, for all but its run; whoever started the dry run waits longer.
_MARGIN = 50.0
_PROBE_SECONDS = 300.0  # a state of many gigabytes is read in full
_SURROGATE = re.compile("[\ud800-\udfff]")
_NAMES = {3: "InvalidInput", 4: "Timeout", 9: "CannotRun", 13: "BadOutput", 15: "DataLoss"}


async def check(
    bundle: Bundle,
    work: Path,
    python: str,
    body: bytes | None,
    launched: Launched | None = None,
) -> dict[str, Any]:
    """Restore the state in a fresh process, run the cell and return what came out.

    With isolation ``auto`` the cell runs twice, and the state is compared.

    Args:
        bundle: what to run.
        work: the current directory for it.
        python: the user's interpreter.
        body: the input object as JSON; None keeps the checkpoint's values.
        launched: the zygote, where it was started already.

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
    watch = Watch(pool, bundle.timeout + _MARGIN)
    dispatcher = Dispatcher(1, bundle.timeout, metrics, expire=pool.expire)
    pool.dispatcher = dispatcher
    pool.start()
    try:
        await settled
        if pool.status == BROKEN:
            return refused(pool.error or Internal(pool.reason).body())
        dispatcher.open()
        flags = KEEP if body is None else 0
        probes = _Probes(dispatcher, bundle)
        call = AwaitedCall(body or b"", flags)
        try:
            if bundle.isolation == AUTO:
                await probes.take()
                await probes.take()  # what differs without a run can't be compared
            call = AwaitedCall(body or b"", flags)
            answer = await dispatcher.run(call)
        except NodeDeployError as error:
            return refused(error.body(), seconds=time.monotonic() - call.arrived)
        isolation = None
        if bundle.isolation == AUTO and (answer.status == 200 or answer.kind == RAW):
            isolation = await probes.judge(AwaitedCall(body or b"", flags))
            if bundle.concurrency > 1 and isolation["chosen"] == "request":
                text = (
                    f"{isolation['reason']}, so several requests at a time would get into each "
                    "other's way: set the isolation to shared if that is as it should be, or the "
                    "concurrency to 1"
                )
                return refused(FailedPrecondition(text).body(), seconds=answer.seconds)
    finally:
        watch.end()
        await pool.stop()
    if answer.kind == EXPLAIN:
        answer.body = Explainer(bundle).explain(answer.body, body or b"", 0)
    stdout = answer.stdout.decode()
    if answer.kind == RAW:
        assert bundle.response is not None
        output = {bundle.response["body"]: split(answer.body)[1].decode("utf-8", "replace")}
    elif answer.status != 200:
        return refused(json.loads(answer.body), stdout=stdout, seconds=answer.seconds)
    else:
        output = json.loads(answer.body)
    return {
        "ok": True,
        "output": output,
        "stdout": stdout,
        "seconds": answer.seconds,
        "error": None,
        "isolation": isolation,
    }


class _Probes:
    """Looks at the state between runs, to choose how requests are isolated."""

    def __init__(self, dispatcher: Dispatcher, bundle: Bundle) -> None:
        self.dispatcher = dispatcher
        self.bundle = bundle
        self.taken: list[dict[str, str | None]] = []
        self.counted: list[dict[str, int]] = []  # what runs leave: kinds, and how many

    async def take(self) -> None:
        """Fingerprint the state as it is now."""
        call = AwaitedCall(b"", PROBE)
        self.dispatcher.timeout = _PROBE_SECONDS
        try:
            state, counts = json.loads((await self.dispatcher.run(call)).body)
            self.taken.append(state)
            self.counted.append(counts)
        finally:
            self.dispatcher.timeout = self.bundle.timeout

    async def judge(self, again: AwaitedCall) -> dict[str, str]:
        """Choose after a first run, with a second one."""
        try:
            await self.take()
            answer = await self.dispatcher.run(again)
            await self.take()
        except NodeDeployError as error:
            return _choice("request", f"a second run in the same process failed: {error.message}")
        if answer.status != 200 and answer.kind != RAW:
            text = json.loads(answer.body)["message"]
            return _choice("request", f"a second run in the same process failed: {text}")
        unread = [name for name, value in self.taken[0].items() if value is None]
        unread += _differing(self.taken[0], self.taken[1])
        changed = _differing(self.taken[1], self.taken[2])
        changed += [name for name in _differing(*self.taken[2:]) if name not in changed]
        changed = [name for name in changed if name not in unread]
        if changed:
            return _choice("request", f"the cell changes {_listed(changed)} in place")
        before, after = self.counted[-2:]
        if left := [kind for kind, number in after.items() if number > before.get(kind, 0)]:
            text = " and ".join(f"a {kind}" for kind in left)
            return _choice("request", f"each run of the cell leaves {text} behind")
        if unread:
            text = f"whether the cell changes {_listed(unread)} in place can't be told"
            return _choice("request", text)
        return _choice("shared", "two runs of the cell changed nothing in place")


def _differing(before: dict[str, str | None], after: dict[str, str | None]) -> list[str]:
    return [name for name, value in before.items() if name in after and after[name] != value]


def _choice(chosen: str, reason: str) -> dict[str, str]:
    return {"chosen": chosen, "reason": reason}


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"


def refused(error: dict[str, Any], *, stdout: str = "", seconds: float = 0.0) -> dict[str, Any]:
    """Return the result of a run that failed.

    Args:
        error: an error body; what the cell raised is in its first detail.
    """
    details = error["details"]
    if details and "error_name" in details[0]:
        told = {"traceback": [], **details[0]}
    else:
        told = {
            "error_name": _NAMES.get(error["code"], "Error"),
            "error_message": error["message"],
            "traceback": [],
            "details": details,
        }
    return {"ok": False, "output": None, "stdout": stdout, "seconds": seconds, "error": told}


def tell(result: dict[str, Any]) -> int:
    """Print the result as one line of JSON; return the exit code."""
    text = json.dumps(result, ensure_ascii=False)
    # UTF-8 can't hold half a pair of surrogates, and parsers take no escape of one: it is shown.
    text = _SURROGATE.sub(lambda found: f"\\\\u{ord(found[0]):04x}", text)
    sys.stdout.buffer.write(text.encode() + b"\n")
    sys.stdout.buffer.flush()
    return 0 if result["ok"] else 1
