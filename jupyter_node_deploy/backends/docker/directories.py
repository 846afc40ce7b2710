"""The directories of instances on this machine: a container's socket, the log of its making."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
from pathlib import Path

from ...errors import FailedPrecondition, Message
from ...home import Home
from ..base import absent
from . import containers

#: Bytes that the address of a Unix socket may have, on all systems.
_SOCKET_PATH = 100
_REMOVING = "removing"


class Directories:
    """Knows the directories of a home's instances."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def of(self, instance_id: str) -> Path:
        """Return an instance's directory, whether it is there or not.

        Raises:
            NotFound: no instance can have this id.
        """
        if not instance_id or "/" in instance_id or instance_id.startswith("."):
            raise absent(instance_id)
        return self._home.instances / instance_id

    def run(self, instance_id: str) -> Path:
        """Return the one in it that the container can write to."""
        return self.of(instance_id) / "run"

    def socket(self, instance_id: str) -> Path:
        """Return where a cell's instance listens.

        Raises:
            FailedPrecondition: the path is too long for a socket.
        """
        socket = self.run(instance_id) / containers.SOCKET
        if len(os.fsencode(socket)) > _SOCKET_PATH:
            raise FailedPrecondition(
                Message(
                    "The path of the data directory {path} is too long for sockets. "
                    "Choose a shorter one: c.NodeDeployApp.data_dir.",
                    "DATA_DIR_TOO_LONG",
                    path=str(self._home.root),
                )
            )
        return socket

    def clear(self, instance_id: str) -> Path:
        """Make an instance's directory anew."""
        directory = self.of(instance_id)
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(mode=0o700, parents=True)
        return directory

    def mark_removing(self, instance_id: str) -> None:
        """Write down that the instance is to be removed, so that a removal cut off is gone on with.

        That its container is not there would not tell: the engine may be another one today.
        """
        with contextlib.suppress(FileNotFoundError):
            (self.of(instance_id) / _REMOVING).touch(0o600)

    def left_over(self, after: float) -> list[str]:
        """Return the instances whose removal was begun so many seconds ago."""
        found = []
        for path in self._home.instances.glob(f"*/{_REMOVING}"):
            with contextlib.suppress(FileNotFoundError):
                if time.time() - path.stat().st_mtime > after:
                    found.append(path.parent.name)
        return found

    def remove(self, instance_id: str) -> None:
        """Delete an instance's directory."""
        shutil.rmtree(self.of(instance_id), ignore_errors=True)

    def size(self, instance_id: str) -> int:
        """Return the bytes that its container has written there."""
        total = 0
        for place in self.run(instance_id).rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                total += place.lstat().st_size
        return total
