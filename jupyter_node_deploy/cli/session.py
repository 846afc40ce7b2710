"""A kernel on the server, in which the CLI runs a notebook's cells as any client would."""

from __future__ import annotations

import asyncio
import getpass
import json
import os
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from .connection import Connection
from .failure import Failure
from .notebook import CodeCell, Notebook

_MESSAGE_LIMIT = 1 << 30  # a cell may print a lot


class Session:
    """One kernel and one websocket to it."""

    def __init__(self, kernel_id: str, socket: WebSocketClientConnection) -> None:
        self.kernel_id = kernel_id
        self._socket = socket
        self._id = uuid.uuid4().hex

    async def run(self, cell: CodeCell) -> None:
        """Run a cell and wait until the kernel is idle again.

        Raises:
            Failure: the cell raised (details have its traceback), or the kernel died.
        """
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


@asynccontextmanager
async def opened(api: Connection, notebook: Notebook) -> AsyncIterator[Session]:
    """Start the notebook's kernel in the notebook's folder; shut it down at the end."""
    folder = notebook.path.resolve().parent
    model, inside = _start(api, notebook)
    kernel_id = str(model["kernel"]["id"])
    try:
        session = Session(kernel_id, await _connect(api, kernel_id))
        if not inside:
            # The folder is not below the server's root, so the kernel was started elsewhere.
            await session.execute(f"__import__('os').chdir({str(folder)!r})", silent=True)
        yield session
    finally:
        api.jupyter("DELETE", f"api/sessions/{model['id']}")


async def run_cells(
    session: Session, cells: Sequence[CodeCell], note: Callable[[str], None]
) -> None:
    """Run cells in order.

    Raises:
        Failure: one of them raised; the message says which.
    """
    for number, cell in enumerate(cells, 1):
        note(f"Running cell {number} of {len(cells)} …")
        try:
            await session.run(cell)
        except Failure as failure:
            failure.message = f"Cell {number} ({cell.id}): {failure.message}"
            raise


def _start(api: Connection, notebook: Notebook) -> tuple[dict[str, Any], bool]:
    path = notebook.path.resolve()
    root = api.server.root
    inside = root is not None and path.is_relative_to(root)
    shown = str(path.relative_to(root)) if root is not None and inside else path.name
    name = f"deploy-{uuid.uuid4().hex}"
    # Somebody may have the notebook open: the server then answers with that session, which is
    # not ours to run cells in or to shut down.
    for session_path in (shown, f"{shown}-{name}"):
        model: dict[str, Any] = api.jupyter(
            "POST",
            "api/sessions",
            {
                "path": session_path,
                "name": name,
                "type": "notebook",
                "kernel": {"name": notebook.kernel},
            },
        )
        if model["name"] == name:
            return model, inside
    raise Failure("The Jupyter server does not start a session for the notebook.")


async def _connect(api: Connection, kernel_id: str) -> WebSocketClientConnection:
    url = api.server.url.replace("http", "ws", 1) + f"api/kernels/{kernel_id}/channels"
    request = HTTPRequest(url, headers={"Authorization": f"token {api.server.token}"})
    try:
        return await websocket_connect(request, max_message_size=_MESSAGE_LIMIT)
    except (OSError, HTTPClientError) as error:
        raise Failure(f"Can't connect to the kernel: {error}.", code=14) from error
