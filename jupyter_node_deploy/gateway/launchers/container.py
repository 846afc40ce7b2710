"""HAProxy as a container: it comes back after a crash, a restart of the engine and a reboot.

It lives in the machine's own network. A published port would bring each byte through one more
process of the engine, and nodes' networks keep containers apart from each other, also from this
one; but the machine reaches them all.
"""

from __future__ import annotations

import contextlib
import dataclasses
import shutil
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
from ...files import replace
from ...home import Home
from ..configuration.listen import Listen
from .program import Program, find

#: On the gateway's container: the id of its home. Not the label of instances: it is none.
HOME = "jupyter-node-deploy.gateway"
#: How it was made, to see when it has to be made anew.
MADE = "jupyter-node-deploy.gateway.made"
_PIDS = 256
# A type that docker-py's own stubs know by a private name only.
_NO_RESTART: Any = {"Name": "no"}
_CERTIFICATE = "certificate.pem"
_MARK = "container"


class ContainerLauncher:
    """Runs HAProxy in a container.

    Args:
        home: the data directory.
        engine: where.
        image: of the container; pulled when it is missing.
        binary: path of this machine's program, which is taken along; empty to look for it; None
            for the one that the image has.
        listen: where on this machine, but for the port, which is chosen later.
    """

    kind = "container"

    def __init__(
        self,
        home: Home,
        engine: DockerClient,
        image: str,
        *,
        binary: str | None = "",
        listen: Listen | None = None,
    ) -> None:
        self._home = home
        self._engine = engine
        self.image = image
        self._binary = binary
        self._listen = listen or Listen()
        self._owner = Owner.current()
        self._directory = home.gateway / "haproxy"

    @staticmethod
    def was_used(home: Home) -> bool:
        """Return whether a container may serve this home."""
        return (home.gateway / "haproxy" / _MARK).exists()

    @property
    def name(self) -> str:
        """The container's name."""
        return f"jupyter-node-{self._home.id}-gateway"

    def listen(self, port: int) -> Listen:
        """Return the address that it was made for, with this port."""
        certificate = self._listen.certificate and _CERTIFICATE
        return dataclasses.replace(self._listen, port=port, certificate=certificate)

    def program(self) -> str:
        """Return the image, and what is run in it.

        Raises:
            Unavailable: there is no program that will do.
        """
        if self._binary is None:
            return self.image
        found = find(self._binary)
        return f"{found.path} ({found.version}) in {self.image}"

    def prepare(self) -> None:
        """Make what HAProxy's user needs: its program, a place for sockets, a way to instances.

        Raises:
            Unavailable: there is no program, or the certificate can't be read.
        """
        self._directory.mkdir(mode=0o755, parents=True, exist_ok=True)
        if self._binary is not None:
            self._take_along(find(self._binary))
        self._owner.make(self._directory / "run")
        self._owner.let_pass(self._home.instances)
        if self._listen.certificate:
            try:
                content = Path(self._listen.certificate).read_bytes()
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
            (self._directory / _MARK).touch()
            self._engine.containers.run(**options, labels=self._labels(options), detach=True)
        except DockerException as error:
            raise Unavailable(
                f"The gateway's container can't be started: {words(error)}."
            ) from error

    def runs(self) -> bool:
        """Return whether it runs."""
        found = self._find()
        return found is not None and found.status in ("running", "restarting")

    def fits(self) -> bool:
        """Return whether it was made as this object would make it."""
        found = self._find()
        if found is None:
            return False
        try:
            return bool(found.labels.items() >= self._labels(self._options()).items())
        except Unavailable:
            return True  # nothing else could be started

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
        (self._directory / _MARK).unlink(missing_ok=True)

    def rotate(self) -> None:
        """Do nothing: the engine does it."""

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
            self._engine.images.get(self.image)
        except ImageNotFound:
            self._engine.images.pull(self.image)

    def _entrypoint(self) -> str:
        return "haproxy" if self._binary is None else str(self._place(find(self._binary)))

    def _place(self, program: Program) -> Path:
        """Return where a program is in the gateway's directory: elsewhere for another one."""
        size = program.path.stat().st_size
        return self._directory / f"program-{program.version}-{size}" / program.path.name

    def _take_along(self, program: Program) -> None:
        """Copy a program to where the container sees it: its package may be upgraded or removed."""
        place = self._place(program).parent
        for other in self._directory.glob("program-*"):
            if other != place and not self.runs():
                shutil.rmtree(other)
        if place.exists():
            return
        part = place.with_name(f".{place.name}")
        shutil.rmtree(part, ignore_errors=True)
        (part / "lib").mkdir(mode=0o755, parents=True)
        shutil.copy(program.path, part)
        for library in program.libraries:
            shutil.copy(library, part / "lib")
        for made in (part, *part.rglob("*")):
            made.chmod(0o755)  # whatever our umask is, HAProxy's user reads it
        part.rename(place)

    def _options(self) -> dict[str, Any]:
        directory = str(self._directory)
        run, instances = f"{directory}/run", str(self._home.instances)
        # The same paths inside: then the configuration is the same wherever HAProxy runs.
        return {
            "image": self.image,
            "name": self.name,
            "entrypoint": [self._entrypoint()],
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
