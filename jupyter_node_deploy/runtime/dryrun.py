"""The dry run: the same processes and code as serving, for one request."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import Any

from ..errors import DeadlineExceeded, NodeDeployError
from .bundle import Bundle
from .dispatcher import Dispatcher, Job
from .explain import Explainer
from .frames import EXPLAIN, KEEP
from .log import Log
from .metrics import Metrics
from .workers import BROKEN, SERVING, Pool

_RESTORE_SECONDS = 300.0
_NAMES = {3: "InvalidInput", 4: "Timeout", 9: "CannotRun", 13: "BadOutput", 15: "DataLoss"}


async def check(bundle: Bundle, work: Path, python: str, body: bytes | None) -> dict[str, Any]:
    """Restore the state in a fresh process, run the cell once and return what came out.

    Args:
        bundle: what to run.
        work: the current directory for it.
        python: the user's interpreter.
        body: the input object as JSON; None keeps the checkpoint's values.

    Returns:
        The shape of ``nodes.models.DryRun``.
    """
    loop = asyncio.get_running_loop()
    settled: asyncio.Future[None] = loop.create_future()

    def changed(status: str, reason: str) -> None:
        if status in (SERVING, BROKEN) and not settled.done():
            settled.set_result(None)

    metrics, log = Metrics(), Log(os.open(os.devnull, os.O_WRONLY))
    pool = Pool(bundle.directory, work, python, 1, metrics=metrics, log=log, changed=changed)
    dispatcher = Dispatcher(0, bundle.timeout, metrics, expire=pool.expire)
    pool.dispatcher = dispatcher
    pool.start()
    try:
        try:
            async with asyncio.timeout(_RESTORE_SECONDS):
                await settled
        except TimeoutError:
            text = f"the state was not restored within {_RESTORE_SECONDS:g} s"
            return refused(DeadlineExceeded(text).body())
        if pool.status == BROKEN:
            assert pool.error is not None
            return refused(pool.error)
        dispatcher.open()
        job = Job(body or b"", KEEP if body is None else 0, b"", loop)
        try:
            answer = await dispatcher.run(job)
        except NodeDeployError as error:
            return refused(error.body(), seconds=time.monotonic() - job.started)
    finally:
        await pool.stop()
    if answer.kind == EXPLAIN:
        answer.body = Explainer(bundle).explain(answer.body, body or b"", 0)
    stdout = answer.stdout.decode()
    if answer.status != 200:
        return refused(json.loads(answer.body), stdout=stdout, seconds=answer.seconds)
    return {
        "ok": True,
        "output": json.loads(answer.body),
        "stdout": stdout,
        "seconds": answer.seconds,
        "error": None,
    }


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
    sys.stdout.write(json.dumps(result, ensure_ascii=False) + "\n")
    return 0 if result["ok"] else 1
