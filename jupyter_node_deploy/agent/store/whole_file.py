"""Writing text files whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all.

    Raises:
        OSError: it could not be written.
    """
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
