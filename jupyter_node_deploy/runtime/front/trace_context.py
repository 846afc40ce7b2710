"""W3C trace context: which request of which trace this is (https://www.w3.org/TR/trace-context/)."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PARENT = re.compile(
    r"(?P<version>(?!ff)[0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
    r"(?P<more>-[\x21-\x7e]*)?"
)
_KEY = r"(?:[a-z][a-z0-9_*/-]{0,255}|[a-z0-9][a-z0-9_*/-]{0,240}@[a-z][a-z0-9_*/-]{0,13})"
_MEMBER = re.compile(_KEY + r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]")
_MEMBERS = 32
_STATE_LENGTH = 8192  # more than any vendor's; what a frame can hold is far more


def lines(headers: Mapping[str, str]) -> bytes | None:
    """Return ``traceparent`` and ``tracestate`` on two lines; None when the request has no trace.

    An invalid ``traceparent`` counts as none, and so does, alone, an invalid ``tracestate``.
    """
    parent = headers.get("traceparent", "").strip()
    match = _PARENT.fullmatch(parent)
    if match is None or len(parent) > 512 or (match["version"] == "00" and match["more"]):
        return None
    return f"{parent}\n{_state(headers.get('tracestate', ''))}".encode()


def trace_id(parent: str) -> str:
    """Return the trace's id, 32 hexadecimal digits."""
    return parent[3:35]


def _state(text: str) -> str:
    members = [one.strip(" \t") for one in text.split(",")]
    members = [one for one in members if one]
    keys = {one.partition("=")[0] for one in members}
    valid = len(text) <= _STATE_LENGTH and len(members) <= _MEMBERS and len(keys) == len(members)
    return ",".join(members) if valid and all(map(_MEMBER.fullmatch, members)) else ""
