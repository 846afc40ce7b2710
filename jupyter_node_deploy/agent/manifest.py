"""What a manifest says about a checkpoint, but for its values."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class Run:
    """The run of a cell that a checkpoint shows.

    Attributes:
        cell: what its text says, as the manifest has it.
        code: as the user typed it.
        duration: seconds.
    """

    cell: dict[str, Any]
    code: str
    msg_id: str | None = None
    cell_id: str | None = None
    execution_count: int | None = None
    status: str = "ok"
    duration: float = 0.0


def compose(
    checkpoint: str, kernel_id: str, operation: str, run: Run, created_at: float
) -> dict[str, Any]:
    """Return the manifest of a checkpoint without its ``cwd`` and what is in its namespace."""
    return {
        "format": 1,
        "id": checkpoint,
        "kernel_id": kernel_id,
        "msg_id": run.msg_id,
        "cell_id": run.cell_id,
        "execution_count": run.execution_count,
        "operation": operation,
        "status": run.status,
        "code": run.code,
        "created_at": created_at,
        "duration": run.duration,
        "python": python_info(),
        "cell": run.cell,
    }


def python_info() -> dict[str, Any]:
    """Return the kernel's interpreter as the manifest has it."""
    return {
        "executable": sys.executable,
        "version": ".".join(str(part) for part in sys.version_info[:3]),
        "implementation": sys.implementation.name,
        "path": [entry for entry in sys.path if isinstance(entry, str)],
    }


def write_json(path: Path, content: Any) -> None:
    """Write a file whole or not at all.

    Raises:
        OSError: it could not be written.
    """
    # No NaN: a reader in another language would choke on it.
    text = json.dumps(content, allow_nan=False)
    part = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    if not path.parent.is_dir():  # someone has cleaned up
        path.parent.mkdir(mode=0o700, parents=True)
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="surrogatepass") as file:
            file.write(text)
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def working_directory() -> str:
    """Return the process' directory, nothing when it was removed."""
    try:
        return str(Path.cwd())
    except OSError:
        return ""
