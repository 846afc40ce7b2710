"""Writing small files so that a reader, or a crash, never meets half of one."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_part(path: Path, content: bytes, mode: int = 0o600) -> Path:
    """Write ``content`` to disk in a new file beside ``path``; return that file's path."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:  # a full disk, say
        part.unlink(missing_ok=True)
        raise
    return part


def replace(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Put ``content`` in place of what is at ``path``, all at once."""
    write_part(path, content, mode).replace(path)
