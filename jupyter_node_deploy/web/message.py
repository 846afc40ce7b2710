"""Requests and responses, whole in memory: bodies are bounded by the server's limit."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from ..errors import NodeDeployError

_REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(slots=True)
class Request:
    """One request.

    Attributes:
        target: the request target as sent (path and query).
        headers: names in lower case; repeated headers joined by ``", "``.
        peer: the client's IP address, empty on a Unix socket.
    """

    method: str
    target: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    peer: str = ""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query without its question mark."""
        return self.target.partition("?")[2]


@dataclass(slots=True)
class Response:
    """One response; ``Content-Length`` and ``Connection`` are set by the server."""

    status: int
    body: bytes = b""
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

    def encode(self, *, keep_alive: bool, head_only: bool = False) -> bytes:
        """Return the bytes on the wire."""
        lines = [f"HTTP/1.1 {self.status} {_REASONS.get(self.status, 'Unknown')}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines.append(f"content-length: {len(self.body)}")
        if not keep_alive:
            lines.append("connection: close")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        return head if head_only else head + self.body


Handler = Callable[[Request], Awaitable[Response]]
