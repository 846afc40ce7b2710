"""Ownership: of several Jupyter servers of one home, one acts."""

from __future__ import annotations

import os
from pathlib import Path

from ...lock import acquire


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
            self._descriptor = acquire(self._path)
        return self.held

    def give_up(self) -> None:
        """Let another server become the owner."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
