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

from ...errors import DeadlineExceeded, InvalidArgument, Message, Unavailable
from .. import refusals
from ..routes import Routes
from . import authentication, backend, frontend
from .listen import Listen
from .syntax import answer, error_file, milliseconds

#: Files, so half as many connections, that it uses at most; the system may allow it less.
OPEN_FILES = 65536
#: Seconds that a replaced process gets for requests at work, beyond the longest timeout.
OLD_PROCESS = 60.0


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
    lost = Unavailable(refusals.LOST)
    late = DeadlineExceeded(Message("The request did not arrive in time.", "REQUEST_LATE"))
    return {
        "400.http": error_file(InvalidArgument(Message("Not a valid HTTP request.", "NOT_HTTP"))),
        "408.http": error_file(late),
        # Whether to send it again is for the caller to judge.
        "502.http": error_file(lost, retry=False),
    }


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
        # Two may give one idle instance a request each; the second would wait beside idle ones.
        "nbthread 1",
        "log stdout format raw local0 info",
        "stats socket unix@run/admin.sock mode 600 level admin expose-fd listeners",
        f"hard-stop-after {int(_longest(routes) + OLD_PROCESS)}s",
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
        "timeout http-request 60s",
        "timeout http-keep-alive 120s",
        f"timeout client {longest}ms",
        f"timeout server {longest}ms",
        # Only where nothing was sent: a request is never carried out twice.
        "retry-on conn-failure",
        "retries 3",
        "option redispatch 1",
        # Who left needs no answer.
        "option abortonclose",
        # In a process that was replaced: a client may just be about to use its connection.
        "option idle-close-on-response",
        "errorfile 400 errors/400.http",
        "errorfile 408 errors/408.http",
        "errorfile 502 errors/502.http",
    ]


def _metrics(listen: Listen) -> list[str]:
    if not listen.metrics:
        return []
    allowed = [f"http-request deny unless {{ src {' '.join(listen.scrapers)} }}"]
    return [
        "frontend metrics",
        f"bind {listen.metrics}",
        "no log",
        *(allowed if listen.scrapers else []),
        "http-request use-service prometheus-exporter if { path /metrics }",
        f"http-request return {answer(frontend.NOTHING)}",
    ]
