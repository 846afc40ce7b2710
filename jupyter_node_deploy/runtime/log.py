"""The log: one JSON object per line, on stdout."""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import Any

_DELAY = 0.05  # seconds: one write for many lines
_FULL = 64 * 1024  # bytes


class Log:
    """Writes lines to a file descriptor, a little later and many at once.

    Args:
        descriptor: where to; standard output unless told otherwise.
    """

    def __init__(self, descriptor: int = 1) -> None:
        self._descriptor = descriptor
        self._lines: list[str] = []
        self._size = 0
        self._timer: asyncio.TimerHandle | None = None
        self._second = -1
        self._prefix = ""

    def request(
        self,
        request_id: str,
        path: str,
        status: int,
        seconds: float,
        queued: float,
        cell: float,
        extra: dict[str, Any] | None = None,
    ) -> None:
        """Log one request; durations in seconds, ``extra`` only where there is something to say."""
        more = "" if not extra else "," + _dump(extra)[1:-1]
        self._write(
            f'{{"time":"{self._now()}","event":"request","request_id":{json.dumps(request_id)},'
            f'"path":{json.dumps(path)},"status":{status},"seconds":{seconds:.6f},'
            f'"queue_seconds":{queued:.6f},"cell_seconds":{cell:.6f}{more}}}\n'
        )

    def event(self, event: str, **fields: Any) -> None:
        """Log something else that happened."""
        self._write(_dump({"time": self._now(), "event": event, **fields}) + "\n")

    def flush(self) -> None:
        """Write what is waiting."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        data = memoryview("".join(self._lines).encode("utf-8", "backslashreplace"))
        self._lines, self._size = [], 0
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except OSError:  # nobody reads it any more, or the disk is full: go on serving
                return

    def _write(self, line: str) -> None:
        self._lines.append(line)
        self._size += len(line)
        if self._size > _FULL:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_DELAY, self.flush)

    def _now(self) -> str:
        now = time.time()
        if int(now) != self._second:
            self._second = int(now)
            self._prefix = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(now))
        return f"{self._prefix}.{int(now * 1000) % 1000:03d}Z"


def _dump(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
