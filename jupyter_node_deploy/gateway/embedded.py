"""The embedded gateway: authenticates, routes and passes on; it never looks into a body."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, ClassVar
from urllib.parse import unquote

from ..errors import (
    Internal,
    InvalidArgument,
    Message,
    NodeDeployError,
    NotFound,
    PermissionDenied,
    Unavailable,
)
from ..web.client import ConnectFailed, ConnectionLost
from ..web.message import Request, Response
from .balancer import Balancer, choose
from .headers import for_caller, for_instance
from .metrics import Metrics
from .refusals import (
    LOST,
    NO_PATH,
    OTHER_FOLDER,
    TWO_NAMES,
    alias_refusal,
    is_ready,
    late,
    no_access,
    no_alias,
    no_node,
    nobody,
    node_refusal,
)
from .routes import NodeRoute, Routes
from .verifier import TokenVerifier

log = logging.getLogger(__name__)

#: Seconds on top of what an instance may take, so that its own answer about it comes first.
MARGIN = 5.0
CLIENT_CLOSED = 499  # in log and metrics only: nobody is there to answer

_EXECUTE = re.compile(r"(?:/datasphere)?/v1/(nodes|aliases)/([^/]+):execute")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
# What DataSphere put before an alias' own name.
_ALIAS_PREFIX = "datasphere.user."
_LOOPBACK = ("", "127.0.0.1", "::1", "::ffff:127.0.0.1")  # none: a Unix socket


class Gateway:
    """The handler of all requests.

    Args:
        host: the address that it listens at; callers from it are local ones, too.
        record: takes the log line of each request.
    """

    def __init__(self, host: str, record: Callable[[dict[str, Any]], None]) -> None:
        self._local = (*_LOOPBACK, host)
        self._record = record
        self._routes = Routes()
        self._verifier: TokenVerifier | None = None
        self._balancer = Balancer()
        self._metrics = Metrics()

    def load(self, routes: Routes, verifier: TokenVerifier | None) -> None:
        """Use these from the next request on."""
        self._routes = routes
        self._verifier = verifier
        self._balancer.keep({i.address for node in routes.nodes.values() for i in node.instances})
        self._metrics.keep(routes.nodes, routes.generation)

    async def handle(self, request: Request) -> Response:
        """Answer a request."""
        started = time.perf_counter()
        given = request.headers.get("x-request-id", "")
        # What a caller gives goes into logs: only if it is harmless there.
        call = _Call(given if _REQUEST_ID.fullmatch(given) else token_hex(10))
        try:
            response = await self._answer(request, call)
        except NodeDeployError as error:
            response = Response.error(error)
        except asyncio.CancelledError:
            self._note(call, CLIENT_CLOSED, started)
            raise
        except Exception:
            log.exception("request %s failed in the gateway", call.request_id)
            response = Response.error(Internal("Internal error of the gateway; its log says why."))
        response.headers["x-request-id"] = call.request_id
        self._note(call, response.status, started)
        return response

    async def _answer(self, request: Request, call: _Call) -> Response:
        headers = request.headers
        by_header = "x-node-id" in headers or "x-node-alias" in headers
        if not by_header and request.path.startswith("/-/"):
            return self._about(request)
        self._authenticate(request, call)
        kind, name = _by_header(headers) if by_header else _by_path(request)
        if kind == "aliases":
            return await self._call_alias(name, request, call, by_header)
        node = self._routes.nodes.get(name)
        if node is None or call.folder not in node.acl:
            raise no_node(name[:64])
        call.node = name
        if not _is_ready(node):
            raise node_refusal(name, node, docker=False)
        try:
            return await self._send(name, node, request, call, by_header)
        except ConnectFailed:
            raise nobody(f"Node {name}") from None

    def _authenticate(self, request: Request, call: _Call) -> None:
        if self._verifier is None:
            text = "The gateway has no public key yet, so it can't verify tokens."
            raise Unavailable(Message(text, "GATEWAY_HAS_NO_KEY"))
        grant = self._verifier.verify(
            request.headers.get("authorization", ""), self._routes.revoked
        )
        call.folder = grant.folder
        if request.headers.get("x-folder-id", grant.folder) != grant.folder:
            raise PermissionDenied(OTHER_FOLDER)
        if grant.folder not in self._routes.folders:
            raise no_access(grant.folder)

    async def _call_alias(
        self, name: str, request: Request, call: _Call, by_header: bool
    ) -> Response:
        name = name.removeprefix(_ALIAS_PREFIX)
        alias = self._routes.aliases.get(name)
        if alias is None or call.folder not in alias.acl:
            raise no_alias(name[:64])
        call.alias = name
        nodes = self._routes.nodes
        ready = [t for t in alias.targets if t.node in nodes and _is_ready(nodes[t.node])]
        if not ready:
            raise alias_refusal(name, alias, self._routes, docker=False)
        while ready:
            target = choose(ready)
            call.node = target.node
            try:
                return await self._send(target.node, nodes[target.node], request, call, by_header)
            except ConnectFailed:  # nothing was sent: another node may have it
                ready.remove(target)
        raise nobody(f"Alias {name}")

    async def _send(
        self, node_id: str, node: NodeRoute, request: Request, call: _Call, by_header: bool
    ) -> Response:
        target = request.target
        if not by_header:
            query = f"?{request.query}" if request.query else ""
            target = f"/v1/nodes/{node_id}:execute{query}"
        # The answer to HEAD has no body, whatever its head says: ask for the whole thing instead.
        method = "GET" if request.method == "HEAD" else request.method
        # A request may wait for a worker as long as it may run.
        limit = 2 * node.timeout + MARGIN
        try:
            response, call.instance = await self._balancer.send(
                node.instances,
                method,
                target,
                for_instance(request.headers, call.folder, call.request_id),
                request.body,
                limit,
            )
        except ConnectionLost:
            raise _Lost(LOST) from None
        except TimeoutError:
            raise late(limit) from None
        return Response(response.status, response.body, for_caller(response.headers))

    def _about(self, request: Request) -> Response:
        """Answer for the gateway itself, to callers on this machine only."""
        # A proxy on this machine speaks for callers elsewhere.
        proxied = "x-forwarded-for" in request.headers or "forwarded" in request.headers
        if request.peer in self._local and not proxied and request.method in ("GET", "HEAD"):
            if request.path == "/-/status":
                return Response.json({"generation": self._routes.generation, "pid": os.getpid()})
            if request.path == "/-/metrics":
                text = {"content-type": "text/plain; version=0.0.4; charset=utf-8"}
                return Response(200, self._metrics.text(), text)
        raise NotFound(Message("No such path.", "NO_SUCH_PATH"))

    def _note(self, call: _Call, code: int, started: float) -> None:
        seconds = time.perf_counter() - started
        self._metrics.observe(call.node, code, seconds)
        line = {"request": call.request_id, "node": call.node, "folder": call.folder}
        if call.alias:
            line["alias"] = call.alias
        if call.instance:
            line["instance"] = call.instance
        self._record(line | {"code": code, "ms": round(seconds * 1000, 2)})


@dataclass(slots=True)
class _Call:
    """What is known of a request so far; empty until it is."""

    request_id: str
    folder: str = ""
    alias: str = ""
    node: str = ""
    instance: str = ""


class _Lost(Unavailable):
    # No Retry-After: whether to send it again is for the caller to judge.
    headers: ClassVar[dict[str, str]] = {}


def _by_header(headers: dict[str, str]) -> tuple[str, str]:
    if "x-node-id" in headers and "x-node-alias" in headers:
        raise InvalidArgument(TWO_NAMES)
    if "x-node-id" in headers:
        return "nodes", headers["x-node-id"]
    return "aliases", headers["x-node-alias"]


def _by_path(request: Request) -> tuple[str, str]:
    path = request.path
    match = _EXECUTE.fullmatch(unquote(path) if "%" in path else path)
    if match is None or request.method != "POST":
        raise NotFound(NO_PATH)
    return match[1], match[2]


def _is_ready(node: NodeRoute) -> bool:
    return is_ready(node, docker=False)
