"""HAProxy's command line: the sockets of the running process and of its master."""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

TIMEOUT = 5.0  # seconds
_PATH = 100  # bytes that the address of a socket may have, on all systems
_BATCH = 8000  # characters; a line must fit into HAProxy's buffer


class CommandFailed(Exception):
    """HAProxy did not answer, or not as it does when all is well."""


@dataclass(frozen=True)
class HaproxyProcess:
    """One process of HAProxy's; ``old``: it was replaced and finishes what it has."""

    pid: int
    old: bool


class RuntimeApi:
    """Speaks to one socket.

    Args:
        path: of the socket.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def ask(self, command: str) -> str:
        """Send commands (separated by ``;``); return all of the answer.

        Raises:
            CommandFailed: nobody listens, or no answer comes.
        """
        try:
            with socket.socket(socket.AF_UNIX) as client, _address(self._path) as address:
                client.settimeout(TIMEOUT)
                client.connect(address)
                client.sendall(f"{command}\n".encode())
                client.shutdown(socket.SHUT_WR)
                with client.makefile("rb") as file:
                    return file.read().decode(errors="replace")
        except OSError as error:
            raise CommandFailed(f"{self._path}: {error}") from error

    def carry_out(self, commands: Sequence[str]) -> None:
        """Send commands that answer nothing when they succeed.

        Raises:
            CommandFailed: one did not.
        """
        batch: list[str] = []
        for command in [*commands, ""]:
            if not command or len(";".join((*batch, command))) > _BATCH:
                if batch and (said := self.ask(";".join(batch)).strip()):
                    raise CommandFailed(said)
                batch = []
            batch.append(command)

    def map(self, file: str) -> dict[str, str]:
        """Return what is in a map now."""
        found = {}
        for line in self.ask(f"show map {file}").splitlines():
            match line.split(" ", 2):
                case [reference, key, value] if reference.startswith("0x"):
                    found[key] = value
        return found

    def table(self, command: str) -> list[dict[str, str]]:
        """Return the rows of an answer whose columns are named after a ``#``."""
        lines = self.ask(command).splitlines()
        for index, line in enumerate(lines):
            if line.startswith("# "):
                separator = "," if "," in line else None
                names = line.removeprefix("# ").split(separator)
                rows = (row.split(separator) for row in lines[index + 1 :] if row.strip())
                return [dict(zip(names, row, strict=False)) for row in rows]
        raise CommandFailed(f"{command}: {' '.join(lines)[:200]}")

    def workers(self) -> tuple[int, list[HaproxyProcess]]:
        """Return the master's process id and its workers; for the master's socket."""
        master, found = 0, []
        old = False
        for line in self.ask("show proc").splitlines():
            old = line.startswith("# old workers") or (old and not line.startswith("#"))
            match line.split():
                case [pid, "master", *_] if pid.isdigit():
                    master = int(pid)
                case [pid, "worker", *_] if pid.isdigit():
                    found.append(HaproxyProcess(int(pid), old))
        if not master:
            raise CommandFailed(f"{self._path}: no processes are shown")
        return master, found


@contextlib.contextmanager
def _address(path: Path) -> Iterator[str]:
    """Yield an address of a socket that is short enough."""
    if len(os.fsencode(path)) <= _PATH:
        yield str(path)
        return
    directory = os.open(path.parent, os.O_PATH)  # Linux
    try:
        yield f"/proc/self/fd/{directory}/{path.name}"
    finally:
        os.close(directory)
