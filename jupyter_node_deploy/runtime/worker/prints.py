"""What a cell prints: kept per request, bounded, never in the answer (standard library only)."""

from __future__ import annotations

import io

from ..shared_prints import SharedPrints

LIMIT = 64 * 1024  # characters per request and stream


class Prints(io.TextIOBase):
    """Stands in for ``sys.stdout`` or ``sys.stderr`` in a worker.

    Args:
        descriptor: where subprocesses that want a real file write: the instance's own log.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._parts: list[str] = []
        self._room = LIMIT
        self._dropped = 0
        self.buffer = _Bytes(self)
        self._shared: SharedPrints | None = None
        self._stream = 0

    def share(self, shared: SharedPrints, stream: int) -> None:
        """Keep what is written in shared memory, too."""
        self._shared, self._stream = shared, stream

    def write(self, text: str) -> int:
        """Keep ``text`` while there is room."""
        size = len(text)
        if self._shared is not None and self._room:
            self._shared.write(self._stream, text.encode("utf-8", "backslashreplace"))
        if size <= self._room:
            self._parts.append(text)
            self._room -= size
        else:
            self._parts.append(text[: self._room])
            self._dropped += size - self._room
            self._room = 0
        return size

    def take(self) -> bytes:
        """Return what was printed since the last call, and forget it."""
        if not self._parts:
            return b""
        parts, self._parts = self._parts, []
        if self._dropped:
            parts.append(f"\n… {self._dropped} more characters were dropped\n")
        self._room, self._dropped = LIMIT, 0
        return "".join(parts).encode("utf-8", "backslashreplace")

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return a real file's descriptor, for subprocesses."""
        return self._descriptor

    def close(self) -> None:
        """Stay open: the next request prints here, too."""

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Always UTF-8."""
        return "utf-8"


class _Bytes(io.RawIOBase):
    """``sys.stdout.buffer``: bytes become text."""

    def __init__(self, prints: Prints) -> None:
        self._prints = prints

    def writable(self) -> bool:
        return True

    def write(self, data: object) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        self._prints.write(bytes(view).decode("utf-8", "backslashreplace"))
        return view.nbytes

    def close(self) -> None:
        pass
