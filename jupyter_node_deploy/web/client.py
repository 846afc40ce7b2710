"""The client: a pool of kept-alive connections to one address."""

from __future__ import annotations

import asyncio
from typing import Any

import httptools

from .address import Address
from .message import Response

IDLE_SECONDS = 60.0  # less than the server's, so that a pooled connection is seldom a dead one
CONNECT_SECONDS = 5.0


class ConnectFailed(Exception):
    """No connection: nothing was sent, so the request may be tried elsewhere."""


class ConnectionLost(Exception):
    """The connection ended before the answer was whole: the request may have been carried out."""


class Client:
    """A client of one server.

    Args:
        address: ``unix:/path`` or ``HOST:PORT``.
        max_idle: connections kept open while unused.
    """

    def __init__(self, address: str, *, max_idle: int = 64) -> None:
        self.address = Address.parse(address)
        self.max_idle = max_idle
        self._host = str(self.address) if self.address.path is None else "localhost"
        self._idle: list[_Connection] = []
        self._closed = False

    async def request(
        self,
        method: str,
        target: str,
        headers: dict[str, str] | None = None,
        body: bytes = b"",
        timeout: float | None = None,  # noqa: ASYNC109 - the whole exchange, connecting included
    ) -> Response:
        """Send a request and return the answer; headers of the answer are in lower case.

        Raises:
            ConnectFailed: nothing was sent.
            ConnectionLost: it was sent, the answer did not come.
            TimeoutError: no answer within ``timeout`` seconds.
        """
        connection: _Connection | None = None
        try:
            async with asyncio.timeout(timeout):
                connection = self._reuse() or await self._connect()
                response = await connection.exchange(self._encode(method, target, headers, body))
        except BaseException:
            # Also when cancelled: the server must see that its client is gone.
            if connection is not None:
                connection.abort()
            raise
        if connection.reusable and not self._closed and len(self._idle) < self.max_idle:
            connection.idle_since = asyncio.get_running_loop().time()
            self._idle.append(connection)
        else:
            connection.abort()
        return response

    def close(self) -> None:
        """Close the idle connections; those in use close when they are done."""
        self._closed = True
        while self._idle:
            self._idle.pop().abort()

    def _reuse(self) -> _Connection | None:
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable and connection.idle_since > oldest:
                return connection
            connection.abort()
        return None

    async def _connect(self) -> _Connection:
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                if self.address.path is not None:
                    _, connection = await loop.create_unix_connection(
                        lambda: _Connection(loop), self.address.path
                    )
                else:
                    _, connection = await loop.create_connection(
                        lambda: _Connection(loop), self.address.host, self.address.port
                    )
        except (OSError, TimeoutError) as error:
            raise ConnectFailed(f"{self.address}: {error or 'timed out'}") from error
        return connection

    def _encode(
        self, method: str, target: str, headers: dict[str, str] | None, body: bytes
    ) -> bytes:
        lines = [f"{method} {target} HTTP/1.1", f"host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
        lines.append(f"content-length: {len(body)}")
        return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


class _Connection(asyncio.Protocol):
    """One connection: one exchange at a time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.transport: Any = None
        self.parser: Any = None
        self.answer: asyncio.Future[Response] | None = None
        self.reusable = False
        self.idle_since = 0.0
        self.headers: dict[str, str] = {}
        self.chunks: list[bytes] = []

    async def exchange(self, data: bytes) -> Response:
        """Write a request, return its answer."""
        if not self.reusable:
            raise ConnectFailed("the connection was closed before anything was sent")
        self.reusable = False
        self.parser = httptools.HttpResponseParser(self)
        self.headers, self.chunks = {}, []
        self.answer = self.loop.create_future()
        self.transport.write(data)
        try:
            return await self.answer
        finally:
            self.answer = None

    def abort(self) -> None:
        """Close at once."""
        self.reusable = False
        self.transport.abort()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.reusable = True

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        if self.answer is not None and not self.answer.done():
            self.answer.set_exception(ConnectionLost(str(exc or "closed by the server")))

    def data_received(self, data: bytes) -> None:
        if self.answer is None or self.answer.done():
            self.abort()  # nobody asked
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            if not self.answer.done():
                self.answer.set_exception(ConnectionLost(f"not a valid HTTP answer: {error}"))
            self.abort()

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.chunks.append(body)

    def on_message_complete(self) -> None:
        status = self.parser.get_status_code()
        if status < 200:  # 100 Continue and the like: the answer is still to come
            self.headers, self.chunks = {}, []
            return
        self.reusable = self.parser.should_keep_alive()
        if self.answer is not None and not self.answer.done():
            self.answer.set_result(Response(status, b"".join(self.chunks), self.headers))
