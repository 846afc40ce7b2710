"""Answers of the cell's own choosing: body, content type, status, headers.

Used on both sides: standard library only.
"""

from __future__ import annotations

import json
import re
import struct
from typing import Any

from ..errors import Internal

#: Variables that the cell may set.
STATUS, HEADERS = "response_status", "response_headers"
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
#: What the server sets, or what is between two hops only.
_RESERVED = frozenset(
    (
        "connection",
        "content-length",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        "x-request-id",
    )
)
_SIZE = struct.Struct("!I")
_WITHOUT_BODY = (204, 205, 304)


def reply(namespace: dict[str, Any], name: str, content_type: str, limit: int) -> tuple[int, bytes]:
    """Return status and payload of an answer; the front takes it apart with ``split``.

    Args:
        name: the variable that is the body, ``str`` or bytes.
        limit: bytes that it may have.

    Raises:
        Internal: the cell has set something that can't be sent; details name the variable.
    """
    if name not in namespace:
        raise _bad(name, "not set by the run")
    value = namespace[name]
    if isinstance(value, str):
        body = value.encode("utf-8", "backslashreplace")
        if content_type.startswith("text/") and "charset" not in content_type:
            content_type += "; charset=utf-8"
    elif isinstance(value, (bytes, bytearray, memoryview)):
        body = bytes(value)
    else:
        raise _bad(name, f"the body must be str or bytes, not {type(value).__name__}")
    if len(body) > limit:
        raise _bad(name, f"it has {len(body)} bytes; the node's limit is {limit}")
    headers = {"content-type": content_type, **_headers(namespace.get(HEADERS))}
    return _status(namespace.get(STATUS), body), with_headers(headers, body)


def with_headers(headers: dict[str, str], body: bytes | memoryview) -> bytes:
    """Return the payload of an answer that has headers of its own."""
    head = json.dumps(headers).encode()
    return b"".join((_SIZE.pack(len(head)), head, body))


def split(payload: bytes | bytearray) -> tuple[dict[str, str], bytes | bytearray]:
    """Return the headers and the body; a ``bytearray`` becomes the body itself."""
    start = _SIZE.size + _SIZE.unpack_from(payload)[0]
    headers = json.loads(payload[_SIZE.size : start])
    if isinstance(payload, bytes):
        return headers, payload[start:]
    del payload[:start]
    return headers, payload


def _status(value: Any, body: bytes) -> int:
    if value is None:
        return 200
    if type(value) is bool or not hasattr(value, "__index__"):
        raise _bad(STATUS, f"must be an int, not {type(value).__name__}")
    status = int(value)
    if not 200 <= status <= 599:
        raise _bad(STATUS, f"must be from 200 to 599, not {status}")
    if status in _WITHOUT_BODY and body:
        raise _bad(STATUS, f"an answer with status {status} has no body")
    return status


def _headers(value: Any) -> dict[str, str]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _bad(HEADERS, f"must be a dict, not {type(value).__name__}")
    found = {}
    for name, text in value.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise _bad(HEADERS, f"{name!r} is not the name of a header")
        if not isinstance(text, str) or not _VALUE.fullmatch(text):
            raise _bad(HEADERS, f"the value of {name!r} must be a str of one line, Latin-1")
        if name.lower() in _RESERVED:
            raise _bad(HEADERS, f"{name!r} is set by the server")
        found[name.lower()] = text
    return found


def _bad(name: str, message: str) -> Internal:
    path = f"output.{name}"
    return Internal(f"{path}: {message}", [{"path": path, "message": message}])
