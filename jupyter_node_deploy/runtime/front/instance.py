"""The instance's directory: lock, process id, and a working directory for the cell."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from ...lock import acquire


class AlreadyRunning(Exception):
    """Another front holds the directory's lock."""


class Instance:
    """Where an instance lives on disk.

    Args:
        directory: kept afterwards; a temporary one, removed at the end, if None.

    Raises:
        AlreadyRunning: another front runs in this directory.
    """

    def __init__(self, directory: Path | None) -> None:
        self._temporary = directory is None
        if directory is None:
            directory = Path(tempfile.mkdtemp(prefix="jupyter-node-deploy-"))
        self.directory = directory.absolute()
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = acquire(self.directory / "lock")
        if lock is None:
            raise AlreadyRunning(f"an instance runs in {self.directory} already")
        self._lock = lock
        self.write("pid", str(os.getpid()))

    @property
    def work(self) -> Path:
        """The workers' current directory: a copy of the bundle's files."""
        return self.directory / "work"

    def fill(self, files: Path) -> None:
        """Make ``work`` anew from the bundle's files."""
        shutil.rmtree(self.work, ignore_errors=True)
        if files.is_dir():
            shutil.copytree(files, self.work, symlinks=True)
        else:
            self.work.mkdir()

    def write(self, name: str, text: str) -> None:
        """Write a small file, whole or not at all."""
        path = self.directory / name
        part = path.with_name(f".{name}.part")
        part.write_text(text)
        part.replace(path)

    def close(self) -> None:
        """Give the directory up."""
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)
        else:
            (self.directory / "pid").unlink(missing_ok=True)
        os.close(self._lock)
