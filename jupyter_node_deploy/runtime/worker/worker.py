"""A worker: takes one request after the other from its socket (user's interpreter)."""

from __future__ import annotations

import contextlib
import json
import mmap
import os
import signal

from ..handoff import HandoffTokens
from ..shared_prints import SharedPrints
from ..wire import AHEAD, DIED, DROPPED, FINGERPRINT, READY, VERIFY, Answer, RequestReader
from . import leftovers
from .answer_writer import AnswerWriter
from .execution import Execution
from .forking import fork, reseed
from .process_group import adopt_orphans, children, die_with_parent

_RUNNING, _ANSWERING = 1, 2  # what a child that has its request is at
_CLOSED = 3  # exit code of a child that found the socket closed


def serve(
    writer: AnswerWriter,
    requests: RequestReader,
    execution: Execution,
    shared: SharedPrints,
    tokens: HandoffTokens,
    *,
    once: bool,
) -> None:
    """Answer requests until the front closes the socket.

    Args:
        writer: where answers go.
        requests: where requests come from.
        execution: ready to run; with isolation ``request`` each run is in a child of its own.
        shared: where prints are kept in case the process is killed.
        tokens: tokens of the requests that were sent ahead.
        once: this process is for one request only: with isolation ``request`` where it can't be
            forked.
    """
    execution.install(shared)
    leftovers.watch_temporary_files()
    try:
        writer.send(Answer(READY, 0, 0.0, b"", b"", b""))
        if execution.bundle.concurrency > 1:
            from .async_worker import AsyncWorker  # not for all: asyncio takes memory

            AsyncWorker(writer, requests, execution, shared).serve()
        elif once:
            _run_once(writer, requests, execution)
        elif execution.bundle.isolation == "request":
            _run_in_children(writer, requests, execution)
        else:
            _run(writer, requests, execution, tokens)
    except (BrokenPipeError, ConnectionResetError):
        return  # the front is gone


def _run(
    writer: AnswerWriter, requests: RequestReader, execution: Execution, tokens: HandoffTokens
) -> None:
    while (frame := requests.next()) is not None:
        flags, folder, body, _ = frame
        if flags & AHEAD and not tokens.take():
            writer.send(Answer(DROPPED, 0, 0.0, b"", b"", b""), more=requests.more)
        elif flags & (FINGERPRINT | VERIFY):
            writer.send(execution.look(flags))
        else:
            # Answered first, tidied up after: the caller need not wait for that.
            writer.send(execution.answer(body, flags, folder), more=requests.more)
            execution.reset()


def _run_once(writer: AnswerWriter, requests: RequestReader, execution: Execution) -> None:
    frame = requests.next()
    if frame is not None:
        flags, folder, body, _ = frame
        writer.send(execution.answer(body, flags, folder))
        leftovers.remove_temporary_files()
        requests.next()  # the front ends this process, and what the run has left in it


def _run_in_children(writer: AnswerWriter, requests: RequestReader, execution: Execution) -> None:
    # Each child is there before its request: forking a large process takes a while. It is forked
    # after the answer before, so that it does not slow that down.
    adopt_orphans()
    child = _Child(writer, requests, execution)
    while True:
        if child.answers():
            following = _Child(writer, requests, execution)
            if child.wait():
                os._exit(1)  # what else went wrong: the front must see the end
            child = following
            _end_others(child)
            continue
        code = child.wait()
        if child.stage == _RUNNING:
            how = json.dumps({"code": code}).encode()
            writer.send(Answer(DIED, 0, 0.0, b"", b"", how))
            child = _Child(writer, requests, execution)
            _end_others(child)
        elif code == _CLOSED:
            return
        else:
            os._exit(1)  # half an answer may be on the wire: the front must see the end


def _end_others(child: _Child) -> None:
    """End the processes that runs have started and left; theirs, in turn, become ours."""
    while others := children() - {child.pid}:
        for pid in others:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)


class _Child:
    """A process that waits for one request, runs it, answers and ends."""

    def __init__(self, writer: AnswerWriter, requests: RequestReader, execution: Execution) -> None:
        self._stage = mmap.mmap(-1, 1)  # shared
        parent = os.getpid()
        self._told, tells = os.pipe()
        self.pid = fork()
        if not self.pid:
            try:
                die_with_parent(parent)
                reseed()
                os._exit(self._run(writer, requests, execution, tells))
            finally:
                os._exit(1)
        os.close(tells)

    @property
    def stage(self) -> int:
        """What it is at, or was when it ended."""
        return self._stage[0]

    def answers(self) -> bool:
        """Wait until it has answered; False if it ends before."""
        answered = os.read(self._told, 1) != b""
        os.close(self._told)
        return answered

    def wait(self) -> int:
        """Wait for its end; return its exit code, negative for a signal."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def _run(
        self, writer: AnswerWriter, requests: RequestReader, execution: Execution, tells: int
    ) -> int:
        frame = requests.next()
        if frame is None:
            return _CLOSED
        self._stage[0] = _RUNNING
        flags, folder, body, _ = frame
        look = flags & (FINGERPRINT | VERIFY)
        answer = execution.look(flags) if look else execution.answer(body, flags, folder)
        self._stage[0] = _ANSWERING
        writer.send(answer)
        os.write(tells, b".")
        leftovers.remove_temporary_files()
        return 0
