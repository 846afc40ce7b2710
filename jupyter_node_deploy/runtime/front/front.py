"""The front: HTTP in, frames to the workers, answers out; health, metrics and the request log."""

from __future__ import annotations

import asyncio
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...errors import InvalidArgument, NodeDeployError, NotFound, Unavailable
from ...web import docs_page, execute_path
from ...web.exposition import CONTENT_TYPE
from ...web.message import Pending, Request, Response
from ..bundle import Bundle
from ..media import Media, encoding_fault
from ..wire import ENVELOPE, TRACE
from . import openapi, trace_context
from .dispatcher import Dispatcher
from .exchange import Exchange
from .explain import Explainer
from .launch import Launched
from .log import JsonLog
from .memory import resident
from .metrics import Metrics
from .pool import BROKEN, SERVING, STARTING, Pool
from .result import failure_of
from .smoke_test import SmokeTest

_FOLDER_LENGTH = 199  # bytes
_ID_LENGTH = 128  # characters of a caller's request id


class Front:
    """Answers a node's HTTP requests.

    Args:
        bundle: what is served.
        work: the workers' current directory.
        python: the user's interpreter.
        workers: how many.
        log: where requests are logged.
        launched: the zygote, where it was started already.
    """

    def __init__(
        self,
        bundle: Bundle,
        work: Path,
        python: str,
        workers: int,
        log: JsonLog,
        launched: Launched | None = None,
    ) -> None:
        self.bundle = bundle
        self.log = log
        self.metrics = Metrics()
        self.pool = Pool(
            bundle.directory,
            work,
            python,
            workers,
            metrics=self.metrics,
            log=log,
            changed=self._changed,
            concurrency=bundle.concurrency,
            hash_seed=bundle.hash_seed,
            memory_limit=bundle.memory_limit,
            show_traceback=bundle.show_traceback,
            launched=launched,
        )
        self.dispatcher = Dispatcher(
            bundle.queue,
            bundle.timeout,
            self.metrics,
            expire=self.pool.expire,
            patience=bundle.queue_timeout,
            hands_ahead=bundle.isolation != "request" and bundle.concurrency == 1,
        )
        self.pool.dispatcher = self.dispatcher
        self.draining = False
        self._test: SmokeTest | None = None
        self._testing: asyncio.Task[None] | None = None  # while it runs
        self._explainer: Explainer | None = None
        self._id_prefix = secrets.token_hex(6)
        self._id_count = 0
        self._get: dict[str, Callable[[], Response]] = {
            "/livez": lambda: Response.json({"status": "alive"}),
            "/readyz": self._ready,
            "/metrics": self._metrics,
            "/openapi.json": lambda: Response.json(openapi.describe(bundle)),
            "/docs": _page,
            "/stats": lambda: Response.json(self.stats()),
        }
        self._media = Media(bundle)

    async def drain(self, grace: float) -> bool:
        """Take nothing new and wait for what runs and waits.

        Args:
            grace: seconds to wait at most.

        Returns:
            Whether all was finished.
        """
        self.draining = True
        self.dispatcher.close("the node is stopping", flush=False)
        done = await self.dispatcher.drain(grace)
        self.dispatcher.close("the node is stopping", flush=True)
        return done

    def handle(self, request: Request) -> Response | Pending:
        """Answer one request (the web server's handler)."""
        if request.method == "POST":
            return self._execute(request)
        answer = self._get.get(request.path)
        if answer is None and (request.path == "/" or execute_path.is_call(request.path)):
            return _wrong_method(request, "POST")
        if answer is None:
            return Response.error(NotFound(f"no such path: {request.path}"))
        if request.method not in ("GET", "HEAD"):
            return _wrong_method(request, "GET, HEAD")
        return answer()

    # --- running the cell ---

    def _execute(self, request: Request) -> Response | Pending:
        headers = request.headers
        request_id = headers.get("x-request-id", "")
        if not request_id or len(request_id) > _ID_LENGTH or not request_id.isprintable():
            self._id_count += 1
            request_id = f"{self._id_prefix}-{self._id_count:x}"
        path = request.path
        flags = ENVELOPE if execute_path.is_call(path) else 0
        forms, unusable = self._media.judge(
            headers.get("content-type", ""), headers.get("accept", "")
        )
        flags |= forms
        if unusable is None and "content-encoding" in headers:
            unusable = encoding_fault(headers["content-encoding"])
        folder = headers.get("x-folder-id", "").encode("latin-1")
        context = folder
        if "traceparent" in headers and (lines := trace_context.lines(headers)) is not None:
            flags |= TRACE
            context = b"\n".join((folder, lines))
        exchange = Exchange(self, request_id, path, request.body, flags, context)
        try:
            if unusable is not None:
                raise unusable
            if self._testing is not None:
                raise Unavailable("the node is starting")
            if len(folder) > _FOLDER_LENGTH:
                raise InvalidArgument("x-folder-id is too long")
            self.dispatcher.submit(exchange)
        except NodeDeployError as error:
            return exchange.refuse(error)
        return exchange

    @property
    def explainer(self) -> Explainer:
        """Finds all the faults of inputs; made when first needed."""
        if self._explainer is None:
            self._explainer = Explainer(self.bundle)
        return self._explainer

    # --- about the node ---

    def _changed(self, status: str, reason: str) -> None:
        self.log.event("status", status=status, reason=reason)
        if self.draining:
            return
        if status == SERVING:
            self.dispatcher.open()
            if self._test is None and SmokeTest.is_due(self.bundle):
                self._test = SmokeTest(self.bundle, self.pool, self.dispatcher)
                self._testing = asyncio.get_running_loop().create_task(self._run(self._test))
        elif status == BROKEN:
            self.dispatcher.close(f"the node does not work: {reason}", flush=True)

    async def _run(self, test: SmokeTest) -> None:
        error = await test.run()
        self._testing = None
        if self.draining:
            return
        told = error["message"] if error is not None else None
        self.log.event("smoke_test", error=told, differences=test.differences)
        if error is not None:
            self.pool.fail(error)

    def _ready(self) -> Response:
        if self.draining:
            return Response.json({"status": "draining", "reason": "the node is stopping"}, 503)
        if self._testing is not None:
            reason = "The cell runs once with the checkpoint's values."
            return Response.json({"status": STARTING, "reason": reason}, 503)
        told: dict[str, Any] = {"status": self.pool.status}
        if self.pool.status == SERVING:
            if self._test is not None and self._test.differences:
                told["differences"] = self._test.differences
            return Response.json(told)
        told["reason"] = self.pool.reason
        if self.pool.error is not None:
            failure = None if self._test is None else self._test.failure
            told["failure"] = failure or failure_of(self.pool.error)
            told["smoke_test"] = failure is not None
        return Response.json(told, 503)

    def _metrics(self) -> Response:
        memory = [
            ({"worker": str(worker.number)}, resident(worker.pid))
            for worker in self.pool.workers.values()
        ]
        text = self.metrics.render(
            [
                (
                    "requests_in_flight",
                    "Requests that run or wait.",
                    [({}, len(self.dispatcher.busy) + self.dispatcher.queued)],
                ),
                (
                    "queue_length",
                    "Requests that wait for a worker.",
                    [({}, self.dispatcher.queued)],
                ),
                (
                    "workers_ready",
                    "Workers that can take requests.",
                    [({}, sum(worker.ready for worker in self.pool.workers.values()))],
                ),
                ("worker_memory_bytes", "Resident memory of each worker.", memory),
            ]
        )
        return Response(200, text.encode(), {"content-type": CONTENT_TYPE})

    def stats(self) -> dict[str, Any]:
        """Return what the instance is doing: workers, queue, start mode, memory in bytes."""
        return {
            "pid": os.getpid(),
            "status": "draining" if self.draining else self.pool.status,
            "reason": self.pool.reason,
            "start": self.pool.start_mode,
            "start_reason": self.pool.start_reason,
            "queue": self.dispatcher.queued,
            "in_flight": len(self.dispatcher.busy),
            "requests": sum(self.metrics.requests.counts.values()),
            "memory_bytes": resident(os.getpid()),
            "zygote": {
                "pid": self.pool.zygote_pid,
                "memory_bytes": resident(self.pool.zygote_pid),
            },
            "workers": [
                {
                    "number": worker.number,
                    "pid": worker.pid,
                    "ready": worker.ready,
                    "busy": worker.load > 0,
                    "running": worker.load,
                    "requests": worker.served,
                    "memory_bytes": resident(worker.pid),
                }
                for worker in self.pool.workers.values()
            ],
        }


def _wrong_method(request: Request, allowed: str) -> Response:
    error = InvalidArgument(f"{request.path} takes {allowed}, not {request.method}")
    response = Response.error(error)
    response.status = 405
    response.headers["allow"] = allowed
    return response


def _page() -> Response:
    headers = {"content-type": docs_page.CONTENT_TYPE, **docs_page.HEADERS}
    return Response(200, docs_page.content(), headers)
