"""Time that saving may take, and how it is ended when it is over."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from types import FrameType
from typing import Any

from ..namespace import OutOfTime

#: Seconds until an alarm rings again that something kept from being heard.
_AGAIN = 0.02


class Deadline:
    """What the user may wait for: so many seconds of work, or three times that on a clock."""

    def __init__(self, seconds: float) -> None:
        now = time.monotonic()
        self._soonest, self._until = now + seconds, now + 3 * seconds
        self._work = time.thread_time() + seconds
        self._alarm = _Alarm(OutOfTime())

    def __enter__(self) -> Deadline:
        self._alarm.start(self._until - time.monotonic())
        return self

    def __exit__(self, *_: object) -> None:
        self._alarm.stop()

    def check(self) -> None:
        """Raise OutOfTime after that."""
        now = time.monotonic()  # asking for the work done takes ten times longer
        if now > self._until or (now > self._soonest and time.thread_time() > self._work):
            raise OutOfTime

    def limit(self) -> AbstractContextManager[object]:
        """Raise OutOfTime in what is run inside, should it sleep or loop."""
        return self._alarm


@contextmanager
def limited(seconds: float, error: BaseException) -> Iterator[None]:
    """Raise an error in what runs here longer."""
    alarm = _Alarm(error)
    alarm.start(seconds)
    try:
        with alarm:
            yield
    finally:
        alarm.stop()


class _Alarm:
    """Raises an error in what runs inside of it, unless the user has an alarm of his own.

    It is set once for many things that run inside: setting it takes longer than many of them.
    """

    def __init__(self, error: BaseException) -> None:
        self._error = error
        self._inside = self._set = False

    def start(self, seconds: float) -> None:
        """Set it."""
        if (
            threading.current_thread() is threading.main_thread()
            and hasattr(signal, "setitimer")
            and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL
            and signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
        ):
            self._set = True
            self._tracing, self._unraisable = sys.gettrace(), sys.unraisablehook
            sys.unraisablehook = self._tell
            signal.signal(signal.SIGALRM, self._ring)
            signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001), _AGAIN)

    def stop(self) -> None:
        """Unset it."""
        try:
            self._inside = False
        finally:  # it may ring right now
            if self._set:
                signal.setitimer(signal.ITIMER_REAL, 0)
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                if sys.unraisablehook == self._tell:
                    sys.unraisablehook = self._unraisable
                if sys.gettrace() is _trace_nothing:
                    sys.settrace(self._tracing)

    def __enter__(self) -> None:
        self._inside = True

    def __exit__(self, *_: object) -> None:
        self._inside = False

    def _ring(self, _: int, frame: FrameType | None) -> None:
        if self._inside:
            # Code that goes on whatever is raised gets it again where it handles it.
            while frame is not None and not _is_ours(frame):
                frame.f_trace = self._again
                frame = frame.f_back
            sys.settrace(_trace_nothing)  # else Python does not look at theirs
            raise self._error

    def _again(self, _: FrameType, event: str, __: Any) -> Any:
        if self._inside and event == "line":
            raise self._error
        return self._again if self._inside else None

    def _tell(self, unraisable: Any) -> None:
        # It rang in a hook or a finalizer, whose errors Python prints; it rings again.
        if unraisable.exc_value is not self._error:
            self._unraisable(unraisable)


def _is_ours(frame: FrameType) -> bool:
    return str(frame.f_globals.get("__package__")).startswith(__name__.partition(".")[0])


def _trace_nothing(*_: Any) -> None:
    """Leave frames that begin from now on alone."""
