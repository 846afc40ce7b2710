"""An engine of the tests' own, beside the machine's, to be stopped and broken."""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import os
import shutil
import signal
import socket
import struct
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import docker
import psutil
from docker.errors import DockerException

from ..support.waiting import until

_PATIENCE = 100.0
_CLONE_NEWNET = 0x40000000
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 1


@contextlib.contextmanager
def own_network() -> Iterator[None]:
    """Give this thread, and what it starts, a network of its own with nothing but a loopback.

    An engine in the machine's network would remove the bridge of the machine's engine.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open() as before:
        if libc.unshare(_CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        try:
            with socket.socket() as any_socket:
                request = struct.pack("16sh14x", b"lo", _IFF_UP)
                fcntl.ioctl(any_socket, _SIOCSIFFLAGS, request)
            yield
        finally:
            if libc.setns(before.fileno(), _CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")


class Dockerd:
    """An engine in the network of who starts it; its containers have a network or none."""

    def __init__(self) -> None:
        self.root = Path(tempfile.mkdtemp(prefix="jnd-dockerd-"))
        self.url = f"unix://{self.root}/docker.sock"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> docker.DockerClient:
        """Start it; return a client when it answers."""
        (self.root / "docker.pid").unlink(missing_ok=True)
        with (self.root / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *("dockerd", "--data-root", str(self.root / "data")),
                    *("--exec-root", str(self.root / "exec")),
                    *("--pidfile", str(self.root / "docker.pid"), "-H", self.url),
                    *("--bridge=none", "--iptables=false", "--ip-masq=false"),
                    *("--containerd-namespace", self._namespace),
                    *("--containerd-plugins-namespace", f"{self._namespace}-plugins"),
                ],
                stdout=log,
                stderr=log,
            )

        def answers() -> docker.DockerClient | None:
            try:
                client = docker.DockerClient(base_url=self.url)
                client.ping()
            except DockerException:
                return None
            return client

        log_file = self.root / "log"
        return until(answers, lambda: log_file.read_text()[-3000:], seconds=_PATIENCE, pause=0.1)

    def load(self, engine: docker.DockerClient, image: str) -> None:
        """Copy an image of another engine."""
        client = docker.DockerClient(base_url=self.url)
        client.images.load(b"".join(engine.images.get(image).save(named=True)))
        client.close()

    def stop(self) -> None:
        """Stop it and its containers, as before a restart."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait(_PATIENCE)

    def cut_power(self) -> None:
        """End it and all its containers without a word, and forget what a reboot forgets."""
        assert self._process is not None
        # The engine first: it would tell the ends of its containers.
        self._process.kill()
        self._process.wait()
        for shim in self._shims():
            for process in [*shim.children(recursive=True), shim]:
                with contextlib.suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGKILL)
        until(lambda: not self._shims(), seconds=_PATIENCE)
        for mount in _mounts_below(self.root):
            subprocess.run(["umount", "--lazy", mount], check=True)
        shutil.rmtree(self.root / "exec", ignore_errors=True)

    def remove(self) -> None:
        """Stop it; nothing is left."""
        self.stop()
        for mount in _mounts_below(self.root):
            subprocess.run(["umount", "--lazy", mount], check=True)
        shutil.rmtree(self.root)

    @property
    def _namespace(self) -> str:
        return self.root.name

    def _shims(self) -> list[psutil.Process]:
        """Return the processes that keep its containers."""
        return [
            one
            for one in psutil.process_iter(["name", "cmdline"])
            if one.info["name"].startswith("containerd-shim")
            and self._namespace in (one.info["cmdline"] or [])
        ]


def _mounts_below(root: Path) -> list[str]:
    lines = Path("/proc/self/mounts").read_text().splitlines()
    points = [line.split()[1] for line in lines]
    return [point for point in reversed(points) if point.startswith(f"{root}{os.sep}")]
