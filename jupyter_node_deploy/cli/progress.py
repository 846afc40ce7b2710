"""One line on stderr about what takes long: rewritten on a terminal, written once elsewhere."""

from __future__ import annotations

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Iterator

#: Seconds for which nothing is said.
_SILENCE = 2.0
_EVERY = 1.0
_ERASE = "\r\x1b[K"


class Progress:
    """Tells what a command waits for; a thread does, as commands block."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._active = False
        self._held = False
        self._shown = False

    @contextlib.contextmanager
    def working(self, what: str, *, at_once: bool = False) -> Iterator[None]:
        """Tell what is being done, with seconds, if it takes longer than two.

        Within another one this tells nothing: who began first knows best what it is about.

        Args:
            what: in words, such as ``Starting the kernel``.
            at_once: tell it at once, and let it stand when it is done.
        """
        if self._active:
            yield
            return
        self._active = True
        started, done = time.monotonic(), threading.Event()
        if at_once:
            _write(f"{what} …" if _terminal() else f"{what} …\n")
            self._shown = _terminal()
        thread = threading.Thread(
            target=self._tell, args=(what, started, done, at_once), daemon=True
        )
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self._active = False
            with self._lock:
                if self._shown and at_once:
                    _write(f"{_ERASE}{_fitting(what, time.monotonic() - started)}\n")
                elif self._shown:
                    _write(_ERASE)
                self._shown = False

    @contextlib.contextmanager
    def aside(self) -> Iterator[None]:
        """Keep the line away while something else is written, or somebody is asked."""
        with self._lock:
            if self._shown:
                _write(_ERASE)
            self._shown, self._held = False, True
        try:
            yield
        finally:
            self._held = False

    def _tell(self, what: str, started: float, done: threading.Event, at_once: bool) -> None:
        if done.wait(_SILENCE):
            return
        if not _terminal():
            if not at_once:
                _write(f"{what} …\n")
            return
        while True:
            with self._lock:
                if not self._held:
                    _write(f"{_ERASE}{_fitting(what, time.monotonic() - started)}")
                    self._shown = True
            if done.wait(_EVERY):
                return


def _fitting(what: str, seconds: float) -> str:
    """Return a line that a narrow terminal does not break."""
    ending = f" … {seconds:.0f} s" if seconds >= _SILENCE else " …"
    return what[: max(shutil.get_terminal_size().columns - len(ending) - 1, 1)] + ending


def _terminal() -> bool:
    return sys.stderr.isatty()


def _write(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
