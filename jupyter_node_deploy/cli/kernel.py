"""A kernel on the server, spoken to over the websocket that every client uses."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import sys
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from .connection import Connection
from .failure import Failure
from .notebook import CodeCell

_MESSAGE_LIMIT = 1 << 30  # a cell may print a lot


class Kernel:
    """One kernel and one websocket to it."""

    def __init__(self, kernel_id: str, socket: WebSocketClientConnection) -> None:
        self.id = kernel_id
        self._socket = socket
        self._id = uuid.uuid4().hex
        self._asking: Callable[[], AbstractContextManager[None]] = nullcontext

    async def run(
        self, cell: CodeCell, asking: Callable[[], AbstractContextManager[None]] = nullcontext
    ) -> None:
        """Run a cell and wait until the kernel is idle again.

        Args:
            asking: holds while the cell asks the user for input.

        Raises:
            Failure: the cell raised (details have its traceback), or the kernel died.
        """
        self._asking = asking
        error = await self.execute(cell.source, {"cellId": cell.id})
        if error is not None and not cell.may_raise:
            raise Failure(
                f"The cell raised {error['ename']}: {error['evalue']}",
                code=9,
                details=[
                    {
                        "error_name": error["ename"],
                        "error_message": error["evalue"],
                        "traceback": error["traceback"],
                    }
                ],
            )

    async def execute(
        self, code: str, metadata: dict[str, Any] | None = None, *, silent: bool = False
    ) -> dict[str, Any] | None:
        """Run code; return the content of the error, None if there was none."""
        request = await self._send(
            "shell",
            "execute_request",
            {
                "code": code,
                "silent": silent,
                "store_history": not silent,
                "user_expressions": {},
                "allow_stdin": True,
                "stop_on_error": True,
            },
            metadata,
        )
        error: dict[str, Any] | None = None
        awaited = {"reply", "idle"}
        while awaited:
            message = await self._receive()
            kind, content = message["header"]["msg_type"], message["content"]
            if kind == "status" and content["execution_state"] in ("restarting", "dead"):
                raise Failure("The kernel died while it ran the cell.", code=13)
            if message["parent_header"].get("msg_id") != request:
                continue
            if kind == "execute_reply":
                awaited.discard("reply")
                if content["status"] != "ok":
                    error = content
            elif kind == "status" and content["execution_state"] == "idle":
                awaited.discard("idle")
            elif kind == "input_request":
                with self._asking():
                    await self._answer(content)
        return error

    async def _answer(self, request: dict[str, Any]) -> None:
        if not os.isatty(0):
            raise Failure(
                f"The notebook asks for input ({request['prompt']!r}), and there is no terminal "
                "to ask on.",
                code=9,
            )
        if request.get("password"):
            value = await asyncio.to_thread(getpass.getpass, request["prompt"])
        else:
            sys.stderr.write(request["prompt"])
            sys.stderr.flush()
            value = (await asyncio.to_thread(sys.stdin.readline)).rstrip("\n")
        await self._send("stdin", "input_reply", {"value": value})

    async def _send(
        self,
        channel: str,
        kind: str,
        content: dict[str, Any],
        metadata: dict[str, Any] | None = None,
    ) -> str:
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self._id,
            "username": "",
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "version": "5.4",
        }
        message = {
            "channel": channel,
            "header": header,
            "parent_header": {},
            "metadata": metadata or {},
            "content": content,
        }
        await self._socket.write_message(json.dumps(message))
        return header["msg_id"]

    async def _receive(self) -> dict[str, Any]:
        while True:
            received = await self._socket.read_message()
            if received is None:
                raise Failure("The Jupyter server closed the connection to the kernel.", code=14)
            if isinstance(received, str):  # binary ones carry buffers of widgets
                message: dict[str, Any] = json.loads(received)
                return message


async def connect(api: Connection, kernel_id: str) -> Kernel:
    """Connect to a running kernel.

    Raises:
        Failure: the server refuses.
    """
    base = api.server.url.replace("http", "ws", 1)
    url = f"{base}api/kernels/{kernel_id}/channels?session_id={uuid.uuid4().hex}"
    request = HTTPRequest(url, headers={"Authorization": f"token {api.server.token}"})
    try:
        socket = await websocket_connect(request, max_message_size=_MESSAGE_LIMIT)
    except (OSError, HTTPClientError) as error:
        raise Failure(f"Can't connect to the kernel: {error}.", code=14) from error
    return Kernel(kernel_id, socket)
