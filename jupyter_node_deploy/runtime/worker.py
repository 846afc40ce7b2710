"""A worker: takes one request after the other from its socket (user's interpreter)."""

from __future__ import annotations

import json
import mmap
import os
import socket

from .execution import Execution
from .forking import fork, reseed
from .frames import DIED, DONE, PROBE, READY, Answer, receive_request
from .processes import die_with_parent
from .shared_prints import SharedPrints


def serve(sock: socket.socket, execution: Execution, shared: SharedPrints) -> None:
    """Answer requests until the front closes the socket.

    Args:
        sock: blocking, to the front.
        execution: ready to run; with isolation ``request`` each run is in a child of its own.
        shared: where prints are kept in case the process is killed.
    """
    execution.install(shared)
    run = _run_in_child(sock) if execution.bundle.isolation == "request" else _run
    try:
        sock.sendall(Answer(READY, 0, 0.0, b"", b"", b"").encode())
        while True:
            frame = receive_request(sock)
            if frame is None:
                return
            flags, folder, body = frame
            run(sock, execution, body, flags, folder)
    except (BrokenPipeError, ConnectionResetError):
        return  # the front is gone


def _run(
    sock: socket.socket, execution: Execution, body: bytes | bytearray, flags: int, folder: str
) -> None:
    if flags & PROBE:
        state = json.dumps(execution.fingerprints()).encode()
        sock.sendall(Answer(DONE, 200, 0.0, b"", b"", state).encode())
        return
    # Answered first, tidied up after: the caller need not wait for that.
    sock.sendall(execution.answer(body, flags, folder).encode())
    execution.reset()


def _run_in_child(sock: socket.socket):  # type: ignore[no-untyped-def]
    answering = mmap.mmap(-1, 1)  # shared: the child says that it began to answer

    def run(
        sock: socket.socket,
        execution: Execution,
        body: bytes | bytearray,
        flags: int,
        folder: str,
    ) -> None:
        answering[0] = 0
        parent = os.getpid()
        child = fork()
        if not child:
            try:
                die_with_parent(parent)
                reseed()
                frame = execution.answer(body, flags, folder).encode()
                answering[0] = 1
                sock.sendall(frame)
                os._exit(0)
            finally:
                os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if answering[0]:
            if code:  # half an answer may be on the wire: the front must see the end
                os._exit(1)
        else:
            how = json.dumps({"code": code}).encode()
            sock.sendall(Answer(DIED, 0, 0.0, b"", b"", how).encode())

    return run
