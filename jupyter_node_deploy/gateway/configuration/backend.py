"""A node as HAProxy's backend, its instances as servers."""

from __future__ import annotations

import zlib

from ...errors import Message, ResourceExhausted, Unavailable
from ..routes import InstanceRoute, NodeRoute
from . import healthcheck, refusals
from .syntax import address, answer, milliseconds, name

#: Seconds on top of what a cell's instance may take, so that its own answer comes first.
MARGIN = 5.0
#: Requests that may wait for one of several instances.
QUEUE = 64


def server(node: NodeRoute, instance: InstanceRoute) -> str:
    """Return the words that define a server, in the configuration and in the runtime API."""
    cell = node.type == "cell"
    words = [address(instance.address)]
    if not cell and node.protocol != "http":
        words.append("proto h2")
    words.append(healthcheck.keywords(node.healthcheck, cell=cell))
    if (many := maximum(node)) is not None:
        words.append(f"maxconn {many}")
    return " ".join(words)


def server_name(instance: InstanceRoute) -> str:
    """Return the name of an instance's server.

    An instance that is started again may get another address, and then is another server: what
    HAProxy knows of the old one's health says nothing about it.
    """
    return f"{name(instance.id)}.{zlib.crc32(instance.address.encode()):08x}"


def maximum(node: NodeRoute) -> int | None:
    """Return how many requests an instance gets at a time; None for no limit.

    The only instance of a node has a queue of its own, and nobody to leave requests to.
    """
    if node.concurrency is None:
        return None
    return node.concurrency if len(node.instances) > 1 else 0


def backend(node_id: str) -> str:
    """Return the name of a node's backend."""
    return f"node_{name(node_id)}"


def limit(node: NodeRoute) -> float:
    """Return seconds for an answer."""
    return node.timeout + MARGIN if node.type == "cell" else node.timeout


def writable(node_id: str, node: NodeRoute) -> NodeRoute:
    """Return the route, or one that says why it can't be written: others must not wait for it."""
    try:
        section(node_id, node)
    except ValueError as error:
        reason = f"The gateway can't be told of it: {error}."
        return NodeRoute(node.type, node.acl, "FAILED", reason)
    return node


def section(node_id: str, node: NodeRoute) -> list[str]:
    """Return the section of a node: its servers, its limits, and whom else to ask."""
    cell = node.type == "cell"
    seconds = limit(node)
    late = answer(refusals.late(seconds))
    nobody = answer(
        Unavailable(
            Message(
                "No instance took the request within {seconds} s.",
                "REQUEST_NOT_TAKEN",
                seconds=seconds,
            )
        )
    )
    full = answer(ResourceExhausted(Message("The queue is full; try again later.", "QUEUE_FULL")))
    elsewhere = "proto h2" if node.protocol != "http" else ""
    return [
        f"backend {backend(node_id)}",
        "balance leastconn",
        f"timeout server {milliseconds(seconds)}ms",
        f"timeout queue {milliseconds(seconds)}ms",
        f"timeout tunnel {milliseconds(node.idle_timeout)}ms",
        f"http-error {late}",
        f"http-error {nobody}",
        *healthcheck.lines(node.healthcheck, cell=cell),
        f"http-request return {full} if {{ queue ge {QUEUE} }}",
        *(_cell_responses() if cell else _stream_timeouts(node)),
        *(
            f"server {server_name(instance)} {server(node, instance)}"
            for instance in node.instances
        ),
        f"server elsewhere unix@run/elsewhere.sock backup {elsewhere}".rstrip(),
    ]


def _cell_responses() -> list[str]:
    """Log what a cell's instance does not log; keep from it what is meant for one hop only.

    It writes many lines at once, HAProxy one at a time: each costs the engine as much as a request
    costs HAProxy. A Docker node may log nothing, and may need these headers.
    """
    both = ("connection", "keep-alive", "upgrade", "proxy-connection")
    return [
        *(
            f"http-request del-header {header}"
            for header in (*both, "te", "trailer", "http2-settings")
        ),
        *(f"http-response del-header {header}" for header in (*both, "proxy-authenticate")),
        "http-response set-log-level silent if { status lt 400 }",
    ]


def _stream_timeouts(node: NodeRoute) -> list[str]:
    """Give a stream its own patience: HAProxy has one for an answer's begin and for its middle.

    What the caller names as meant for one hop only may be what the gateway asserts.
    """
    idle = milliseconds(node.idle_timeout)
    return [
        "http-request set-header connection upgrade if { req.fhdr(upgrade) -m found }",
        "http-request del-header connection unless { req.fhdr(upgrade) -m found }",
        *(
            f"http-request set-timeout server {idle}ms if {{ {kind} }}"
            for kind in (
                "req.fhdr(accept) -m sub text/event-stream",
                "req.fhdr(content-type) -m beg application/grpc",
            )
        ),
    ]
