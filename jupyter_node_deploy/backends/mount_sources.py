"""What of this machine instances may see: looked at when a node is made, and at each start anew.

An engine mounts as root whatever path it is given. So a mount gives no more than its owner has, and
nothing by which an instance could become its owner. A link may lead elsewhere than it did.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from ..errors import FailedPrecondition, Message
from ..home import Home
from ..specs import Mount

#: Who can write to one of them has the machine.
_ENGINES = ("/run/docker.sock", "/run/containerd", "/run/podman", "/run/crio")


def require_mounts(mounts: Iterable[Mount], home: Home) -> None:
    """Refuse to start an instance that can't or may not see what it is to see.

    Raises:
        FailedPrecondition: a mount's source is not there (any more), or may not be mounted.
    """
    for mount in mounts:
        if (why := unfit(mount, home)) is not None:
            raise FailedPrecondition(why)


def unfit(mount: Mount, home: Home) -> Message | None:
    """Return why a mount can't be; None if it can."""
    source = Path(mount.source)
    try:
        found = source.resolve(strict=True)
    except (OSError, RuntimeError):
        return Message(
            "There is nothing to mount at '{path}' on this machine. Put it back, or update "
            "the node without that mount.",
            "MOUNT_MISSING",
            path=mount.source,
        )
    if found == Path("/"):
        return Message(
            "'{path}' leads to the root of the file system, which can't be mounted.",
            "MOUNT_OF_ROOT",
            path=mount.source,
        )
    for place in (str(home.root.resolve()), *_ENGINES):
        if found.is_relative_to(place) or (
            Path(place).is_relative_to(found) and Path(place).exists()
        ):
            return Message(
                "'{path}' can't be mounted, because it is or has {place}, by which an instance "
                "could get hold of keys, secrets or this machine. Mount folders beside it.",
                "MOUNT_OF_KEYS",
                path=mount.source,
                place=place,
            )
    wanted = os.R_OK | (0 if mount.read_only else os.W_OK) | (os.X_OK if found.is_dir() else 0)
    if not os.access(found, wanted):
        return Message(
            "'{path}' can't be mounted: you do not have the right to it yourself.",
            "MOUNT_NOT_ALLOWED",
            path=mount.source,
        )
    return None
