"""HAProxy as a container: it comes back after a crash, a restart of the engine and a reboot.

It lives in the machine's own network. A published port would bring each byte through one more
process of the engine, and nodes' networks keep containers apart from each other, also from this
one; but the machine reaches them all.
"""

from __future__ import annotations

import contextlib
from hashlib import sha256
from pathlib import Path
from typing import Any

from docker import DockerClient
from docker.errors import APIError, DockerException, ImageNotFound, NotFound
from docker.models.containers import Container
from docker.types import LogConfig

from ...backends.docker.engine import words
from ...backends.docker.owner import Owner
from ...errors import Unavailable
from ...home import Home
from ..files import replace
from .listen import Listen

#: On the gateway's container: the id of its home. Not the label of instances: it is none.
HOME = "jupyter-node-deploy.gateway"
#: How it was made, to see when it has to be made anew.
MADE = "jupyter-node-deploy.gateway.made"
_PIDS = 256
# A type that docker-py's own stubs know by a private name only.
_NO_RESTART: Any = {"Name": "no"}
_CERTIFICATE = "certificate.pem"


class ContainerLauncher:
    """Runs the gateway's image.

    Args:
        home: the data directory.
        engine: where.
        image: with HAProxy 2.6 or newer; pulled when it is missing.
        host: address of this machine to listen at.
        certificate: PEM file of certificate and key for TLS, empty for none.
        metrics: ``HOST:PORT`` of the Prometheus exporter, empty for none.
    """

    def __init__(
        self,
        home: Home,
        engine: DockerClient,
        image: str,
        *,
        host: str = "127.0.0.1",
        certificate: str = "",
        metrics: str = "",
    ) -> None:
        self._home = home
        self._engine = engine
        self._image = image
        self._host = host
        self._certificate = certificate
        self._metrics = metrics
        self._owner = Owner.current()
        self._directory = home.gateway / "haproxy"

    @property
    def name(self) -> str:
        """The container's name."""
        return f"jupyter-node-{self._home.id}-gateway"

    def listen(self, port: int) -> Listen:
        """Return the address that it was made for, with this port."""
        certificate = _CERTIFICATE if self._certificate else ""
        return Listen(self._host, port, certificate=certificate, metrics=self._metrics)

    def prepare(self) -> None:
        """Make what HAProxy's user needs: a place for sockets, the key, a way to instances."""
        self._directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        self._owner.make(self._directory / "run")
        self._owner.let_pass(self._home.instances)
        if self._certificate:
            try:
                content = Path(self._certificate).read_bytes()
            except OSError as error:
                raise Unavailable(f"The gateway's certificate can't be read: {error}") from error
            place = self._directory / _CERTIFICATE
            replace(place, content)
            self._owner.give(place)

    def start(self) -> None:
        """Create the container and start it; one that is there is replaced.

        Raises:
            Unavailable: there is no image, or the engine refuses.
        """
        self.end()
        try:
            self._pull()
            options = self._options()
            self._engine.containers.run(**options, labels=self._labels(options), detach=True)
        except DockerException as error:
            raise Unavailable(
                f"The gateway's container can't be started: {words(error)}."
            ) from error

    def runs(self) -> bool:
        """Return whether it runs, made as this object would make it."""
        found = self._find()
        return (
            found is not None
            and found.status in ("running", "restarting")
            and found.labels.items() >= self._labels(self._options()).items()
        )

    def quiesce(self) -> None:
        """Let it finish what it has, accept nothing new, and end."""
        found = self._find()
        if found is not None:
            with contextlib.suppress(APIError):  # it has ended
                found.update(restart_policy=_NO_RESTART)
                found.kill(signal="SIGUSR1")

    def end(self) -> None:
        """Remove it at once."""
        found = self._find()
        if found is not None:
            with contextlib.suppress(NotFound):
                found.remove(force=True)

    def log(self, lines: int) -> str:
        """Return the end of its log."""
        try:
            found = self._find()
            return "" if found is None else found.logs(tail=lines).decode(errors="replace")
        except DockerException as error:
            return f"no log: {words(error)}"

    def _find(self) -> Container | None:
        try:
            return self._engine.containers.get(self.name)
        except NotFound:
            return None
        except DockerException as error:
            raise Unavailable(f"The Docker engine does not answer: {words(error)}.") from error

    def _pull(self) -> None:
        try:
            self._engine.images.get(self._image)
        except ImageNotFound:
            self._engine.images.pull(self._image)

    def _options(self) -> dict[str, Any]:
        directory = str(self._directory)
        run, instances = f"{directory}/run", str(self._home.instances)
        # The same paths inside: then the configuration is the same wherever HAProxy runs.
        return {
            "image": self._image,
            "name": self.name,
            "entrypoint": ["haproxy"],
            "command": ["-W", "-S", "unix@run/master.sock", "-f", "haproxy.cfg"],
            "working_dir": directory,
            "user": self._owner.user,
            "read_only": True,
            "cap_drop": ["ALL"],
            "security_opt": ["no-new-privileges:true"],
            "network_mode": "host",
            "pids_limit": _PIDS,
            "volumes": {
                directory: {"bind": directory, "mode": "ro"},
                run: {"bind": run, "mode": "rw"},
                instances: {"bind": instances, "mode": "ro"},
            },
            "restart_policy": {"Name": "unless-stopped"},
            "log_config": LogConfig(
                type=LogConfig.types.JSON, config={"max-size": "16m", "max-file": "2"}
            ),
        }

    def _labels(self, options: dict[str, Any]) -> dict[str, str]:
        made = sha256(repr(sorted(options.items(), key=str)).encode()).hexdigest()
        return {HOME: self._home.id, MADE: made[:16]}
