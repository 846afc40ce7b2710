"""Ownership: of several Jupyter servers of one home, one acts."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path


class Ownership:
    """An advisory lock that its holder loses by ending, however it ends.

    Args:
        path: the lock's file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    @property
    def held(self) -> bool:
        """Whether this server is the owner."""
        return self._descriptor is not None

    def take(self) -> bool:
        """Become the owner if there is none; return whether this server is it now."""
        if self._descriptor is None:
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
            descriptor = os.open(self._path, flags, 0o600)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(descriptor)
                return False
            self._descriptor = descriptor
        return True

    def give_up(self) -> None:
        """Let another server become the owner."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
