"""Room for structures that are nested deeper than the recursion limit, like long linked lists."""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from .silence import silence_process

T = TypeVar("T")

#: Levels of recursion, about three for each link of a list of instances.
_LEVELS = 1_000_000
#: Bytes of stack for them; only what is used takes memory.
_STACK = 1 << 30
#: Levels for which the usual stack of 8 MiB is enough.
_SAFE = 5_000
#: Seconds for the trial.
_PATIENCE = 10.0


@contextlib.contextmanager
def bounded() -> Iterator[None]:
    """Let recursion end in an error before the stack does, whatever limit the user has set."""
    limit = sys.getrecursionlimit()
    if limit <= _SAFE:
        yield
        return
    sys.setrecursionlimit(_SAFE)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def run(work: Callable[[], T]) -> T:
    """Do work that needs a deep recursion, on a large stack.

    A stack that is too small for it would end the process. So a forked child tries it first, and
    what the work does must not matter when it is done there.

    Raises:
        RecursionError: it is too deep all the same, or there is no way to try.
        BaseException: what the work raises.
    """
    # From Python 3.12 on the pickler has a limit of its own that nothing moves; from 3.14 on it
    # looks at the stack.
    if not hasattr(os, "fork") or not _survives(work):
        raise RecursionError
    return _on_large_stack(work)


def _survives(work: Callable[[], object]) -> bool:
    child = os.fork()
    if not child:
        try:
            faulthandler.disable()  # the end of the trial is no news
            _without_core()
            silence_process()
            _on_large_stack(work)
            os._exit(0)
        finally:
            os._exit(1)
    deadline = time.monotonic() + _PATIENCE
    try:
        while True:
            done, status = os.waitpid(child, os.WNOHANG)
            if done:
                return status == 0
            if time.monotonic() > deadline:
                return _ended(child)
            time.sleep(0.005)
    except ChildProcessError:  # someone else waits for all children
        return False
    except BaseException:
        _ended(child)
        raise


def _ended(child: int) -> bool:
    with contextlib.suppress(OSError):
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return False


def _without_core() -> None:
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _on_large_stack(work: Callable[[], T]) -> T:
    outcome: list[Any] = []
    failure: list[BaseException] = []

    def do() -> None:
        try:
            outcome.append(work())
        except BaseException as error:
            failure.append(error)

    levels = sys.getrecursionlimit()
    stack = threading.stack_size(_STACK)
    try:
        sys.setrecursionlimit(max(levels, _LEVELS))
        thread = threading.Thread(target=do, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no memory for the stack
            raise RecursionError from None
        thread.join()
    finally:
        threading.stack_size(stack)
        sys.setrecursionlimit(levels)
    if failure:
        raise failure[0]
    result: T = outcome[0]
    return result
