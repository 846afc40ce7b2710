"""A registry with a password, on loopback."""

from __future__ import annotations

import contextlib
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import httpx

from ..support.waiting import until

USER, PASSWORD = "json_key", 'c0rrect-horse-{"battery": "staple"}'
#: bcrypt, all that the registry takes; perl is part of every Debian.
_HASH = "print crypt($ARGV[0], q($2b$05$abcdefghijklmnopqrstuu))"
_CONFIGURATION = """\
version: 0.1
log: {{level: error}}
storage: {{filesystem: {{rootdirectory: {directory}/data}}}}
http: {{addr: "127.0.0.1:{port}"}}
auth: {{htpasswd: {{realm: test, path: {directory}/htpasswd}}}}
"""


@dataclass(frozen=True)
class Registry:
    """A running registry."""

    host: str
    engine: docker.DockerClient

    def push(self, image: str, name: str) -> str:
        """Push an image under another name; return its reference, of which no copy is left."""
        repository, _, tag = f"{self.host}/{name}".rpartition(":")
        self.engine.images.get(image).tag(repository, tag)
        login = {"username": USER, "password": PASSWORD}
        for event in self.engine.api.push(
            repository, tag, stream=True, decode=True, auth_config=login
        ):
            assert "error" not in event, event
        self.engine.images.remove(f"{repository}:{tag}")
        return f"{repository}:{tag}"


@contextlib.contextmanager
def running(directory: Path, port: int, engine: docker.DockerClient) -> Iterator[Registry]:
    """Run a registry."""
    hashed = subprocess.run(
        ["perl", "-e", _HASH, PASSWORD], check=True, capture_output=True, text=True
    ).stdout
    (directory / "htpasswd").write_text(f"{USER}:{hashed}\n")
    configuration = directory / "config.yml"
    configuration.write_text(_CONFIGURATION.format(directory=directory, port=port))
    process = subprocess.Popen(["docker-registry", "serve", str(configuration)])
    try:
        _await(port)
        yield Registry(f"localhost:{port}", engine)
    finally:
        process.terminate()
        process.wait()


def _await(port: int) -> None:
    def status() -> int:
        try:
            return httpx.get(f"http://127.0.0.1:{port}/v2/").status_code
        except httpx.ConnectError:
            return 0

    assert until(status, "the registry to start") == 401
