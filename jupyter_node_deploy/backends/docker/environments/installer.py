"""Installing packages in a container: pip of this machine, with its settings and its cache.

A container and a commit instead of a build from a Dockerfile: it can mount the cache, settings and
credentials with any engine, so none of them ends in a layer or in an image's history.
"""

from __future__ import annotations

import importlib.util
import io
import json
import re
import secrets
import shutil
import tarfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath

from docker import DockerClient
from docker.errors import APIError, NotFound
from docker.models.containers import Container
from docker.models.images import Image
from docker.types import Mount

from ....errors import CannotRun, FailedPrecondition, Message
from ....home import Home
from .. import labels
from ..engine import words
from ..owner import Owner
from . import settings
from .settings import InstallSettings

Tell = Callable[[str], None]

_SCRIPT = Path(__file__).with_name("install.py")
_SYSTEM = Path(__file__).with_name("system.py")
_WRONG_PYTHON = 78
_PIDS = 1024
_TMP = "/tmp"  # noqa: S108 - in the container
_REQUIREMENT = (
    re.compile(r"No matching distribution found for (\S+)"),
    re.compile(r"satisfies the requirement (\S+)"),
    re.compile(r"Failed building wheel for (\S+)"),
    re.compile(r"Failed to build (?:installable wheels for .*\()?([\w.-]+)"),
    re.compile(r"Cannot install (\S+)"),
    re.compile(r"^Collecting (\S+)"),
)
_NO_PROGRAM = re.compile(r"executable file not found|no such file or directory|exec format error")
_OFFLINE = re.compile(
    r"NewConnectionError|Name or service not known|ConnectTimeout|SSLError|ProxyError"
)
#: What another try may get over: an index that is cut off half-way, a full disk.
_PASSING = re.compile(
    r"ReadTimeout|Read timed out|Connection (?:reset|aborted|broken)|RemoteDisconnected|"
    r"ProtocolError|IncompleteRead|HTTP error 5\d\d|50\d Server Error|No space left on device"
)


class Installer:
    """Runs pip in containers.

    Args:
        engine: where.
        home: has the cache.
        owner: as whom.
    """

    def __init__(self, engine: DockerClient, home: Home, owner: Owner) -> None:
        self._engine = engine
        self._home = home
        self._owner = owner

    @contextmanager
    def install(
        self,
        image: Image,
        requirements: Sequence[str],
        *,
        instance_id: str,
        python: str,
        target: str,
        venv: bool,
        tell: Tell,
        mounts: Mapping[Path, str] | None = None,
        compile: str | None = None,  # noqa: A002 - as in compileall
        wheels: Mapping[str, bytes] | None = None,
        kernel: str = "",
    ) -> Iterator[Container]:
        """Give the ended container with the packages, and delete it afterwards.

        Args:
            instance_id: of the one that waits for it.
            python: the version that the image must have, ``MAJOR.MINOR``.
            target: directory in the container that the packages go to.
            venv: whether that becomes a virtual environment.
            tell: is given the lines of the output.
            mounts: further directories, writable.
            compile: a directory with sources to be compiled, too.
            kernel: the kernel's whole version, for advice.
            wheels: contents by name; requirements name them ``./wheels/NAME``.

        Raises:
            FailedPrecondition: it failed; the message has the line and the requirement.
            CannotRun: likewise, and it would again.
        """
        known = settings.read()
        work = self._owner.make(self._home.cache / f"install-{secrets.token_hex(8)}")
        try:
            self._write(work, known, requirements, python, target, venv=venv, compile=compile)
            self._put(work / "wheels", wheels or {})
            self._owner.let_read(work)
            with self._container(image, work, known, mounts or {}, instance_id) as container:
                if venv:
                    container.put_archive("/", _directory(target, self._owner))
                try:
                    container.start()
                except APIError as error:
                    if _NO_PROGRAM.search(words(error)):
                        raise _no_python(image) from None
                    raise
                lines = _follow(container, known, tell)
                status = container.wait()["StatusCode"]
                if status:
                    raise _failure(lines, status, image, kernel or python)
                yield container
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def complete(self, image: Image, libraries: Sequence[str], tell: Tell) -> Image:
        """Return an image with the system libraries that this one lacks.

        What can't be installed is told: whether the cell works without it, its first run says.

        Args:
            libraries: as ``LIBRARY=PACKAGE``.
        """
        if not libraries:
            return image
        known = settings.read()
        container = self._engine.containers.create(
            image,
            entrypoint=["python3"],
            command=["/system.py", *libraries],
            user="0",
            working_dir="/",
            environment=dict(known.environment),
            mounts=[Mount("/system.py", str(_SYSTEM), type="bind", read_only=True)],
            network_mode="host" if known.host_network else "bridge",
            labels={labels.BUILD: self._home.id},
        )
        try:
            container.start()
            _follow(container, known, tell)
            status = container.wait()["StatusCode"]
            return image if status else container.commit()
        finally:
            with suppress(NotFound):
                container.remove(force=True, v=True)

    def _write(
        self,
        work: Path,
        known: InstallSettings,
        requirements: Sequence[str],
        python: str,
        target: str,
        *,
        venv: bool,
        compile: str | None,  # noqa: A002
    ) -> None:
        environment = {
            **known.environment,
            "HOME": _TMP,
            "PIP_CACHE_DIR": "/cache",
            "PIP_CONFIG_FILE": "/build/pip.conf",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_NO_INPUT": "1",
            "PIP_PROGRESS_BAR": "off",
            "PYTHONPATH": "/tools",
            "PYTHONUNBUFFERED": "1",
        }
        installation = {
            "python": python,
            "target": target,
            "venv": venv,
            "environment": environment,
            "compile": compile,
        }
        files = {
            **known.files,
            "install.py": _SCRIPT.read_bytes(),
            "installation.json": json.dumps(installation).encode(),
            "pip.conf": known.pip_conf,
            "requirements.txt": "".join(f"{line}\n" for line in requirements).encode(),
        }
        for name, content in files.items():
            (work / name).write_bytes(content)
        self._owner.make(work / "tmp")

    def _put(self, place: Path, wheels: Mapping[str, bytes]) -> None:
        place.mkdir()
        for name, content in wheels.items():
            (place / name).write_bytes(content)

    @contextmanager
    def _container(
        self,
        image: Image,
        work: Path,
        known: InstallSettings,
        mounts: Mapping[Path, str],
        instance_id: str,
    ) -> Iterator[Container]:
        places = [
            (work, "/build", True),
            (work / "tmp", _TMP, False),
            (self._owner.make(self._home.cache / "pip"), "/cache", False),
            *((place, inside, False) for place, inside in mounts.items()),
            *((place, inside, True) for place, inside in known.mounts.items()),
        ]
        if (pip := importlib.util.find_spec("pip")) and pip.origin:  # else the image's own
            places.append((Path(pip.origin).parent, "/tools/pip", True))
        container = self._engine.containers.create(
            image,
            entrypoint=["python3"],
            command=["/build/install.py"],
            user=self._owner.user,
            working_dir="/build",
            # Not as volumes: the image would declare these.
            mounts=[
                Mount(inside, str(place), type="bind", read_only=read_only)
                for place, inside, read_only in places
            ],
            network_mode="host" if known.host_network else "bridge",
            cap_drop=["ALL"],
            security_opt=["no-new-privileges:true"],
            pids_limit=_PIDS,
            labels={labels.BUILD: self._home.id, labels.BUILD_FOR: instance_id},
        )
        try:
            yield container
        finally:
            with suppress(NotFound):
                container.remove(force=True, v=True)


def _follow(container: Container, known: InstallSettings, tell: Tell) -> list[str]:
    """Return the lines of the output, when it has ended."""
    lines, rest = [], b""
    for chunk in container.logs(stream=True, follow=True):
        *whole, rest = (rest + chunk).split(b"\n")
        for part in whole:
            line = known.conceal(part.decode(errors="replace").rstrip("\r"))
            lines.append(line)
            tell(line)
    return lines


def _directory(path: str, owner: Owner) -> bytes:
    """Return an archive with an empty directory that belongs to the owner."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        entry = tarfile.TarInfo(str(PurePosixPath(path).relative_to("/")))
        entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, int(time.time())
        entry.uid, entry.gid = owner.uid, owner.gid
        archive.addfile(entry)
    return content.getvalue()


def _failure(lines: Sequence[str], status: int, image: Image, kernel: str) -> FailedPrecondition:
    """Say which line and which requirement made an install fail, and what to do."""
    errors = [line for line in lines if line.startswith("ERROR:")]
    told = errors[-1].removeprefix("ERROR:").strip() if errors else (lines or ["no output"])[-1]
    if status == _WRONG_PYTHON:
        name = _name(image)
        return CannotRun(
            Message(
                "The image {image} does not fit: {cause}. Choose an image with the kernel's "
                "Python.",
                "IMAGE_OF_OTHER_PYTHON",
                image=name,
                cause=told.removeprefix("the image "),
            )
        )
    if status in (126, 127):
        return _no_python(image)
    requirement = next(
        (
            found[1]
            for line in reversed(lines)
            for one in _REQUIREMENT
            if (found := one.search(line))
        ),
        "",
    )
    kind: type[FailedPrecondition] = CannotRun
    advice = Message(
        "Change the node's requirements, or choose an image that has the package.",
        "CHANGE_REQUIREMENTS",
    )
    if status > 128 or any(_PASSING.search(line) for line in lines):
        kind = FailedPrecondition
    if needed := _needed_python(lines, requirement):
        advice = Message(
            "That version needs Python {needed}, which the image {image} does not have. The kernel "
            "has Python {python}: choose an image with that (--kernel-image python:{python}-slim), "
            "or another version of the package.",
            "PACKAGE_FOR_OTHER_PYTHON",
            needed=needed,
            image=_name(image),
            python=kernel,
        )
    if any(_OFFLINE.search(line) for line in lines):
        kind = FailedPrecondition
        advice = Message(
            "The package index can't be reached: check the network, and the index, proxy and "
            "certificate in pip's settings on this machine.",
            "PACKAGE_INDEX_UNREACHABLE",
        )
    if not requirement:
        return kind(
            Message(
                "The environment could not be built: {cause}. {advice}",
                "ENVIRONMENT_NOT_BUILT",
                cause=told,
                requirement="",
                advice=advice,
            )
        )
    return kind(
        Message(
            "The environment could not be built: {cause}. The requirement behind it: "
            "{requirement}. {advice}",
            "ENVIRONMENT_NOT_BUILT",
            cause=told,
            requirement=requirement.rstrip(",;"),
            advice=advice,
        )
    )


def _needed_python(lines: Iterable[str], requirement: str) -> str:
    """Return what Python the requirement's version needs, where pip says that it is another."""
    version = requirement.partition("==")[2].rstrip(",;")
    for line in lines:
        if found := re.search(rf"[:;] {re.escape(version)} Requires-Python ([^;]+)", line):
            return found[1].strip()
        if found := re.search(r"requires a different Python: \S+ not in '([^']+)'", line):
            return found[1]
    return ""


def _no_python(image: Image) -> CannotRun:
    name = _name(image)
    return CannotRun(
        Message(
            "The image {image} has no python3 that starts. Choose one that has the "
            "kernel's Python, and finds it by its PATH.",
            "IMAGE_WITHOUT_PYTHON",
            image=name,
        )
    )


def _name(image: Image) -> str:
    return str((*image.tags, image.id)[0])
