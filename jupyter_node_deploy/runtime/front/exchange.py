"""One request for a run of the cell, from its arrival to its answer and its line in the log."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any, Protocol

from ...errors import Internal, NodeDeployError, ResourceExhausted
from ...web.message import Pending, Response
from ..reply import split
from ..wire import DONE, EXPLAIN, RAW, TRACE, Answer
from .dispatcher import Call, Dispatcher
from .explain import Explainer
from .log import JsonLog
from .metrics import Metrics
from .trace_context import trace_id


class Node(Protocol):
    """What an exchange needs of its front."""

    dispatcher: Dispatcher
    log: JsonLog
    metrics: Metrics

    @property
    def explainer(self) -> Explainer:
        """Finds all the faults of inputs."""


class Exchange(Call, Pending):
    """A call that answers a client.

    Args:
        node: where it is counted and logged.
        request_id: of the caller's choice or ours.
        path: of the request's target.
    """

    __slots__ = ("_explaining", "node", "path", "reply", "request_id")

    reply: Callable[[Response], None]

    def __init__(
        self, node: Node, request_id: str, path: str, body: bytes, flags: int, folder: bytes
    ) -> None:
        super().__init__(body, flags, folder)
        self.node = node
        self.request_id = request_id
        self.path = path

    def finish(self, outcome: Answer | NodeDeployError) -> None:
        """Send the answer."""
        if not isinstance(outcome, Answer):
            self.reply(self.refuse(outcome))
            return
        if outcome.kind == DONE:
            headers = {"content-type": "application/json", "x-request-id": self.request_id}
            response = Response(outcome.status, outcome.body, headers)
        elif outcome.kind == EXPLAIN:
            # In a thread: the first time it imports a library, and bodies may be large.
            self._explaining = asyncio.ensure_future(self._explain(outcome))
            return
        else:
            given, body = split(outcome.body)
            response = Response(outcome.status, body, {**given, "x-request-id": self.request_id})
        self.reply(response)
        self._record(outcome, response.status, response.body)

    def refuse(self, error: NodeDeployError) -> Response:
        """Return the answer that says why there is none."""
        response = Response.error(error)
        response.headers["x-request-id"] = self.request_id
        if isinstance(error, ResourceExhausted):
            response.headers["Retry-After"] = str(self.node.dispatcher.drain_seconds())
        self._record(None, response.status, response.body)
        return response

    def cancel(self) -> None:
        """The client went away."""
        if not self.over:
            self.node.dispatcher.abandon(self)
            self._record(None, 499, b"")

    async def _explain(self, answer: Answer) -> None:
        try:
            body = await asyncio.to_thread(
                self.node.explainer.explain, answer.body, self.body, self.flags
            )
        except Exception as error:
            self.reply(self.refuse(Internal(f"the inputs could not be judged: {error}")))
            return
        headers = {"content-type": "application/json", "x-request-id": self.request_id}
        self.reply(Response(answer.status, body, headers))
        self._record(answer, answer.status, body)

    def _record(self, answer: Answer | None, status: int, body: bytes | bytearray) -> None:
        metrics = self.node.metrics
        seconds = time.monotonic() - self.arrived
        queued = self.started - self.arrived if self.started else 0.0
        metrics.requests.add(status)
        metrics.request.observe(seconds)
        cell = 0.0
        extra: dict[str, Any] | None = None
        prints = self.prints
        if answer is not None:
            cell = answer.seconds
            prints = (answer.stdout, answer.stderr)
            if cell:
                metrics.cell.observe(cell)
        folder, _, trace = self.folder.partition(b"\n")
        if status >= 400 or prints[1] or self.flags & TRACE:
            extra = {}
            if self.flags & TRACE:
                extra["trace_id"] = trace_id(trace.partition(b"\n")[0].decode())
            if prints[1]:
                extra["stderr"] = prints[1].decode()
            if status >= 400 and body and (answer is None or answer.kind != RAW):
                extra["error"] = json.loads(body)["message"]
        self.node.log.request(
            self.request_id,
            self.path,
            folder.decode("latin-1"),
            status,
            seconds,
            queued,
            cell,
            prints[0],
            extra,
        )
