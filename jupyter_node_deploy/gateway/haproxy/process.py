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
from .listen import Listen


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

    def prepare(self) -> None:
        """Make the directory of its sockets."""
        (self._directory / "run").mkdir(mode=0o700, parents=True, exist_ok=True)

    def start(self) -> None:
        """Start it; return at once."""
        program = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
        if program is None:
            raise Unavailable("haproxy is not installed.")
        with self._log.open("ab") as log:
            self._child = subprocess.Popen(
                [program, "-W", "-S", "unix@run/master.sock", "-p", "run/pid", "-f", "haproxy.cfg"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                start_new_session=True,
            )

    def runs(self) -> bool:
        """Return whether it does."""
        return self._pid() is not None

    def quiesce(self) -> None:
        """Let it finish what it has, accept nothing new, and end."""
        self._signal(signal.SIGUSR1)

    def end(self) -> None:
        """End it at once."""
        self._signal(signal.SIGTERM)
        if self._child is not None:
            self._child.wait()
            self._child = None

    def log(self, lines: int) -> str:
        """Return the end of its log."""
        try:
            return "\n".join(self._log.read_text(errors="replace").splitlines()[-lines:])
        except OSError as error:
            return f"no log: {error}"

    def _signal(self, number: int) -> None:
        pid = self._pid()
        if pid is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def _pid(self) -> int | None:
        if self._child is not None:
            return self._child.pid if self._child.poll() is None else None
        # Not over its socket, where it does not answer in the middle of a reload.
        try:
            pid = int((self._directory / "run" / "pid").read_text())
            return pid if Path(f"/proc/{pid}/comm").read_text() == "haproxy\n" else None
        except (OSError, ValueError):
            return None
