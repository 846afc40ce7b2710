"""What a cell's container is made from: an environment image, and the runtime beside it.

Both are made once and shared by all nodes: the image by what it has in it, the runtime (its own
packages, apart from the user's) by the image that it is to run in and its own code.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import threading
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from docker import DockerClient
from docker.errors import ImageNotFound
from docker.models.images import Image

from ....home import Home
from ... import runtime_source
from ...base import CellWorkload, InstanceSpec, RegistryImage
from .. import gpus, labels
from ..owner import Owner
from ..pull import obtain
from . import settings
from .installer import Installer, Tell
from .uses import Use, Uses

_FORMAT = 1
_TARGET = "/opt/environment"


@dataclass(frozen=True)
class Environment:
    """Where a cell runs.

    Attributes:
        python: the interpreter in it that runs the cell.
        runtime: this machine's directory with the runtime for it.
        note: what the user should know ("" if nothing).
    """

    image: Image
    python: str
    runtime: Path
    note: str = ""


class Environments:
    """Makes environments, each once. Its methods block.

    Args:
        engine: where images are.
        home: has the runtimes and the cache.
        owner: whom the containers run as.
        base: reference of the base image, with ``{version}`` for Python's ``MAJOR.MINOR``.
    """

    def __init__(self, engine: DockerClient, home: Home, owner: Owner, base: str) -> None:
        self._engine = engine
        self._home = home
        self._owner = owner
        self._base = base
        self._installer = Installer(engine, home, owner)
        self._uses = Uses(home)
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)

    def ensure(self, spec: InstanceSpec, workload: CellWorkload, tell: Tell) -> Environment:
        """Return a cell's environment; makes what is missing of it.

        Args:
            tell: is given a line for each step.

        Raises:
            NodeDeployError: an image can't be pulled, packages can't be installed, or there are no
                GPUs for what would be made.
        """
        version = _minor(workload.python_version)
        wanted = workload.image or RegistryImage(base_of(self._base, version))
        base, note = obtain(self._engine, wanted, tell)
        if spec.resources.gpus:  # before anything is installed
            gpus.require(self._engine, base, spec.resources.gpus, self._home.id)
        runtime = self._runtime(spec, base, version, tell)
        requirements = _requirements(workload.bundle)
        if not requirements:
            self._uses.note(spec, Use(str(workload.bundle), None, runtime.name))
            return Environment(base, "python3", runtime, note)
        wheels = _wheels(workload.bundle)
        contents = {name: hashlib.sha256(wheel).hexdigest() for name, wheel in wheels.items()}
        libraries = _libraries(workload.bundle)
        parts = [_FORMAT, base.id, self._owner.user, requirements, settings.read().fingerprint]
        key = _key([*parts, contents, libraries] if contents or libraries else parts)
        self._uses.note(spec, Use(str(workload.bundle), key, runtime.name))
        with self._locks[key]:
            image = self._find(f"{labels.ENVIRONMENTS}:{key}")
            if image is None:
                tell(f"Installing {len(requirements)} packages into {wanted.reference}")
                base = self._installer.complete(base, libraries, tell)
                kernel = workload.python_version
                image = self._build(spec, base, requirements, wheels, kernel, key, tell)
        return Environment(image, f"{_TARGET}/bin/python", runtime, note)

    def _build(
        self,
        spec: InstanceSpec,
        base: Image,
        requirements: list[str],
        wheels: Mapping[str, bytes],
        kernel: str,
        key: str,
        tell: Tell,
    ) -> Image:
        with self._installer.install(
            base,
            requirements,
            instance_id=spec.instance_id,
            python=_minor(kernel),
            target=_TARGET,
            venv=True,
            tell=tell,
            wheels=wheels,
            kernel=kernel,
        ) as container:
            tell("Saving the environment image")
            return container.commit(
                labels.ENVIRONMENTS, key, changes=["ENTRYPOINT []", 'CMD ["python3"]']
            )

    def _runtime(self, spec: InstanceSpec, base: Image, version: str, tell: Tell) -> Path:
        key = _key([_FORMAT, base.id, version, self._owner.user, runtime_source.fingerprint()])
        place = self._home.runtimes / key
        with self._locks[key]:
            if place.exists():
                return place
            tell("Preparing the runtime")
            part = self._owner.make(self._home.runtimes / f".new-{secrets.token_hex(8)}")
            try:
                runtime_source.copy(part)
                self._owner.give(part)
                with self._installer.install(
                    base,
                    runtime_source.requirements(),
                    instance_id=spec.instance_id,
                    python=version,
                    target="/runtime/packages",
                    venv=False,
                    tell=tell,
                    mounts={part: "/runtime"},
                    compile="/runtime/app",
                ):
                    part.rename(place)
            finally:
                shutil.rmtree(part, ignore_errors=True)
        return place

    def _find(self, reference: str) -> Image | None:
        try:
            return self._engine.images.get(reference)
        except ImageNotFound:
            return None


def _minor(version: str) -> str:
    return ".".join(version.split(".")[:2])


def base_of(reference: str, version: str) -> str:
    """Return the reference of the base image for a Python version, ``MAJOR.MINOR``."""
    return reference.replace("{version}", version)


def _requirements(bundle: Path) -> list[str]:
    text = (bundle / "requirements.txt").read_text(encoding="utf-8")
    lines = (line.strip() for line in text.splitlines())
    return sorted({line for line in lines if line and not line.startswith("#")})


def _wheels(bundle: Path) -> dict[str, bytes]:
    """Return the wheels of a bundle, by their names."""
    return {one.name: one.read_bytes() for one in sorted((bundle / "wheels").glob("*.whl"))}


def _libraries(bundle: Path) -> list[str]:
    """Return what a bundle needs of the system, as ``LIBRARY=PACKAGE``."""
    try:
        return (bundle / "libraries.txt").read_text(encoding="utf-8").split()
    except FileNotFoundError:
        return []


def _key(parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:20]
