"""Limits of what callers may ask, as HAProxy counts it."""

from __future__ import annotations

from ...errors import Message, ResourceExhausted, TooLarge
from ..routes import LARGEST_BODY, Limits
from .syntax import answer, milliseconds

#: Seconds that a request's head gets, and a small body.
ARRIVAL = 30.0
#: Bytes of a small body: it fits into HAProxy's buffer.
_SMALL = 32 * 1024
_LENGTH = "req.hdr_val(content-length)"
_DIGITS = len(str(LARGEST_BODY))


def tables(limits: Limits) -> list[list[str]]:
    """Return the sections of the tables in which is counted."""
    found = []
    if limits.rate:
        keeps = "type string len 64 size 10k expire 10s store http_req_rate(1s)"
        found.append(["backend rates", f"stick-table {keeps}"])
    if limits.connections:
        keeps = "type ipv6 size 100k expire 10m store conn_cur"
        found.append(["backend addresses", f"stick-table {keeps}"])
    return found


def connections(limits: Limits) -> list[str]:
    """Close a connection that is one too many, before anything of it is read."""
    if not limits.connections:
        return []
    return [
        "tcp-request connection track-sc2 src table addresses",
        f"tcp-request connection reject if {{ sc_conn_cur(2) gt {limits.connections} }}",
    ]


def arrival(limits: Limits) -> list[str]:
    """Wait for a small body, so that its connection can be kept although it is refused."""
    large, time = _large(limits), milliseconds(ARRIVAL)
    return [
        # As a number it is one of 32 bits: a longer one is looked at as text.
        f"http-request return {large} if {{ req.fhdr(content-length),length gt {_DIGITS} }}",
        f"http-request wait-for-body time {time}ms if {{ {_LENGTH} 1:{_SMALL} }}",
    ]


def body(limits: Limits) -> list[str]:
    """Refuse a body that says of itself that it is too large."""
    return [f"http-request return {_large(limits)} if {{ {_LENGTH} gt {limits.body} }}"]


def _large(limits: Limits) -> str:
    return answer(
        TooLarge(Message("The body is over {limit} bytes.", "BODY_TOO_LARGE", limit=limits.body))
    )


def rate(limits: Limits) -> list[str]:
    """Refuse what is over the rate of the verified token, whose id is ``txn.jti``."""
    if not limits.rate:
        return []
    fast = answer(
        ResourceExhausted(
            Message(
                "This token may make {limit} requests a second; try again later.",
                "TOO_MANY_REQUESTS",
                limit=limits.rate,
            )
        )
    )
    return [
        "http-request track-sc1 var(txn.jti) table rates",
        f"http-request return {fast} if {{ sc_http_req_rate(1) gt {limits.rate} }}",
    ]
