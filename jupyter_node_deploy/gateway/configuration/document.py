"""Routes as HAProxy's configuration: what a process is started with. Pure functions of values.

All names of files are relative to the directory that HAProxy runs in. It needs HAProxy 2.6.

A request passes the frontend ``gateway``, which decides everything from the map files, and the
backend of its node. Two internal sockets close what HAProxy leaves open:

- ``handover``: a process that was replaced passes the requests that still come over its
  connections to its successor. So none of them follows old routes, and none is lost.
- ``elsewhere``: a request that no instance of a node took is answered there, or sent to the next
  node of its alias.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus

from ...errors import DeadlineExceeded, Internal, InvalidArgument, Message, TooLarge, Unavailable
from ..routes import Routes
from . import authentication, backend, frontend, limits, refusals
from .listen import Listen
from .syntax import answer, error_file, milliseconds

#: Files, so half as many connections, that it uses at most; the system may allow it less.
OPEN_FILES = 65536
#: Two may give one idle instance a request each; the second would wait beside idle ones.
THREADS = 1
#: Seconds that a replaced process gets: it may carry requests that it handed over for nodes that
#: it does not know, and open websockets. Without any it ends by itself.
OLD_PROCESS = 24 * 3600


def configuration(routes: Routes, listen: Listen) -> str:
    """Return the configuration file.

    Raises:
        ValueError: an id, a path or an address can't be written in one.
    """
    sections = [
        _global(routes),
        _defaults(routes),
        _metrics(listen),
        frontend.gateway(routes, listen),
        frontend.elsewhere(),
        authentication.table(),
        *limits.tables(routes.limits),
        [
            "backend successor",
            "timeout server 1d",
            "server successor unix@run/handover.sock proto h2",
        ],
        *(backend.section(node_id, node) for node_id, node in sorted(routes.nodes.items())),
    ]
    return "\n".join(_section(lines) for lines in sections if lines)


def digest(routes: Routes, listen: Listen, public_key: bytes) -> str:
    """Return what names a process' configuration, leaving out what its runtime API can change."""
    nodes = {
        node_id: replace(node, acl=(), status="", reason="", instances=())
        for node_id, node in routes.nodes.items()
    }
    text = configuration(replace(routes, generation=0, nodes=nodes), listen)
    return hashlib.sha256(text.encode() + public_key).hexdigest()


def error_files() -> dict[str, bytes]:
    """Return answers to what HAProxy finds before or after its rules, by name of the file."""
    late = DeadlineExceeded(Message("The request did not arrive in time.", "REQUEST_LATE"))
    large = TooLarge(Message("The request is too large.", "REQUEST_TOO_LARGE"))
    fault = Internal(Message("The gateway failed; its log says where.", "GATEWAY_FAILED"))
    unknown = Unavailable(Message("The gateway does not know the node yet.", "GATEWAY_STARTING"))
    broken = InvalidArgument(
        Message(
            "Not a valid HTTP request, or its sender closed the connection before the answer.",
            "NOT_HTTP",
        )
    )
    found = {
        HTTPStatus.BAD_REQUEST: broken,
        HTTPStatus.REQUEST_TIMEOUT: late,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: large,
        HTTPStatus.INTERNAL_SERVER_ERROR: fault,
        HTTPStatus.SERVICE_UNAVAILABLE: unknown,
        HTTPStatus.GATEWAY_TIMEOUT: late,
    }
    files = {f"{status}.http": error_file(status, error) for status, error in found.items()}
    # Whether to send it again is for the caller to judge.
    lost = Unavailable(refusals.LOST)
    return files | {"502.http": error_file(HTTPStatus.SERVICE_UNAVAILABLE, lost, retry=False)}


def _section(lines: Iterable[str]) -> str:
    head, *rest = lines
    return "\n".join([head, *(f"    {line}" for line in rest), ""])


def _longest(routes: Routes) -> float:
    """Return the longest silence on any connection, in whole minutes so that it seldom changes."""
    seconds = max(
        (max(backend.limit(node), node.idle_timeout) for node in routes.nodes.values()), default=0.0
    )
    return 60.0 * max(10, -(-seconds // 60))


def _global(routes: Routes) -> list[str]:
    return [
        "global",
        f"nbthread {THREADS}",
        "log stdout format raw local0 info",
        "stats socket unix@run/admin.sock mode 600 level admin expose-fd listeners",
        f"hard-stop-after {OLD_PROCESS}s",
        # Under an engine's limit of millions it would reserve memory for as many.
        f"fd-hard-limit {OPEN_FILES}",
        # The longest header: a token of 4 KiB is ours to refuse.
        "tune.bufsize 65536",
    ]


def _defaults(routes: Routes) -> list[str]:
    longest = milliseconds(_longest(routes))
    return [
        "defaults",
        "mode http",
        "log global",
        "timeout connect 2s",
        f"timeout http-request {milliseconds(limits.ARRIVAL)}ms",
        "timeout http-keep-alive 120s",
        f"timeout client {longest}ms",
        f"timeout server {longest}ms",
        # Only where nothing was sent: a request is never carried out twice.
        "retry-on conn-failure",
        "retries 3",
        "option redispatch 1",
        # Who left needs no answer, and a cell's run ends. It can't be told from who closes half.
        "option abortonclose",
        # In a process that was replaced: a client may just be about to use its connection.
        "option idle-close-on-response",
        *(f"errorfile {name[:3]} errors/{name}" for name in error_files()),
    ]


def _metrics(listen: Listen) -> list[str]:
    if not listen.metrics:
        return []
    host, separator, port = listen.metrics.rpartition(":")
    if not separator or not host or not port.isdigit() or not 0 < int(port) < 65536:
        raise ValueError(
            f"gateway_metrics is HOST:PORT, such as 127.0.0.1:8405, not {listen.metrics}"
        )
    if int(port) == listen.port:
        raise ValueError(f"gateway_metrics needs a port of its own: {port} is the gateway's")
    return [
        "frontend metrics",
        f"bind {listen.metrics}",
        "no log",
        "http-request use-service prometheus-exporter if { path /metrics }",
        f"http-request return {answer(frontend.NOTHING)}",
    ]
