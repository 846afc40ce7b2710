"""The zygote: restores the namespace once, then forks workers from it (user's interpreter).

It talks to the front over a Unix socket in lines of JSON:
``{"fork": N}`` with the worker's socket, the memory for its prints, its tokens and its bell as
ancillary data → ``{"forked": N, "pid": P}``;
``{"kill": N}``; and by itself ``{"state": "ready"|"failed", …}`` once (with ``once``: each worker
is for one request) and
``{"exited": N, "code": C}`` for each worker that ends (``C`` negative: the signal).
"""

from __future__ import annotations

import builtins
import contextlib
import faulthandler
import gc
import json
import os
import selectors
import signal
import socket
import sys
import traceback
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

from ...errors import FailedPrecondition, Internal, NodeDeployError
from ..bundle import Bundle
from ..handoff import HandoffTokens
from ..shared_prints import SharedPrints
from ..threads import STACK_SIGNAL
from ..wire import FAILED, Answer, RequestReader
from . import worker
from .answer_writer import AnswerWriter
from .execution import Execution
from .forking import fork, open_sockets, reseed, unsafe
from .process_group import (
    adopt_orphans,
    children,
    die_with_parent,
    give_way,
    kill_below,
    kill_group,
    kill_orphans,
    lead_group,
)
from .state import restore
from .successor import Legacy, imported

if TYPE_CHECKING:
    from .touching import Touching

_HASH_SEED = "PYTHONHASHSEED"


def main(arguments: list[str]) -> None:
    """Run as the zygote until the front closes the control socket.

    Args:
        arguments: descriptor of the control socket, the front's process id, the bundle's
            directory, the workers' directory, the directory of our private package on
            ``sys.path``, the descriptor of the file for stacks; then that of a ``Legacy`` if each
            worker must restore the namespace by itself.
    """
    descriptor, parent, directory, work, private, stacks, *left = arguments
    die_with_parent(int(parent))
    os.dup2(2, 1)  # the front's stdout is the request log: nothing else may get into it
    faulthandler.enable(file=2)
    os.set_inheritable(int(stacks), False)
    faulthandler.register(STACK_SIGNAL, file=int(stacks))  # so do all that is forked from here
    control = socket.socket(fileno=int(descriptor))
    control.set_inheritable(False)
    touching = None
    if (notes := Path(work).with_name("touched")).exists():  # it is a dry run
        from .touching import Touching  # before the user's files can take a module's place

        touching = Touching(notes, work, directory)
    sys.path.remove(private)
    sys.path.insert(0, work)
    os.chdir(work)
    # What the cell starts hashes as it likes, as what the notebook started did.
    seed = os.environ.pop(_HASH_SEED, None)
    legacy = Legacy.read(int(left[0])) if left else None
    zygote = _Zygote(control, Path(directory), work, legacy, int(stacks), seed, touching)
    adopt_orphans()
    try:
        zygote.prepare()
        zygote.run()
    except NodeDeployError as error:
        zygote.report({"state": "failed", "error": error.body()})
    except BaseException as error:  # user code runs here, too: modules that are imported
        traceback.print_exc()
        text = f"the state could not be restored: {type(error).__name__}: {error}"
        zygote.report({"state": "failed", "error": Internal(text).body()})
    finally:
        kill_orphans()


class _Zygote:
    def __init__(
        self,
        control: socket.socket,
        directory: Path,
        work: str,
        legacy: Legacy | None,
        stacks: int,
        seed: str | None,
        touching: Touching | None,
    ) -> None:
        self.control = control
        self.directory = directory
        self.work = work
        self.legacy = legacy
        self.stacks = stacks
        self.seed = seed
        self.touching = touching
        self.pid = os.getpid()
        self.execution: Execution | None = None
        self.children: dict[int, int] = {}  # process id → the front's number
        self.others: set[int] = set()  # that this process has started or adopted
        self.pending = b""
        self.descriptors: list[int] = []

    def report(self, message: dict[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # its end is read next
            self.control.sendall(json.dumps(message).encode() + b"\n")

    def prepare(self) -> None:
        """Restore the namespace, unless each worker has to do it.

        Raises:
            NodeDeployError: it cannot be served; the message says why.
        """
        sockets = open_sockets()
        sys.modules["__main__"] = ModuleType("__main__")
        sys.modules["__main__"].__dict__["__builtins__"] = builtins
        arguments = sys.orig_argv[1:]
        legacy, once = self.legacy, False
        if legacy is None:
            known = set(sys.modules)
            self.execution = self._load()
            if reason := unsafe(sockets):
                modules = imported(name for name in sys.modules if name not in known)
                self._hand_over(Legacy(reason, modules), arguments)
        else:
            once = Bundle.load(self.directory).isolation == "request"
            legacy.import_modules()
            if legacy.modules and unsafe(sockets):  # importing them is what makes it so
                self._hand_over(Legacy(legacy.reason, []), arguments[:-1])
        gc.collect()
        gc.freeze()  # the collector would touch, and so copy, every shared page
        version = ".".join(str(part) for part in sys.version_info[:3])
        self.report(
            {
                "state": "ready",
                "start": "fork" if legacy is None else "fresh",
                "reason": "" if legacy is None else legacy.reason,
                "once": once,
                "python": version,
            }
        )

    def _hand_over(self, legacy: Legacy, arguments: list[str]) -> NoReturn:
        for descriptor in (self.control.fileno(), self.stacks):
            os.set_inheritable(descriptor, True)
        if self.seed is not None:
            os.environ[_HASH_SEED] = self.seed
        legacy.hand_over(arguments)

    def run(self) -> None:
        """Fork, kill and report until the front closes the socket."""
        wake, woken = socket.socketpair()
        wake.setblocking(False)
        woken.setblocking(False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno(), warn_on_full_buffer=False)
        selector = selectors.DefaultSelector()
        selector.register(self.control, selectors.EVENT_READ)
        selector.register(woken, selectors.EVENT_READ)
        own = [wake, woken, selector]
        self.others = children()  # which the saved state has started
        while True:
            for key, _ in selector.select():
                if key.fileobj is woken:
                    woken.recv(4096)
                elif not self._commands(own):
                    signal.set_wakeup_fd(-1)
                    return
            self._reap()

    def _commands(self, own: list[Any]) -> bool:
        data, descriptors, _, _ = socket.recv_fds(self.control, 65536, 64)
        self.descriptors += descriptors
        if not data:
            return False
        *lines, self.pending = (self.pending + data).split(b"\n")
        for line in lines:
            command = json.loads(line)
            if "fork" in command:
                given, self.descriptors = self.descriptors[:4], self.descriptors[4:]
                self._fork(command["fork"], given, own)
            else:
                for pid, number in self.children.items():
                    if number == command["kill"]:
                        kill_below(pid)
                        kill_group(pid)
        self.others = children() - self.children.keys()
        return True

    def _fork(self, number: int, given: list[int], own: list[Any]) -> None:
        pid = fork()
        if not pid:
            try:
                self._become_worker(given, own)
                os._exit(0)
            except BaseException:
                traceback.print_exc(file=sys.__stderr__)
            finally:
                os._exit(1)
        lead_group(pid)
        for descriptor in given:
            os.close(descriptor)
        self.children[pid] = number
        self.report({"forked": number, "pid": pid})

    def _become_worker(self, given: list[int], own: list[Any]) -> None:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        lead_group()
        die_with_parent(self.pid)
        give_way()
        for one in [self.control, *own]:
            one.close()
        for other in self.descriptors:
            os.close(other)
        descriptor, prints, tokens, bell = given
        sock = socket.socket(fileno=descriptor)
        sock.setblocking(True)
        writer = AnswerWriter(sock, bell)
        execution = self.execution
        if execution is None:
            try:
                execution = self._load()
            except NodeDeployError as error:
                body = json.dumps(error.body()).encode()
                writer.send(Answer(FAILED, 0, 0.0, b"", b"", body))
                return
        reseed()
        shared = SharedPrints(prints, execution.bundle.concurrency)
        once = self.legacy is not None and execution.bundle.isolation == "request"
        requests = RequestReader(sock)
        worker.serve(writer, requests, execution, shared, HandoffTokens(tokens), once=once)

    def _load(self) -> Execution:
        bundle = Bundle.load(self.directory)
        made = bundle.python_version.split(".")[:2]
        have = [str(part) for part in sys.version_info[:2]]
        if made not in ([""], have):
            raise FailedPrecondition(
                f"the state was saved by Python {'.'.join(made)}, but {sys.executable} is "
                f"Python {'.'.join(have)}: saved state needs the same version"
            )
        namespace = sys.modules["__main__"].__dict__
        sys.argv = [""]
        restore(bundle.state, namespace, verified=self.legacy is not None)
        execution = Execution(bundle, namespace, self.work)
        if self.touching is not None:
            self.touching.watch(execution.cell)
        if bundle.concurrency > 1:
            from . import concurrency

            concurrency.check(execution)
        return execution

    def _reap(self) -> None:
        for pid in list(self.children):
            try:
                ended, status = os.waitpid(pid, os.WNOHANG)
            except ChildProcessError:
                ended, status = pid, 0
            if ended:
                number = self.children.pop(pid)
                self.report({"exited": number, "code": os.waitstatus_to_exitcode(status)})
                self._end_left(pid)
        for pid in children() - self.children.keys():
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)

    def _end_left(self, worker: int) -> None:
        """End what a worker has left that has ended: its group, and those that it set apart."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(worker, signal.SIGKILL)
        for pid in children() - self.children.keys() - self.others:
            with contextlib.suppress(ProcessLookupError):
                if os.getsid(pid) == pid:  # not a daemon, of whichever worker
                    kill_below(pid)
                    os.kill(pid, signal.SIGKILL)
