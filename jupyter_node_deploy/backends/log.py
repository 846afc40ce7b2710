"""An instance's log: appended to by its processes, rotated and read by us."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

#: Bytes at which a log is rotated; one older file is kept.
ROTATE_AT = 8 * 1024 * 1024
_POLL = 0.2
_CHUNK = 256 * 1024


class LogFile:
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
        try:
            # Kept open, so that the last lines are seen even after the file is gone.
            file = await asyncio.to_thread(self.path.open, "rb")
        except FileNotFoundError:
            return
        with file:
            lines, size, open_end = await asyncio.to_thread(self._whole, tail)
            # An unfinished last line is given out when it is whole.
            rest = lines.pop().encode() if open_end and lines else b""
            file.seek(size)
            for line in lines:
                yield line
            while True:
                removed = not await asyncio.to_thread(self.path.exists)
                chunk, restarted = await asyncio.to_thread(_more, file)
                if restarted:
                    rest = b""
                if not chunk:
                    if removed:
                        break
                    await asyncio.sleep(_POLL)
                    continue
                *whole, rest = (rest + chunk).split(b"\n")
                for part in whole:
                    yield part.decode(errors="replace")
            if rest:
                yield rest.decode(errors="replace")

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


def _more(file: BinaryIO) -> tuple[bytes, bool]:
    """Read on; return also whether the file was cut and begun anew."""
    restarted = os.fstat(file.fileno()).st_size < file.tell()
    if restarted:
        file.seek(0)
    return file.read(_CHUNK), restarted


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
