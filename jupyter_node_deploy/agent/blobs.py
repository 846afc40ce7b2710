"""Writes blobs: values by the hash of their content, each once."""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path


class BlobWriter:
    """Writes into the store's directory.

    Args:
        directory: blobs lie in it as ``ab/abcdef…`` by SHA-256.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = os.fspath(directory)

    def put(self, content: bytes | memoryview) -> str:
        """Make sure that the store has the content.

        Returns:
            Its SHA-256 in hexadecimal.

        Raises:
            OSError: it could not be written, for example because the disk is full.
        """
        name = hashlib.sha256(content).hexdigest()
        if not self.touch(name):
            path = self._path(name)
            try:
                _write(path, content)
            except FileNotFoundError:
                os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)  # noqa: PTH103, PTH120
                _write(path, content)
        return name

    def touch(self, name: str) -> bool:
        """Tell whether the store has a blob; one that is there is not collected from now on."""
        try:
            os.utime(self._path(name))
        except FileNotFoundError:
            return False
        return True

    def _path(self, name: str) -> str:
        return os.path.join(self._directory, name[:2], name)  # noqa: PTH118 - some dozens a cell


def _write(path: str, content: bytes | memoryview) -> None:
    part = f"{path}.{os.getpid()}.tmp"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _CLOSE, 0o600)
    try:
        try:
            rest = memoryview(content).cast("B") if content else memoryview(b"")
            while rest:
                rest = rest[os.write(descriptor, rest[:_STEP]) :]
        finally:
            os.close(descriptor)
        os.replace(part, path)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)  # noqa: PTH108
        raise


_CLOSE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
#: One call of ``write`` takes at most 2 GiB.
_STEP = 1 << 30
