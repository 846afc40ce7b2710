"""Headers on their way through: what is meant for the next hop stays, what is trusted is set."""

from __future__ import annotations

from collections.abc import Mapping

# RFC 9110 section 7.6.1, and what each hop writes by itself.
_HOP = frozenset(
    {
        "connection",
        "content-length",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
_REQUEST = _HOP | {"authorization", "expect", "host"}


def for_instance(headers: Mapping[str, str], folder: str, request_id: str) -> dict[str, str]:
    """Return a request's headers as the instance gets them: without the token.

    Args:
        headers: of the caller, names in lower case.
        folder: the verified one; it replaces what the caller says.
        request_id: to find the request in both logs.
    """
    passed = _without(headers, _REQUEST)
    # After the caller's "Connection: x-folder-id" had its effect.
    passed["x-folder-id"] = folder
    passed["x-request-id"] = request_id
    return passed


def for_caller(headers: Mapping[str, str]) -> dict[str, str]:
    """Return an answer's headers as the caller gets them."""
    return _without(headers, _HOP)


def _without(headers: Mapping[str, str], names: frozenset[str]) -> dict[str, str]:
    named = headers.get("connection")
    if named is not None:
        names = names | {name.strip().lower() for name in named.split(",")}
    return {name: value for name, value in headers.items() if name not in names}
