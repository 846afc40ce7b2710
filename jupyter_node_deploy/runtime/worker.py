"""A worker: takes one request after the other from its socket (user's interpreter)."""

from __future__ import annotations

import json
import mmap
import os

from .claims import Claims
from .execution import Execution
from .forking import fork, reseed
from .frames import CLAIM, DIED, DONE, DROPPED, PROBE, READY, Answer, RequestReader
from .outlet import Outlet
from .processes import die_with_parent
from .shared_prints import SharedPrints

_WAITING, _RUNNING, _ANSWERING = range(3)  # what a child that runs one request is at
_CLOSED = 3  # exit code of a child that found the socket closed


def serve(
    outlet: Outlet,
    requests: RequestReader,
    execution: Execution,
    shared: SharedPrints,
    claims: Claims,
) -> None:
    """Answer requests until the front closes the socket.

    Args:
        outlet: where answers go.
        requests: where requests come from.
        execution: ready to run; with isolation ``request`` each run is in a child of its own.
        shared: where prints are kept in case the process is killed.
        claims: tokens of the requests that were sent ahead.
    """
    execution.install(shared)
    try:
        outlet.send(Answer(READY, 0, 0.0, b"", b"", b""))
        if execution.bundle.isolation == "request":
            _run_in_children(outlet, requests, execution)
        else:
            _run(outlet, requests, execution, claims)
    except (BrokenPipeError, ConnectionResetError):
        return  # the front is gone


def _run(outlet: Outlet, requests: RequestReader, execution: Execution, claims: Claims) -> None:
    while (frame := requests.next()) is not None:
        flags, folder, body = frame
        if flags & CLAIM and not claims.take():
            outlet.send(Answer(DROPPED, 0, 0.0, b"", b"", b""), more=requests.more)
        elif flags & PROBE:
            state = json.dumps(execution.fingerprints()).encode()
            outlet.send(Answer(DONE, 200, 0.0, b"", b"", state))
        else:
            # Answered first, tidied up after: the caller need not wait for that.
            outlet.send(execution.answer(body, flags, folder), more=requests.more)
            execution.reset()


def _run_in_children(outlet: Outlet, requests: RequestReader, execution: Execution) -> None:
    # Each child is there before its request: forking a large process takes a while.
    progress = mmap.mmap(-1, 1)  # shared
    parent = os.getpid()
    while True:
        progress[0] = _WAITING
        child = fork()
        if not child:
            try:
                die_with_parent(parent)
                reseed()
                os._exit(_run_one(outlet, requests, execution, progress))
            finally:
                os._exit(1)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if progress[0] == _RUNNING:
            how = json.dumps({"code": code}).encode()
            outlet.send(Answer(DIED, 0, 0.0, b"", b"", how))
        elif code == _CLOSED:
            return
        elif code:
            os._exit(1)  # half an answer may be on the wire: the front must see the end


def _run_one(
    outlet: Outlet, requests: RequestReader, execution: Execution, progress: mmap.mmap
) -> int:
    frame = requests.next()
    if frame is None:
        return _CLOSED
    progress[0] = _RUNNING
    flags, folder, body = frame
    answer = execution.answer(body, flags, folder)
    progress[0] = _ANSWERING
    outlet.send(answer)
    return 0
