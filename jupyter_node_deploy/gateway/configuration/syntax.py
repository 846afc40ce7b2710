"""How values are written in HAProxy's configuration and on its command line."""

from __future__ import annotations

import json
import math
import re
from http import HTTPStatus

from ...errors import NodeDeployError
from ...web.address import Address

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_PLACE = "@@"


def quoted(text: str) -> str:
    """Return text as one word of the configuration."""
    if any(ord(letter) < 32 for letter in text):
        raise ValueError(f"control characters can't be in a configuration: {text!r}")
    escaped = re.sub(r'([\\"$])', r"\\\1", text)
    return f'"{escaped}"'


def name(text: str) -> str:
    """Return text that is a name of HAProxy's, unchanged.

    Raises:
        ValueError: it is not.
    """
    if not _NAME.fullmatch(text):
        raise ValueError(f"not a name: {text!r}")
    return text


def address(text: str) -> str:
    """Return an instance's address as a server's; spaces are escaped."""
    where = Address.parse(text)
    if where.path is None:
        return str(where)
    if any(ord(letter) < 32 for letter in where.path):
        raise ValueError(f"not the path of a socket: {where.path!r}")
    return "unix@" + re.sub(r"([\\ ;\"'#$])", r"\\\1", where.path)


def milliseconds(seconds: float) -> int:
    """Return a time in HAProxy's finest unit, at least 1."""
    return max(1, math.ceil(seconds * 1000))


def answer(error: NodeDeployError, place: str = "") -> str:
    """Return the words of a rule that answer with an error.

    Args:
        error: in its message, ``@@`` stands for ``place``.
        place: a sample expression that gives JSON text without its quotes.
    """
    body = json.dumps(error.body())
    headers = " ".join(f"hdr {key.lower()} {quoted(value)}" for key, value in error.headers.items())
    if place:
        body = body.replace("%", "%%").replace(_PLACE, f"%[{place}]")
    kind = "lf-string" if place else "string"
    words = f"status {int(error.status)} content-type application/json {headers} "
    return f"{words}{kind} {quoted(body)}"


def error_file(status: HTTPStatus, error: NodeDeployError, *, retry: bool = True) -> bytes:
    """Return a whole answer, for errors that HAProxy finds by itself."""
    body = json.dumps(error.body()).encode()
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "content-type: application/json",
        f"content-length: {len(body)}",
        *(
            f"{key.lower()}: {v}"
            for key, v in error.headers.items()
            if retry or key != "Retry-After"
        ),
    ]
    return "\r\n".join([*lines, "", ""]).encode() + body
