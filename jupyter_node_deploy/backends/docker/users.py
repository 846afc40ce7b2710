"""Who the user of an image is: only the image's own files tell names from ids."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

from docker import DockerClient
from docker.errors import NotFound
from docker.models.containers import Container
from docker.models.images import Image

from . import labels
from .engine import delete


def numeric(engine: DockerClient, image: Image, user: str, home: str) -> str:
    """Return ``UID:GID`` of an image's user; as it is if the image does not know it.

    Args:
        user: as the image says it, such as ``app``, ``app:staff``, ``1000``.
        home: id of the home.
    """
    name, _, group = user.partition(":")
    if name.isdigit() and (not group or group.isdigit()):
        return user
    container = engine.containers.create(image, labels={labels.BUILD: home})
    try:
        known = _entry(container, "/etc/passwd", name)
        uid, gid = (known[2], known[3]) if known else (name, "0")
        if group:
            known = _entry(container, "/etc/group", group)
            gid = known[2] if known else group
    finally:
        delete(container)
    return f"{uid}:{gid}" if uid.isdigit() and gid.isdigit() else user


def _entry(container: Container, path: str, name: str) -> list[str] | None:
    """Return the fields of a name's line, or a number's, in one of a container's files."""
    try:
        archive, _ = container.get_archive(path)
    except NotFound:
        return None
    with tarfile.open(fileobj=io.BytesIO(b"".join(archive))) as files:
        file = files.extractfile(Path(path).name)
        text = file.read().decode(errors="replace") if file is not None else ""
    entries = (line.split(":") for line in text.splitlines())
    return next((one for one in entries if len(one) > 3 and name in (one[0], one[2])), None)
