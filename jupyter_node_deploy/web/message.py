"""Requests and responses, whole in memory: bodies are bounded by the server's limit."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from ..errors import NodeDeployError

_LARGE = 64 * 1024  # bytes that are not worth a copy
_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus
}


@dataclass(slots=True)
class Request:
    """One request.

    Attributes:
        target: the request target as sent (path and query).
        headers: names in lower case; repeated headers joined by ``", "``.
    """

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]


@dataclass(slots=True)
class Response:
    """One response; ``Content-Length`` and ``Connection`` are set by the server."""

    status: int
    body: bytes | bytearray = b""
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def json(cls, value: Any, status: int = 200) -> Response:
        """Return ``value`` as a JSON response."""
        body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        return cls(status, body, {"content-type": "application/json"})

    @classmethod
    def error(cls, error: NodeDeployError) -> Response:
        """Return the documented form of an error."""
        response = cls.json(error.body(), error.status)
        response.headers.update(error.headers)
        return response

    def encode(self, *, keep_alive: bool, head_only: bool = False) -> list[bytes | bytearray]:
        """Return the bytes on the wire, a large body apart."""
        head = _STATUS_LINES.get(self.status) or f"HTTP/1.1 {self.status} Unknown\r\n"
        for name, value in self.headers.items():
            head += f"{name}: {value}\r\n"
        end = "\r\n" if keep_alive else "connection: close\r\n\r\n"
        data = f"{head}content-length: {len(self.body)}\r\n{end}".encode("latin-1", "replace")
        if head_only:
            return [data]
        return [data + self.body] if len(self.body) < _LARGE else [data, self.body]


class Pending:
    """An answer that comes later, without a task that waits for it.

    Attributes:
        reply: set by the server; to be called once, with the response.
    """

    __slots__ = ()

    reply: Callable[[Response], None]

    def cancel(self) -> None:
        """Called when the client has gone away: nobody waits for ``reply`` any more."""
        raise NotImplementedError


Handler = Callable[[Request], Response | Pending | Coroutine[Any, Any, Response]]
