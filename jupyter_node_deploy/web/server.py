"""The server: one handler, bounded requests, and a stop that loses nothing in flight."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Coroutine
from typing import Any

import httptools

from ..errors import Internal, InvalidArgument, Message, NodeDeployError, TooLarge
from .address import Address
from .message import Handler, Pending, Request, Response

log = logging.getLogger(__name__)

BODY_LIMIT = 16 * 1024 * 1024
HEAD_LIMIT = 64 * 1024
IDLE_SECONDS = 120.0  # a kept-alive connection without a request
READ_SECONDS = 60.0  # a request that has begun but does not end
LINGER_SECONDS = 5.0  # reading on after a refusal, so that the client gets to see the answer
SWEEP_SECONDS = 1.0
PIPELINE_LIMIT = 16
NAMES_LIMIT = 200  # of headers, remembered as clients write them

_NAMES: dict[bytes, str] = {}


class Server:
    """An HTTP/1.1 server.

    Args:
        handler: called for each request; it answers at once, later (``Pending``), or with a
            coroutine, which gets a task. What it raises becomes an error answer; what it has
            begun is cancelled when the client goes away.
        body_limit: bytes of a request's body; more is answered 413.
    """

    def __init__(self, handler: Handler, *, body_limit: int = BODY_LIMIT) -> None:
        self.handler = handler
        self.body_limit = body_limit
        self.connections: set[_Connection] = set()
        self.stopping = False
        self.all_closed = asyncio.Event()
        self._server: asyncio.AbstractServer | None = None
        self._sweeper: asyncio.Task[None] | None = None

    async def start(self, address: str) -> Address:
        """Listen at ``address``; return it with the port that was bound."""
        loop = asyncio.get_running_loop()
        where = Address.parse(address)
        if where.path is not None:
            self._server = await loop.create_unix_server(
                lambda: _Connection(self, loop), where.path, backlog=1024
            )
        else:
            server = await loop.create_server(
                lambda: _Connection(self, loop), where.host, where.port, backlog=1024
            )
            where = Address(host=where.host, port=server.sockets[0].getsockname()[1])
            self._server = server
        self._sweeper = loop.create_task(self._sweep())
        return where

    async def stop(self, grace: float = 0.0) -> None:
        """Accept nothing new, let what is in flight finish for ``grace`` seconds, close."""
        self.stopping = True
        if self._server is not None:
            self._server.close()
        for connection in list(self.connections):
            connection.close_if_idle()
        if self.connections and grace > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.all_closed.wait(), grace)
        for connection in list(self.connections):
            connection.abort()
        if self._sweeper is not None:
            self._sweeper.cancel()

    async def _sweep(self) -> None:
        # One coarse timer for all connections: one per request would cost more than it is worth.
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(SWEEP_SECONDS)
            now = loop.time()
            for connection in list(self.connections):
                if connection.deadline is not None and connection.deadline < now:
                    connection.abort()


class _Connection(asyncio.Protocol):
    """One client: parses requests, answers them one after the other."""

    def __init__(self, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self.server = server
        self.loop = loop
        self.parser: Any = httptools.HttpRequestParser(self)
        self.transport: Any = None
        self.waiting: deque[tuple[Request, bool]] = deque()
        self.current: tuple[Request, bool] | None = None  # being answered; whether to keep open
        self.work: asyncio.Task[None] | Pending | None = None  # that makes the answer
        self.deadline: float | None = None
        self.discarding = False
        self.paused = False
        self._reset()

    def _reset(self) -> None:
        self.target = b""
        self.headers: dict[str, str] = {}
        self.chunks: list[bytes] = []
        self.head_size = 0
        self.head_ended = False
        self.body_size = 0

    # --- the transport ---

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.deadline = self.loop.time() + IDLE_SECONDS
        self.server.connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.server.connections.discard(self)
        if self.server.stopping and not self.server.connections:
            self.server.all_closed.set()
        self.waiting.clear()
        self.current = None
        if self.work is not None:
            self.work.cancel()

    def data_received(self, data: bytes) -> None:
        if self.discarding:
            return
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # no protocol to upgrade to: the request is answered as it is
        except _Refused as refused:
            self._refuse(refused.error)
        except httptools.HttpParserError as error:
            cause = error.__context__
            if isinstance(cause, _Refused):  # raised inside a parser's callback
                self._refuse(cause.error)
            else:
                self._refuse(InvalidArgument(f"not a valid HTTP/1.1 request: {error}"))

    def close_if_idle(self) -> None:
        """Close unless a request is being read or answered."""
        if self.current is None and not self.head_size:
            self.transport.close()

    def abort(self) -> None:
        """Close at once."""
        self.transport.abort()

    # --- httptools callbacks ---

    def on_message_begin(self) -> None:
        self.deadline = self.loop.time() + READ_SECONDS

    def on_url(self, url: bytes) -> None:
        self.target += url
        self.head_size += len(url)
        if self.head_size > HEAD_LIMIT:
            raise _Refused(_large_head())

    def on_header(self, name: bytes, value: bytes) -> None:
        # For each header of each request: no call that can be spared.
        self.head_size += len(name) + len(value)
        if self.head_size > HEAD_LIMIT:
            raise _Refused(_large_head())
        if self.head_ended:
            return  # a trailer: nobody looked at it when the request was let in
        key = _NAMES.get(name) or _name(name)
        text = value.decode("latin-1")
        headers = self.headers
        headers[key] = f"{headers[key]}, {text}" if key in headers else text

    def on_headers_complete(self) -> None:
        self.head_ended = True
        declared = self.headers.get("content-length")
        if declared is not None and declared.isdigit() and int(declared) > self.server.body_limit:
            raise _Refused(self._too_large())
        if "expect" in self.headers and self.headers["expect"].lower() == "100-continue":
            self.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    def on_body(self, body: bytes) -> None:
        self.body_size += len(body)
        if self.body_size > self.server.body_limit:
            raise _Refused(self._too_large())
        self.chunks.append(body)

    def on_message_complete(self) -> None:
        self.deadline = None
        request = Request(
            self.parser.get_method().decode("latin-1"),
            self.target.decode("latin-1"),
            self.headers,
            self.chunks[0] if len(self.chunks) == 1 else b"".join(self.chunks),
        )
        keep_alive = self.parser.should_keep_alive()
        self._reset()
        if self.current is None:
            self._begin(request, keep_alive)
        else:  # pipelined
            self.waiting.append((request, keep_alive))
            if len(self.waiting) > PIPELINE_LIMIT and not self.paused:
                self.paused = True
                self.transport.pause_reading()

    # --- answering ---

    def _begin(self, request: Request, keep_alive: bool) -> None:
        self.current = (request, keep_alive)
        try:
            made = self.server.handler(request)
        except Exception as error:
            made = _failure(request, error)
        if isinstance(made, Response):
            self._reply(made)
        elif isinstance(made, Pending):
            made.reply = self._reply
            self.work = made
        else:
            self.work = self.loop.create_task(self._wait(request, made))

    async def _wait(self, request: Request, made: Coroutine[Any, Any, Response]) -> None:
        try:
            response = await made
        except Exception as error:
            response = _failure(request, error)
        self._reply(response)

    def _reply(self, response: Response) -> None:
        self.work = None
        if self.current is None:
            return  # the client went away
        request, keep_alive = self.current
        self.current = None
        keep_alive = keep_alive and not self.server.stopping
        head_only = request.method == "HEAD"
        for piece in response.encode(keep_alive=keep_alive, head_only=head_only):
            self.transport.write(piece)
        if not keep_alive:
            self.waiting.clear()
            self.transport.close()
        elif self.waiting:
            # Not from here: answers that are there at once would pile up on the stack.
            self.current = self.waiting[0]
            self.loop.call_soon(self._next)
        elif self.deadline is None:
            self.deadline = self.loop.time() + IDLE_SECONDS

    def _next(self) -> None:
        if not self.waiting:
            return  # the client went away
        request, keep_alive = self.waiting.popleft()
        if self.paused:
            self.paused = False
            self.transport.resume_reading()
        self._begin(request, keep_alive)

    def _refuse(self, error: NodeDeployError) -> None:
        # The client may still be sending: closing now would reset the connection and lose the
        # answer, so read on for a while and throw it away.
        self.discarding = True
        self.deadline = self.loop.time() + LINGER_SECONDS
        for piece in Response.error(error).encode(keep_alive=False):
            self.transport.write(piece)
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _too_large(self) -> TooLarge:
        limit = self.server.body_limit
        return TooLarge(Message("The body is over {limit} bytes.", "BODY_TOO_LARGE", limit=limit))


def _failure(request: Request, error: Exception) -> Response:
    if isinstance(error, NodeDeployError):
        return Response.error(error)
    log.error("the handler failed: %s %s", request.method, request.path, exc_info=error)
    return Response.error(Internal("internal error; the log has the reason"))


def _large_head() -> TooLarge:
    return TooLarge(
        Message("the request's head is over {limit} bytes", "HEAD_TOO_LARGE", limit=HEAD_LIMIT)
    )


def _name(name: bytes) -> str:
    key = name.decode("latin-1").lower()
    if len(_NAMES) < NAMES_LIMIT:
        _NAMES[name] = key
    return key


class _Refused(Exception):
    def __init__(self, error: NodeDeployError) -> None:
        super().__init__(error.message)
        self.error = error
