"""An instance's log: appended to by its processes, rotated and read by us."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

#: Bytes at which a log is rotated; one older file is kept.
ROTATE_AT = 8 * 1024 * 1024
_POLL = 0.2
_CHUNK = 256 * 1024


class Log:
    """The file ``log`` of an instance's directory and the one before it, ``log.1``."""

    def __init__(self, directory: Path) -> None:
        self.path = directory / "log"
        self.older = directory / "log.1"

    def open(self) -> int:
        """Return a descriptor that appends; the caller closes it."""
        return os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def rotate(self) -> None:
        """Start over when the file is large.

        The processes keep the file open, so it is copied and cut; since they append, they go on
        at the new end. A line written between the two steps is lost.
        """
        try:
            if self.path.stat().st_size < ROTATE_AT:
                return
            part = self.older.with_suffix(".part")
            shutil.copyfile(self.path, part)
            os.truncate(self.path, 0)
            part.replace(self.older)
        except FileNotFoundError:
            pass

    def tail(self, lines: int | None = None) -> list[str]:
        """Return the last lines (all that are kept if None) without line ends."""
        return self._whole(lines)[0]

    async def follow(self, tail: int | None = None) -> AsyncIterator[str]:
        """Yield the last lines, then each new one until the log is removed."""
        lines, offset, rest = await asyncio.to_thread(self._start, tail)
        for line in lines:
            yield line
        while True:
            try:
                chunk, offset, restarted = await asyncio.to_thread(self._more, offset)
            except FileNotFoundError:
                break
            if restarted:
                rest = b""
            if not chunk:
                await asyncio.sleep(_POLL)
                continue
            *whole, rest = (rest + chunk).split(b"\n")
            for part in whole:
                yield part.decode(errors="replace")
        if rest:
            yield rest.decode(errors="replace")

    def _start(self, tail: int | None) -> tuple[list[str], int, bytes]:
        lines, size, open_end = self._whole(tail)
        # An unfinished last line is given out when it is whole.
        if open_end and lines:
            return lines[:-1], size, lines[-1].encode()
        return lines, size, b""

    def _whole(self, lines: int | None) -> tuple[list[str], int, bool]:
        """Return the last lines, the size of ``log`` up to them, and whether the last is open."""
        current = _read(self.path)
        data = current
        if lines is None or current.count(b"\n") < lines:
            data = _read(self.older) + current
        found = data.decode(errors="replace").split("\n")
        open_end = bool(found[-1])
        if not open_end:
            found.pop()
        if lines is not None:
            found = found[max(0, len(found) - lines) :]
        return found, len(current), open_end

    def _more(self, offset: int) -> tuple[bytes, int, bool]:
        with self.path.open("rb") as file:
            restarted = os.fstat(file.fileno()).st_size < offset
            offset = file.seek(0 if restarted else offset)
            chunk = file.read(_CHUNK)
        return chunk, offset + len(chunk), restarted


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
