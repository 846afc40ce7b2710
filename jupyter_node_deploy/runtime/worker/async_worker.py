"""A worker that runs several requests at a time, for cells that await.

User's interpreter, standard library only. Each run is a task with a namespace of its own; what it
prints, and the tasks that it starts, are told apart by the context that they run in.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import time
from contextvars import ContextVar
from typing import Any

from ...errors import NodeDeployError
from ..shared_prints import SharedPrints
from ..wire import CANCEL, DONE, FINGERPRINT, VERIFY, Answer, RequestReader
from .answer_writer import AnswerWriter
from .execution import Execution, refusal
from .prints import Prints

_CANCELLED = 499  # a status that nobody sees: the front has answered


class _Run:
    """One request: its prints, and the tasks that it has started.

    Args:
        slot: the front's number for one of the runs at a time.
        shared: where its prints are kept, too, in case the process is killed.
    """

    def __init__(self, slot: int, shared: SharedPrints) -> None:
        self.slot = slot
        self.stdout, self.stderr = Prints(1), Prints(2)
        shared.clear()
        self.stdout.share(shared, 0)
        self.stderr.share(shared, 1)
        self.tasks: set[asyncio.Task[Any]] = set()
        self.cancelled = False

    async def end(self) -> None:
        """Cancel what it has started and not waited for."""
        while left := [task for task in self.tasks if not task.done()]:
            for task in left:
                task.cancel()
            await asyncio.gather(*left, return_exceptions=True)


_current: ContextVar[_Run | None] = ContextVar("run", default=None)


class AsyncWorker:
    """Answers requests until the front closes the socket.

    Args:
        writer: where answers go.
        requests: where requests come from.
        execution: ready to run, and checked (``concurrency.check``).
        shared: memory for the prints of each slot.
    """

    def __init__(
        self,
        writer: AnswerWriter,
        requests: RequestReader,
        execution: Execution,
        shared: SharedPrints,
    ) -> None:
        self._writer = writer
        self._requests = requests
        self._execution = execution
        self._shared = shared
        self._loop = asyncio.new_event_loop()
        self._closed: asyncio.Future[None] = self._loop.create_future()
        self._runs: dict[int, tuple[_Run, asyncio.Task[None]]] = {}  # by slot

    def serve(self) -> None:
        """Run until the front closes the socket."""
        asyncio.set_event_loop(self._loop)
        self._loop.set_task_factory(_task)
        sys.stdout, sys.stderr = _Stream(1), _Stream(2)
        for name in ("TRACEPARENT", "TRACESTATE"):  # the environment is one for all requests
            os.environ.pop(name, None)
        self._loop.add_reader(self._requests, self._readable)
        while not self._closed.done():
            # Raised in a task of a cell's, it ends the loop; who awaits that task gets it, too.
            with contextlib.suppress(SystemExit):
                self._loop.run_until_complete(self._closed)

    def _readable(self) -> None:
        while True:
            # The rest of a request that has begun to arrive is on its way: worth waiting for.
            frame = self._requests.next()
            if frame is None:
                self._loop.remove_reader(self._requests)
                self._closed.set_result(None)
                return
            self._take(*frame)
            if not self._requests.more:
                return

    def _take(self, flags: int, context: str, body: bytes | bytearray, slot: int) -> None:
        if flags & CANCEL:
            if slot in self._runs:
                run, task = self._runs[slot]
                run.cancelled = True
                task.cancel()
        elif flags & (FINGERPRINT | VERIFY):
            self._writer.send(self._execution.look(flags, slot))
        else:
            run = _Run(slot, self._shared.of(slot))
            folder = context.partition("\n")[0]
            self._runs[slot] = run, self._loop.create_task(self._answer(run, flags, folder, body))

    async def _answer(self, run: _Run, flags: int, folder: str, body: bytes | bytearray) -> None:
        _current.set(run)
        answer = Answer(DONE, _CANCELLED, 0.0, b"", b"", b"", run.slot)
        with contextlib.suppress(asyncio.CancelledError):
            await self._execute(run, answer, flags, folder, body)
        await run.end()
        del self._runs[run.slot]
        if not self._runs:  # figures are those of the process
            self._execution.figures.close()
        answer.stdout, answer.stderr = run.stdout.take(), run.stderr.take()
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its end is read next
            self._writer.send(answer)

    async def _execute(
        self, run: _Run, answer: Answer, flags: int, folder: str, body: bytes | bytearray
    ) -> None:
        execution = self._execution
        namespace = dict(execution.saved)
        try:
            namespace.update(execution.inputs.read(body, flags, folder))
            for name in execution.cleared:
                namespace.pop(name, None)
            start = time.perf_counter()
            try:
                await execution.cell.coroutine(namespace)
            except BaseException as error:
                if run.cancelled:
                    raise asyncio.CancelledError from None
                raise execution.raised(error, run.stderr) from None
            finally:
                answer.seconds = time.perf_counter() - start
            answer.kind, answer.status, answer.body = execution.outputs.write(namespace, flags)
        except NodeDeployError as error:
            answer.kind, answer.status, answer.body = refusal(error)


def _task(loop: asyncio.AbstractEventLoop, coroutine: Any, **options: Any) -> asyncio.Task[Any]:
    task = asyncio.Task(coroutine, loop=loop, **options)
    run = _current.get()
    if run is not None:
        run.tasks.add(task)
        task.add_done_callback(run.tasks.discard)
    return task


class _Stream(Prints):
    """``sys.stdout`` or ``sys.stderr``: writes to the stream of the request in whose context."""

    def write(self, text: str) -> int:
        run = _current.get()
        if run is not None:
            return (run.stdout if self._descriptor == 1 else run.stderr).write(text)
        # A thread of nobody's: into the instance's own log, as what subprocesses write.
        data = text.encode("utf-8", "backslashreplace")
        with contextlib.suppress(OSError):
            os.write(self._descriptor, data)
        return len(text)
