"""What crashes have left over."""

from __future__ import annotations

import shutil
import time
from collections.abc import Collection, Set

from docker import DockerClient

from ...home import Home
from . import labels
from .directories import Directories
from .engine import delete
from .networks import Networks

_AFTER = 600.0


class Leftovers:
    """Deletes what nobody will ask for again. Its methods block.

    Args:
        engine: where.
        home: whose.
    """

    def __init__(
        self, engine: DockerClient, home: Home, networks: Networks, directories: Directories
    ) -> None:
        self._engine = engine
        self._home = home
        self._networks = networks
        self._directories = directories

    def of_builds(self) -> None:
        """Delete what cut-off builds have left; none may be under way."""
        mine = f"{labels.BUILD}={self._home.id}"
        for container in self._engine.containers.list(
            all=True, ignore_removed=True, filters={"label": mine}
        ):
            if container.status in ("exited", "created"):
                delete(container)
        for place in self._home.cache.glob("install-*"):  # they may hold credentials
            if time.time() - place.stat().st_mtime > _AFTER:
                shutil.rmtree(place, ignore_errors=True)

    def of_instances(self, instances: Collection[str], nodes: Set[str]) -> None:
        """Delete what other instances and nodes than these (ids) have left."""
        self._networks.tidy(nodes, older=_AFTER)
        for instance_id in self._directories.left_over(_AFTER):
            if instance_id not in instances:
                self._directories.remove(instance_id)
