"""The base image of the tests: no registry is reached for it, only a Debian mirror, and once."""

import os
import subprocess
import tempfile
from pathlib import Path

import docker
from docker.errors import ImageNotFound

TAG = "jupyter-node-deploy-test/base:bookworm-1"
_SUITE = "bookworm"
_MIRROR = "http://deb.debian.org/debian"
_PACKAGES = "python3,ca-certificates"


def ensure(engine: docker.DockerClient) -> str:
    """Return the reference of an image with Debian and its Python."""
    try:
        engine.images.get(TAG)
    except ImageNotFound:
        archive = _archive()
        repository, tag = TAG.split(":")
        with archive.open("rb") as content:
            engine.api.import_image_from_data(
                content, repository=repository, tag=tag, changes=['CMD ["python3"]']
            )
    return TAG


def _archive() -> Path:
    """Return a tar of the root file system, made at the first time on this machine."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    place = cache / "jupyter-node-deploy-test" / f"{TAG.rpartition(':')[2]}.tar"
    if not place.exists():
        place.parent.mkdir(parents=True, exist_ok=True)
        as_root = [] if os.getuid() == 0 else ["sudo", "-n"]
        part = place.with_suffix(".part")
        with tempfile.TemporaryDirectory() as directory:
            root = Path(directory) / "root"
            command = ["debootstrap", "--variant=minbase", f"--include={_PACKAGES}"]
            subprocess.run([*as_root, *command, _SUITE, str(root), _MIRROR], check=True)
            pack = ["tar", "-C", str(root), "--exclude=./var/cache/apt/*", "-cf", str(part), "."]
            subprocess.run([*as_root, *pack], check=True)
            subprocess.run([*as_root, "rm", "-rf", str(root)], check=True)
        part.replace(place)
    return place
