"""The front process of an instance: starting it, finding it again, ending it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

from ...lock import is_held
from ..log import LogFile
from .record import Record

#: Variables of the Jupyter server that a user's cell has no business with: tokens, cookies, URLs.
_PRIVATE = ("JUPYTER", "JPY_")
#: Environment variable by which all processes of an instance are found: its directory.
MARK = "NODE_DEPLOY_INSTANCE"
_KILL_SECONDS = 5.0
_GRACE = "3600"  # seconds; whoever ends a front decides how long it may drain


class FrontProcess:
    """The front of one instance; also one that an earlier server started. Its methods block.

    Args:
        directory: the instance's directory.
    """

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.exit_status: int | None = None
        self._child: subprocess.Popen[bytes] | None = None

    def start(self, record: Record, variables: Mapping[str, str]) -> int:
        """Start the process, detached from this one; return its process id.

        Args:
            variables: of its environment, beside those that it inherits.
        """
        (self.directory / "pid").unlink(missing_ok=True)
        log = LogFile(self.directory).open()
        try:
            child = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "jupyter_node_deploy.runtime",
                    str(record.bundle),
                    "--listen",
                    record.address,
                    "--workers",
                    str(record.workers),
                    "--python",
                    record.python,
                    "--directory",
                    str(self.directory),
                    "--grace",
                    _GRACE,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.directory,
                env={**variables_for_user_code(), **variables, MARK: str(self.directory)},
                start_new_session=True,
            )
        finally:
            os.close(log)
        self.exit_status, self._child = None, child
        return child.pid

    def alive(self, record: Record) -> bool:
        """Return whether the process runs; learns its exit status if it was our child."""
        child = self._child
        if child is not None:
            status = child.poll()
            if status is None:
                return True
            self.exit_status, self._child = status, None
        pid = self._pid(record)
        if pid is not None and self._is_ours(pid):
            return True
        return self._locked()

    def terminate(self, record: Record) -> None:
        """Ask the process to drain and end; fine if it is gone."""
        pid = self._pid(record)
        if pid is not None and self._is_ours(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)

    def kill(self) -> None:
        """Kill the front and everything that it or the cell has started; fine if all are gone."""
        if end(self.directory):
            child = self._child
            if child is not None and child.poll() is not None:
                self.exit_status, self._child = child.returncode, None

    def processes(self) -> list[psutil.Process]:
        """Return the live processes of the instance."""
        return marked(self.directory)

    def _pid(self, record: Record) -> int | None:
        child = self._child
        if child is not None:
            return child.pid
        try:
            return int((self.directory / "pid").read_text())
        except (OSError, ValueError):
            return record.pid

    def _is_ours(self, pid: int) -> bool:
        """Whether the process is this instance's front: ids are used again."""
        try:
            process = psutil.Process(pid)
            return process.status() != psutil.STATUS_ZOMBIE and str(self.directory) in (
                process.cmdline()
            )
        except psutil.Error:
            return False

    def _locked(self) -> bool:
        """Whether somebody holds the instance's lock: a front whose id nobody has written yet.

        Only asked when no process is known: asking takes the lock for a moment, and a front that
        just starts would think that another one runs.
        """
        return is_held(self.directory / "lock")


def marked(directory: Path) -> list[psutil.Process]:
    """Return the live processes that are known by the mark in their environment.

    Neither the process group nor the parent would do: the workers have groups of their own, and
    what outlives its parent has another one.
    """
    found = []
    for process in psutil.process_iter():
        try:
            if (
                process.uids().real == os.getuid()
                and process.status() != psutil.STATUS_ZOMBIE
                and process.environ().get(MARK) == str(directory)
            ):
                found.append(process)
        except psutil.Error:
            continue
    return found


def end(directory: Path) -> bool:
    """Kill all processes with a mark; tell whether there were any."""
    until = time.monotonic() + _KILL_SECONDS
    there = False
    while processes := marked(directory):
        there = True
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.kill()
        if time.monotonic() > until:
            break
        time.sleep(0.005)
    return there


def variables_for_user_code() -> dict[str, str]:
    """Return the environment for code of the user: ours without the Jupyter server's secrets."""
    return {
        name: value for name, value in os.environ.items() if not name.upper().startswith(_PRIVATE)
    }
