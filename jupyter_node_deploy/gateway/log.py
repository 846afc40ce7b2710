"""The gateway process' log: one JSON object a line, for requests and for everything else."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import sys
import time
from pathlib import Path
from typing import Any

LIMIT = 16 * 1024 * 1024  # bytes, then the file becomes FILE.1 and a new one begins
_STDOUT, _STDERR = 1, 2


class Log:
    """Writes lines to standard error, or to a file that stands in for it.

    Args:
        path: the file; None leaves standard error as it is.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        if path is not None:
            self._open(path)
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(_Formatter())
        logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)

    def request(self, line: dict[str, Any]) -> None:
        """Write the line of a request; a full disk must not fail the request."""
        data = json.dumps({"at": _now(time.time())} | line, separators=(",", ":")).encode()
        with contextlib.suppress(OSError):
            os.write(_STDERR, data + b"\n")

    def rotate(self) -> None:
        """Begin a new file if this one is over its limit."""
        if self._path is None or os.fstat(_STDERR).st_size < LIMIT:
            return
        with contextlib.suppress(OSError):
            self._path.replace(self._path.with_name(f"{self._path.name}.1"))
            self._open(self._path)

    def _open(self, path: Path) -> None:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        for standard in (_STDOUT, _STDERR):
            os.dup2(descriptor, standard)
        os.close(descriptor)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": _now(record.created),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, separators=(",", ":"))


def _now(seconds: float) -> str:
    whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds))
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"
