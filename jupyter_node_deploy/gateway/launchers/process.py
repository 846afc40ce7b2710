"""HAProxy as a process of this user: it outlives the server that started it.

What tells whether it runs is a lock that it inherits: held as long as one of its processes lives,
whoever started them, and by nobody else.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil

from ...backends.log import LogFile
from ...backends.process.front import variables_for_user_code
from ...errors import Unavailable
from ...lock import acquire, is_held
from ..configuration.listen import Listen
from .program import find

#: Bytes of the log that the system itself allows, for the time in which nobody rotates it.
LOG_LIMIT = 64 * 1024 * 1024
_BLOCK = 512  # bytes, of the shell's limit
_CONFIGURATION = "haproxy.cfg"
_END = 5.0  # seconds that it gets to end
#: The shell sets the limit for a log's size, then becomes HAProxy.
_LIMITED = 'ulimit -f "$0" && exec "$@"'


class ProcessLauncher:
    """Runs HAProxy's program.

    Args:
        directory: with its files.
        binary: path of the program, empty to look for it.
        listen: where, but for the port, which is chosen later.
    """

    kind = "process"

    def __init__(
        self,
        directory: Path,
        *,
        binary: str = "",
        listen: Listen | None = None,
    ) -> None:
        self._directory = directory
        self._binary = binary
        self._listen = listen or Listen()
        self._lock = directory / "lock"
        self._log = LogFile(directory)
        self._child: subprocess.Popen[bytes] | None = None

    def listen(self, port: int) -> Listen:
        """Return the address that it was made for, with this port."""
        certificate = self._listen.certificate and str(Path(self._listen.certificate).absolute())
        return replace(self._listen, port=port, certificate=certificate)

    def program(self) -> str:
        """Return the path of the program, and its version.

        Raises:
            Unavailable: there is none that will do.
        """
        found = find(self._binary)
        return f"{found.path} ({found.version})"

    def prepare(self) -> None:
        """Make the directory of its sockets.

        Raises:
            Unavailable: the certificate can't be read.
        """
        (self._directory / "run").mkdir(mode=0o700, parents=True, exist_ok=True)
        certificate = self._listen.certificate
        if certificate and not os.access(certificate, os.R_OK):
            raise Unavailable(f"The gateway's certificate {certificate} can't be read.")

    def start(self) -> None:
        """Start it; return at once.

        Raises:
            Unavailable: there is no program, or what ran before does not end.
        """
        program = find(self._binary)
        self.end()  # a worker may have been left by a master that was killed
        lock = acquire(self._lock, patience=_END)  # somebody may look whether it is held
        if lock is None:
            raise Unavailable(f"Another process holds {self._lock}.")
        command = [
            *("/bin/sh", "-c", _LIMITED, str(LOG_LIMIT // _BLOCK), str(program.path)),
            *("-W", "-S", "unix@run/master.sock", "-p", "run/pid", "-f", _CONFIGURATION),
        ]
        log = self._log.open()
        try:
            self._child = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self._directory,
                env=_environment(),
                pass_fds=[lock],
                restore_signals=False,  # Python ignores SIGXFSZ: a full log does not end it
                start_new_session=True,  # it outlives us, and our terminal's signals
            )
        except OSError as error:
            raise Unavailable(f"HAProxy could not be started: {error}.") from error
        finally:
            os.close(log)
            os.close(lock)

    def runs(self) -> bool:
        """Return whether a process of it lives."""
        if self._child is not None and self._child.poll() is not None:
            self._child = None
        return is_held(self._lock)

    def fits(self) -> bool:
        """Return whether what runs is the program that would be started."""
        try:
            wanted = os.path.realpath(find(self._binary).path)
        except Unavailable:
            return True  # nothing else could be started
        with contextlib.suppress(psutil.Error):
            # It is deleted when its package was upgraded; the next reload runs the new one.
            return all(one.exe().removesuffix(" (deleted)") == wanted for one in self._processes())
        return False

    def quiesce(self) -> None:
        """Let it finish what it has, accept nothing new, and end."""
        found = list(self._processes())
        workers = {child.pid for one in found for child in _children(one)}
        for one in found:
            if one.pid not in workers:  # the master, which tells its workers
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.send_signal(signal.SIGUSR1)

    def end(self) -> None:
        """End it at once.

        Raises:
            Unavailable: it does not end.
        """
        for number in (signal.SIGTERM, signal.SIGKILL):
            # Also those whose lock, or whose whole directory, somebody has deleted.
            there = list(self._processes())
            for one in there:
                with contextlib.suppress(psutil.NoSuchProcess):
                    one.send_signal(number)
            until = time.monotonic() + _END
            while time.monotonic() < until:
                if not self.runs() and not any(map(_lives, there)):
                    return
                time.sleep(0.01)
        raise Unavailable("The gateway's process does not end.")

    def rotate(self) -> None:
        """Begin a new log if this one is long."""
        self._log.rotate()

    def log(self, lines: int) -> str:
        """Return the end of its log."""
        return "\n".join(self._log.tail(lines))

    def _processes(self) -> Iterator[psutil.Process]:
        directory = os.path.realpath(self._directory)
        for one in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if _CONFIGURATION not in one.cmdline() or not _is_here(one.pid):
                    continue
                if one.cwd().removesuffix(" (deleted)") == directory:
                    yield one


def _is_here(pid: int) -> bool:
    """Return whether a process sees our files, and not a container's under the same paths."""
    if not sys.platform.startswith("linux"):
        return True
    try:
        return Path(f"/proc/{pid}/ns/mnt").readlink() == Path("/proc/self/ns/mnt").readlink()
    except OSError:  # of another user, or gone
        return False


def _lives(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children()
    except psutil.NoSuchProcess:
        return []


def _environment() -> dict[str, str]:
    """Return the environment without what Jupyter has, and what HAProxy would read."""
    return {
        name: value
        for name, value in variables_for_user_code().items()
        if not name.startswith("HAPROXY")
    }
