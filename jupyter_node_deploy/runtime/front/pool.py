"""Supervision: the zygote and its workers, seen from the front.

A worker that crashes is replaced at once; one that crashes again and again, or whose runs do in
processes of their own, later and later, and then the node says so.
"""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ...backoff import Backoff
from ...errors import DeadlineExceeded, Internal, NodeDeployError
from ..wire import DIED, DROPPED, FAILED, READY, Answer
from .dispatcher import Dispatcher, Runner
from .exit_reason import crash, ending
from .launch import Launched, launch
from .log import JsonLog
from .memory import private
from .memory_limit import MemoryLimit
from .metrics import Metrics
from .place import Place, place, running, timed_out
from .slots import Slot
from .worker_handle import WorkerHandle
from .zygote_handle import ZygoteHandle

_BACKOFF = Backoff(first=0.5, longest=10.0, free=4)
_CANCEL_SECONDS = 1.0  # that one of several runs has to end, when it was told to

STARTING, SERVING, BROKEN = "starting", "ready", "failed"


class Pool:
    """The workers of a bundle.

    Args:
        bundle: the bundle's directory.
        work: the workers' current directory.
        python: the user's interpreter.
        size: how many workers.
        changed: called with the new status and its reason.
        concurrency: how many requests a worker runs at a time.
        hash_seed: of the workers' interpreter; None for a random one.
        memory_limit: bytes that a worker may hold beyond the restored state.
        show_traceback: whether who called is told where a run was that took too long.
        launched: the first zygote, where it was started already.
    """

    def __init__(
        self,
        bundle: Path,
        work: Path,
        python: str,
        size: int,
        *,
        metrics: Metrics,
        log: JsonLog,
        changed: Callable[[str, str], None],
        concurrency: int = 1,
        hash_seed: int | None = None,
        memory_limit: int | None = None,
        show_traceback: bool = True,
        launched: Launched | None = None,
    ) -> None:
        self.bundle = bundle
        self.work = work
        self.python = python
        self.size = size
        self.metrics = metrics
        self.log = log
        self.changed = changed
        self.concurrency = concurrency
        self.hash_seed = hash_seed
        self.show_traceback = show_traceback
        self._launched = launched
        self.dispatcher: Dispatcher | None = None
        self.status, self.reason = STARTING, "The saved variables are being restored."
        self.error: dict[str, Any] | None = None  # body of the error that broke the start
        self.start_mode, self.start_reason = "", ""
        self.once = False  # each worker is for one request
        self.workers: dict[int, WorkerHandle] = {}
        self._loop = asyncio.get_running_loop()
        self._numbers = 0
        self._crashes = 0  # in a row, without an answer in between
        self._zygote: ZygoteHandle | None = None
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._memory = (
            None
            if memory_limit is None
            else MemoryLimit(memory_limit, self.workers, self._outgrown)
        )

    @property
    def zygote_pid(self) -> int | None:
        """The zygote's process id."""
        return None if self._zygote is None else self._zygote.process.pid

    # --- life ---

    def start(self) -> None:
        """Start the zygote; workers follow when it has restored the state."""
        if self._stopping:
            return
        launched, self._launched = self._launched, None
        try:
            launched = launched or launch(self.python, self.bundle, self.work, self.hash_seed)
        except OSError as error:
            self._break(f"the interpreter {self.python} does not start: {error.strerror or error}")
            return
        self._zygote = ZygoteHandle(launched, self._hear, lambda: self._later(self._zygote_ended()))

    async def stop(self) -> None:
        """End all processes; calls that still run are answered with an error."""
        self._stopping = True
        if self._memory is not None:
            self._memory.stop()
        if self._zygote is not None:
            self._zygote.close()
        started = bool(self.workers)
        for worker in list(self.workers.values()):
            self._lose(worker, Internal("the node was stopped before the cell had finished"))
        if self.dispatcher is not None:
            self.dispatcher.close("the node is stopping", flush=True)
        if self._zygote is not None:
            if not started:
                # It may be in the middle of restoring for a long time yet.
                self._zygote.process.kill()
            await asyncio.to_thread(self._zygote.wait)

    def place(self, pid: int) -> Place:
        """Return where a process of it is, which is about to be killed."""
        assert self._zygote is not None
        return place(pid, self._zygote.stacks)

    def replace(self, worker: WorkerHandle, error: NodeDeployError) -> None:
        """End a worker, whatever it is at; its call gets the error."""
        self._kill(worker)
        self._lose(worker, error)
        self._spawn()

    def fail(self, error: dict[str, Any]) -> None:
        """Give the start up.

        Args:
            error: an error body, which says why.
        """
        self.error = error
        if self._zygote is not None:
            self._zygote.close()
        for worker in list(self.workers.values()):
            self._lose(worker, Internal(error["message"]))
        self._break(error["message"])

    def expire(self, runner: Runner) -> None:
        """Replace a worker whose run takes too long, or that nobody waits for any more."""
        assert self.dispatcher is not None
        runner.drain()
        if runner.deadline > time.monotonic():
            return  # it has just answered
        limit = self.dispatcher.timeout
        text = f"the cell ran longer than its timeout of {limit:g} s and was stopped"
        late = DeadlineExceeded(text)
        stack: dict[str, Any] = {}
        if isinstance(runner, Slot):
            worker = self.workers[runner.worker.number]
            if not runner.cancelled:
                self._cancel(worker, runner, late)
                return
            error: NodeDeployError = Internal(
                "the worker was stopped: another request's run held it up past its timeout"
            )
        else:
            assert isinstance(runner, WorkerHandle)
            worker, error = runner, late
        abandoned = worker is runner and bool(runner.calls) and runner.calls[0].over
        if error is late and not abandoned and worker.pid is not None:
            found = self.place(running(worker.pid))
            stack = {"stack": found.lines, "libraries": found.libraries}
            if self.show_traceback:
                error = timed_out(f"{text}, {found}", found)
        self.metrics.restarts.add("abandoned" if abandoned else "timeout")
        what = "worker_abandoned" if abandoned else "worker_timeout"
        self.log.event(what, worker=worker.number, pid=worker.pid, timeout=limit, **stack)
        self.replace(worker, error)

    def _cancel(self, worker: WorkerHandle, slot: Slot, error: NodeDeployError) -> None:
        """Stop one of several runs; those beside it go on, if it gives way."""
        slot.cancel()
        slot.deadline = time.monotonic() + _CANCEL_SECONDS
        call = slot.calls[0]
        self.log.event("run_cancelled", worker=worker.number, pid=worker.pid, abandoned=call.over)
        call.prints = worker.prints.of(slot.number).read()
        call.settle(error)

    # --- what workers say ---

    def answered(self, worker: WorkerHandle, answer: Answer) -> None:
        """Take a worker's answer, and give it the next call before anything else."""
        assert self.dispatcher is not None
        if answer.kind == READY:
            worker.ready = True
            if self._memory is not None and self.start_mode == "fresh":
                worker.restored = private(worker.pid)
            for slot in worker.slots:
                self.dispatcher.free(slot)
            self._set(SERVING, "")
            return
        if answer.kind == FAILED:
            self.fail(json.loads(answer.body))
            return
        if answer.kind == DROPPED:
            worker.stale -= 1
            if not worker.stale and not worker.calls:
                self._next(worker, worker)
            return
        runner = worker.slots[answer.slot]
        worker.served += 1
        call = self.dispatcher.answered(runner, answer.seconds)
        if answer.kind == DIED:
            code = json.loads(answer.body)["code"]
            self.log.event("cell_crash", worker=worker.number, ended=ending(code))
            call.prints = worker.prints.read()
            self._crashed_in_child(worker, runner, code)
            call.settle(crash(code))
            return
        self._crashes = 0
        self._next(worker, runner)
        call.settle(answer)

    def _crashed_in_child(self, worker: WorkerHandle, runner: Runner, code: int) -> None:
        delay = self._crashed()
        if not delay:
            self._next(worker, runner)
            return
        reason = f"the cell keeps crashing: {ending(code)}"
        self._kill(worker)
        self.metrics.restarts.add("crash")
        self._lose(worker, Internal(f"the worker was stopped: {reason}"))
        self._retry(reason, delay, self._spawn)

    def _next(self, worker: WorkerHandle, runner: Runner) -> None:
        assert self.dispatcher is not None
        if self.once:
            self.replace(worker, Internal("its worker was for one request"))
            return
        if worker.outgrown and not worker.leaving:
            self.dispatcher.again(worker.reclaim())
            if not runner.calls:
                self.dispatcher.forget(runner)
                if not worker.load:
                    self._shed(worker)
                return
        if not worker.leaving:
            self.dispatcher.free(runner)

    # --- what the zygote says ---

    def _hear(self, message: dict[str, Any]) -> None:
        if "state" in message:
            if message["state"] == "failed":
                self.fail(message["error"])
                return
            self.start_mode, self.start_reason = message["start"], message["reason"]
            self.once = message["once"]
            self.log.event("restored", **message)
            for _ in range(self.size):
                self._spawn()
            if self._memory is not None:
                self._memory.start()
        elif "forked" in message:
            worker = self.workers.get(message["forked"])
            if worker is not None:
                worker.pid = message["pid"]
        else:
            worker = self.workers.get(message["exited"])
            if worker is not None:  # else we had it killed
                self._died(worker, message["code"])

    def _died(self, worker: WorkerHandle, code: int) -> None:
        worker.leaving = True
        worker.drain()
        reason = "crash" if worker.ready else "start"
        self.metrics.restarts.add(reason)
        self.log.event("worker_died", worker=worker.number, pid=worker.pid, ended=ending(code))
        self._lose(worker, crash(code))
        if self.error is None:
            reason = f"the cell keeps crashing: {ending(code)}"
            self._retry(reason, self._crashed(), self._spawn)

    async def _zygote_ended(self) -> None:
        assert self._zygote is not None
        code = await asyncio.to_thread(self._zygote.wait)
        if self._stopping or self.error is not None:
            return
        self.metrics.restarts.add("zygote")
        self.log.event("zygote_died", pid=self.zygote_pid, ended=ending(code))
        for worker in list(self.workers.values()):
            worker.leaving = True
            worker.drain()
            self._lose(worker, Internal("the process that holds the node's state ended"))
        reason = f"the process that holds the node's state ended: {ending(code)}"
        self._retry(reason, self._crashed(), self.start)

    # --- ways to change ---

    def _spawn(self) -> None:
        if self._zygote is None or self._zygote.closed:
            return  # it is gone: the next one brings new workers
        self._numbers += 1
        ours, its = socket.socketpair()
        worker = WorkerHandle(self._numbers, ours, self.answered, self.concurrency)
        self.workers[self._numbers] = worker
        with its:
            self._zygote.tell("fork", self._numbers, [its.fileno(), *worker.descriptors])

    def _outgrown(self, worker: WorkerHandle, at_once: bool) -> None:
        """Replace a worker that holds too much memory: between requests, if it gives time."""
        assert self.dispatcher is not None
        if at_once:
            self._shed(worker)
            return
        worker.outgrown = True
        for slot in worker.slots:
            if not slot.calls:
                self.dispatcher.forget(slot)

    def _shed(self, worker: WorkerHandle) -> None:
        assert self._memory is not None
        limit = self._memory.limit
        self.metrics.restarts.add("memory")
        self.log.event("worker_outgrown", worker=worker.number, pid=worker.pid, limit=limit)
        self.replace(worker, self._memory.error())

    def _kill(self, worker: WorkerHandle) -> None:
        if self._zygote is not None:
            self._zygote.tell("kill", worker.number)

    def _lose(self, worker: WorkerHandle, error: NodeDeployError) -> None:
        assert self.dispatcher is not None
        worker.leaving = True
        self.workers.pop(worker.number, None)
        unbegun = worker.reclaim()
        for number, slot in enumerate(worker.slots):
            self.dispatcher.forget(slot)
            if slot.calls:
                slot.calls[0].prints = worker.prints.of(number).read()
            while slot.calls:
                slot.calls.popleft().settle(error)
        worker.close()
        self.dispatcher.again(unbegun)

    def _crashed(self) -> float:
        """Count a crash; return the seconds to wait before the next attempt."""
        self._crashes += 1
        return _BACKOFF.pause(self._crashes)

    def _retry(self, reason: str, delay: float, make: Callable[[], None]) -> None:
        if not delay:
            make()
            return
        if not any(worker.ready for worker in self.workers.values()):
            self._set(BROKEN, f"{reason} (next try in {delay:g} s)")
        self._loop.call_later(delay, make)

    def _break(self, reason: str) -> None:
        if self.error is None:
            self.error = Internal(reason).body()
        self._set(BROKEN, reason)

    def _set(self, status: str, reason: str) -> None:
        if (status, reason) != (self.status, self.reason):
            self.status, self.reason = status, reason
            self.changed(status, reason)

    def _later(self, work: Any) -> None:
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
