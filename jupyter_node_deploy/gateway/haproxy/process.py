"""HAProxy as a process of this machine: for tests, which run the very same configuration.

Not offered to users: a process has no restart policy, so it would not come back after a reboot,
and its log would grow without end; who has no engine has the embedded gateway.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from pathlib import Path

from ...errors import Unavailable
from .cli import Cli, CommandFailed
from .configuration import Listen


class ProcessLauncher:
    """Runs ``haproxy`` from the path.

    Args:
        directory: with its files.
        host: address to listen at.
        metrics: ``HOST:PORT`` of the Prometheus exporter, empty for none.
        certificate: PEM file of certificate and key.
    """

    def __init__(
        self, directory: Path, host: str = "127.0.0.1", metrics: str = "", certificate: str = ""
    ) -> None:
        self._directory = directory
        self._host = host
        self._metrics = metrics
        self._certificate = certificate
        self._log = directory / "haproxy.log"
        self._child: subprocess.Popen[bytes] | None = None

    def listen(self, port: int) -> Listen:
        """Return the address that it was made for, with this port."""
        return Listen(self._host, port, certificate=self._certificate, metrics=self._metrics)

    def start(self, port: int) -> None:
        """Start it; ``port`` is in the configuration."""
        program = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            raise Unavailable("haproxy is not installed.")
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                [program, "-W", "-S", "unix@run/master.sock", "-f", "haproxy.cfg"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                start_new_session=True,
            )

    def runs(self) -> bool:
        """Return whether it does."""
        return self._pid() is not None

    def reach(self, networks: frozenset[str]) -> None:
        """Do nothing: a process of the machine reaches the networks of its engine."""

    def end(self) -> None:
        """End it at once."""
        pid = self._pid()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
        if self._child is not None:
            self._child.wait()
            self._child = None

    def log(self) -> str:
        """Return the end of its log."""
        try:
            return self._log.read_text(errors="replace")[-2000:]
        except OSError as error:
            return f"no log: {error}"

    def _pid(self) -> int | None:
        if self._child is not None:
            return self._child.pid if self._child.poll() is None else None
        try:
            return Cli(self._directory / "run" / "master.sock").workers()[0]
        except CommandFailed:
            return None
