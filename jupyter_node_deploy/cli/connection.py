"""HTTP to a Jupyter server: the control API, and the few requests of Jupyter's own."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import quote, urlencode, urlsplit

from . import waits
from .failure import Failure

#: Creating a node runs its cell once, which may take as long as the cell takes.
TIMEOUT = 3600.0


@dataclass(frozen=True)
class Server:
    """A running Jupyter server.

    Attributes:
        url: base URL, with a slash at its end.
        root: directory that its paths are relative to; None when it is not known.
        pid: its process id; None when it is not known.
    """

    url: str
    token: str
    root: Path | None = None
    pid: int | None = None


class Connection:
    """Asks one server; failures are raised as :class:`Failure`.

    Args:
        timeout: seconds of silence.
        working: tells a person what the server does meanwhile.
    """

    def __init__(
        self,
        server: Server,
        timeout: float = TIMEOUT,
        working: Callable[[str], AbstractContextManager[None]] = lambda _: nullcontext(),
    ) -> None:
        self.server = server
        self._working = working
        self._parts = urlsplit(server.url)
        self._timeout = timeout

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask the control API; return the decoded JSON, or None when the answer has no body."""
        return self.jupyter(method, f"jupyter-node-deploy/v1/{path}", body, query)

    def jupyter(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, Any] | None = None,
    ) -> Any:
        """Ask any path below the base URL."""
        with (
            self._working(waits.what(method, path)),
            self._answer(method, path, body, query) as answer,
        ):
            content = answer.read()
        return json.loads(content) if content else None

    def lines(self, path: str, query: Mapping[str, Any]) -> Iterator[str]:
        """Yield lines of a control API's text as they come."""
        with self._answer("GET", f"jupyter-node-deploy/v1/{path}", None, query) as answer:
            for line in answer:
                yield line.decode(errors="replace").rstrip("\n")

    def text(self, path: str) -> str:
        """Return a control API's text."""
        return "\n".join(self.lines(path, {}))

    def download(self, path: str, target: BinaryIO, query: Mapping[str, Any]) -> None:
        """Write a control API's file into ``target``."""
        path = f"jupyter-node-deploy/v1/{path}"
        with (
            self._working(waits.what("GET", path)),
            self._answer("GET", path, None, query) as answer,
        ):
            while piece := answer.read(1 << 20):
                target.write(piece)

    def _answer(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, Any] | None,
    ) -> http.client.HTTPResponse:
        given = {name: value for name, value in (query or {}).items() if value is not None}
        target = self._parts.path + path + (f"?{urlencode(given)}" if given else "")
        headers = {"Accept": "*/*"}
        if self.server.token:
            headers["Authorization"] = f"token {self.server.token}"
        content = None
        if body is not None:
            content = json.dumps(body).encode()
            headers["Content-Type"] = "application/json"
        connection = self._connect()
        try:
            connection.request(method, target, content, headers)
            answer = connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise Failure(
                f"The Jupyter server at {self.server.url} does not answer: {error}.", code=14
            ) from error
        if answer.status >= 300:
            with answer:
                raise _failure(answer.status, answer.read(), self.server.url)
        return answer

    def _connect(self) -> http.client.HTTPConnection:
        kind = (
            http.client.HTTPSConnection
            if self._parts.scheme == "https"
            else http.client.HTTPConnection
        )
        return kind(self._parts.hostname or "", self._parts.port, timeout=self._timeout)


def quoted(name: str) -> str:
    """Return an id or a name as one part of a path."""
    return quote(name, safe="")


def _failure(status: int, content: bytes, url: str) -> Failure:
    try:
        body = json.loads(content)
        message = body["message"]
    except (ValueError, KeyError, TypeError):
        body, message = {}, f"{url} answered with status {status}."
    if status in (401, 403) and "code" not in body:
        message = f"{url} refuses the token: {message}"
    return Failure(
        str(message),
        status=status,
        code=body.get("code", 2),
        details=body.get("details"),
        reason=body.get("reason"),
    )
