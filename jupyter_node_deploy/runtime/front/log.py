"""The log: one JSON object per line, on stdout."""

from __future__ import annotations

import asyncio
import json
import os
import time
from typing import Any

_DELAY = 0.05  # seconds: one write for many lines
_FULL = 64 * 1024  # bytes
_NAMES_MOST = 100

_quote = json.encoder.encode_basestring


class JsonLog:
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
        self._names: dict[str, str] = {}  # paths and folders as JSON

    def request(
        self,
        request_id: str,
        path: str,
        folder: str,
        status: int,
        seconds: float,
        queued: float,
        cell: float,
        stdout: bytes = b"",
        extra: dict[str, Any] | None = None,
    ) -> None:
        """JsonLog one request.

        Args:
            folder: that the gateway let the caller act in, empty without a gateway.
            seconds: from its arrival to its answer; ``queued`` and ``cell`` are parts of them.
            stdout: what the cell printed, UTF-8.
            extra: further fields, where there is something to say.
        """
        more = f',"stdout":{_quote(stdout.decode())}' if stdout else ""
        if extra:
            more += "," + _dump(extra)[1:-1]
        self._write(
            f'{{"time":"{self._now()}","event":"request","request_id":{_quote(request_id)},'
            f'"path":{self._name(path)},"folder":{self._name(folder)},"status":{status},'
            f'"seconds":{seconds:.6f},'
            f'"queue_seconds":{queued:.6f},"cell_seconds":{cell:.6f}{more}}}\n'
        )

    def event(self, event: str, **fields: Any) -> None:
        """JsonLog something else that happened."""
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

    def _name(self, name: str) -> str:
        quoted = self._names.get(name)
        if quoted is None:
            quoted = _quote(name)
            if len(self._names) < _NAMES_MOST:
                self._names[name] = quoted
        return quoted

    def _write(self, line: str) -> None:
        self._lines.append(line)
        self._size += len(line)
        if self._size > _FULL:
            self.flush()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_DELAY, self.flush)

    def _now(self) -> str:
        second, nanos = divmod(time.time_ns(), 1_000_000_000)
        if second != self._second:
            self._second = second
            self._prefix = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(second))
        return f"{self._prefix}.{nanos // 1_000_000:03d}Z"


def _dump(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), default=str)
