"""What is left to do of a checkpoint once nothing of the session is needed for it any more."""

from __future__ import annotations

import asyncio
import atexit
import hashlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ...namespace.manifest import Manifest
from ...namespace.records import encode
from .blobs import SMALL, BlobWriter
from .whole_file import write_whole

#: Checkpoints that may wait to be written; the next cell waits for the oldest.
_MOST = 8
#: Seconds after which is written what the kernel's answer does not get out of the way of.
_PAUSE = 0.05


class Vanished(Exception):
    """The store has lost what an earlier checkpoint put there."""


class Writing:
    """The contents that a checkpoint puts into the store, and its manifest.

    Args:
        blobs: the store.
        started: when the user began to wait, by ``time.monotonic()``.
    """

    def __init__(self, blobs: BlobWriter, started: float) -> None:
        self._blobs = blobs
        self._started = started
        self._kept: list[str] = []
        self._new: list[tuple[str, bytes | memoryview, Iterable[int]]] = []
        self._later: list[tuple[Any, str, bytes]] = []
        self._manifest: tuple[Path, Manifest] | None = None
        self._directory: str | None = None

    def keep(self, names: Iterable[str]) -> None:
        """Name blobs that the store has, and must keep."""
        self._kept.extend(names)

    def put(self, content: bytes | memoryview, ends: Iterable[int] = ()) -> str:
        """Note a content, with the ends of its chunks; return its SHA-256 in hexadecimal."""
        name = hashlib.sha256(content).hexdigest()
        self._new.append((name, content, ends))
        return name

    def put_into(self, record: Any, field: str, content: bytes) -> None:
        """Note a content whose SHA-256 becomes a field of the manifest or of a part of it."""
        self._later.append((record, field, content))

    def manifest(self, path: Path, manifest: Manifest) -> None:
        """Note the manifest; it is written last."""
        self._manifest = path, manifest

    def look(self) -> None:
        """Note what the next cell may change of the process.

        Not earlier than needed: the first system call of a hook gives other threads their turn.
        """
        if self._directory is None:
            self._directory = _working_directory()

    def detach(self) -> None:
        """Copy what shows the user's memory, which the next cell may change."""
        self._new = [
            (
                name,
                content if type(content) is bytes else bytes(content),
                tuple(ends) if len(content) > SMALL else (),
            )
            for name, content, ends in self._new
        ]

    def run(self) -> None:
        """Write.

        Raises:
            Vanished: a blob that was to be kept is not there; nothing was written.
            OSError: it could not be written.
        """
        self.look()
        if not all(self._blobs.touch(name) for name in self._kept):
            raise Vanished
        for name, content, ends in self._new:
            self._blobs.put_as(name, content, ends)
        for record, field, content in self._later:
            setattr(record, field, self._blobs.put(content))
        if self._manifest is not None:
            path, manifest = self._manifest
            manifest.cwd = self._directory or ""
            manifest.capture_seconds = time.monotonic() - self._started
            write_whole(path, encode(manifest))


def _working_directory() -> str:
    """Return the process' directory, nothing when it was removed."""
    try:
        return str(Path.cwd())
    except OSError:
        return ""


class Writer:
    """Writes checkpoints one after the other, in a thread: files take longer than the rest.

    Args:
        failed: told in the thread what kept one from being written.
    """

    def __init__(self, failed: Callable[[BaseException], None]) -> None:
        self._failed = failed
        self._pid = os.getpid()
        self._waiting: deque[Writing] = deque()
        self._changed = threading.Condition()
        self._urgent = False
        self._failure: BaseException | None = None

    @property
    def busy(self) -> bool:
        """Whether something is still to be written."""
        return bool(self._waiting)

    def start(self) -> None:
        """Start the thread."""
        _Thread(self._run).start()
        atexit.register(self.drain)

    def submit(self, writing: Writing) -> None:
        """Have something written; waits when too much is waiting already."""
        writing.detach()
        with self._changed:
            if len(self._waiting) >= _MOST:
                self._urgent = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: len(self._waiting) < _MOST)
            self._waiting.append(writing)
            self._changed.notify_all()
        try:
            # Not at once: it would take turns with the kernel, which is about to answer.
            asyncio.get_running_loop().call_soon(self._wake)
        except RuntimeError:
            self._wake()

    def _wake(self) -> None:
        with self._changed:
            self._urgent = bool(self._waiting)
            self._changed.notify_all()

    def drain(self, timeout: float | None = None) -> None:
        """Wait until all is written, at most ``timeout`` seconds."""
        # In a process forked from the kernel there is no such thread.
        if self._waiting and os.getpid() == self._pid:
            with self._changed:
                self._urgent = True
                self._changed.notify_all()
                self._changed.wait_for(lambda: not self._waiting, timeout)

    def catch_up(self, timeout: float) -> None:
        """Wait a moment; what is still waiting then does not notice what happens from now on."""
        self.drain(timeout)
        for writing in list(self._waiting):
            writing.look()

    def failure(self) -> BaseException | None:
        """Return, once, what kept something from being written since the last time."""
        found, self._failure = self._failure, None
        return found

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                self._changed.wait_for(lambda: self._urgent, _PAUSE)
            try:
                self._waiting[0].run()
            except BaseException as error:
                self._failure = error
                self._failed(error)
            with self._changed:
                self._waiting.popleft()
                self._urgent = self._urgent and bool(self._waiting)
                self._changed.notify_all()


class _Thread(threading.Thread):
    """Of a class of our own, by which it is known not to be the user's."""

    def __init__(self, target: Callable[[], None]) -> None:
        super().__init__(target=target, name="checkpoints", daemon=True)
