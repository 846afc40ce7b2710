"""Collecting what environments were made of and no revision uses any more.

Only what carries this home's label, or lies in its directory, is ever removed; images that were
pulled may be somebody else's, too, and stay.
"""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterable, Set
from pathlib import Path

from docker import DockerClient
from docker.errors import APIError

from ....home import Home
from .. import labels
from .uses import Uses

#: Seconds that something unused is kept, should it be wanted again.
GRACE = 7 * 86400.0
#: Bytes of downloads that are kept, and of which share is made room once they are more.
CACHE_BYTES, _ROOM = 5 * 1000**3, 0.2


class Collector:
    """Deletes old environment images, runtimes and downloads. Its methods block.

    Args:
        engine: where.
        home: whose.
        grace: seconds that something is kept after its last use was seen.
        cache_bytes: limit of the installers' downloads.
    """

    def __init__(
        self,
        engine: DockerClient,
        home: Home,
        *,
        grace: float = GRACE,
        cache_bytes: int = CACHE_BYTES,
    ) -> None:
        self._engine = engine
        self._home = home
        self._uses = Uses(home)
        self._grace = grace
        self._cache_bytes = cache_bytes

    def collect(self) -> None:
        """Look at everything once; no build may be under way."""
        uses = list(self._uses.current())
        self._images({one.environment for one in uses if one.environment is not None})
        self._runtimes({one.runtime for one in uses} | self._mounted())
        self._downloads()

    def _images(self, used: Set[str]) -> None:
        mine = {"label": f"{labels.BUILD}={self._home.id}"}
        keys = [
            tag.removeprefix(f"{labels.ENVIRONMENTS}:")
            for image in self._engine.images.list(name=labels.ENVIRONMENTS, filters=mine)
            for tag in image.tags
            if tag.startswith(f"{labels.ENVIRONMENTS}:")
        ]
        for key in self._ripe(keys, used):
            self._remove_image(f"{labels.ENVIRONMENTS}:{key}")
        # Those whose tag went to a later one: nobody can ask for them.
        for image in self._engine.images.list(filters={**mine, "dangling": True}):
            self._remove_image(str(image.id))

    def _remove_image(self, reference: str) -> None:
        with contextlib.suppress(APIError):  # a container of another home has it
            self._engine.images.remove(reference)

    def _runtimes(self, used: Set[str]) -> None:
        places = [one.name for one in self._home.runtimes.iterdir() if one.name[:1] != "."]
        for key in self._ripe(places, used):
            # Renamed first: half a runtime must not be taken for one.
            aside = self._home.runtimes / f".gone-{key}"
            (self._home.runtimes / key).rename(aside)
        for place in self._home.runtimes.glob(".gone-*"):
            shutil.rmtree(place, ignore_errors=True)

    def _mounted(self) -> set[str]:
        """Return the runtimes of the containers that there are."""
        mine = {"label": f"{labels.HOME}={self._home.id}"}
        return {
            Path(mount["Source"]).name
            for container in self._engine.api.containers(all=True, filters=mine)
            for mount in container["Mounts"]
            if mount["Destination"] == "/runtime"
        }

    def _ripe(self, keys: Iterable[str], used: Set[str]) -> list[str]:
        """Return what has been unused for long enough; a file's time tells since when."""
        found = []
        for key in keys:
            mark = self._home.environments / f"{key}.unused"
            if key in used:
                mark.unlink(missing_ok=True)
                continue
            if not mark.exists():
                mark.touch()
            if time.time() - mark.stat().st_mtime >= self._grace:
                mark.unlink()
                found.append(key)
        return found

    def _downloads(self) -> None:
        """Make room in the installers' cache, the oldest first."""
        files = []
        for path in (self._home.cache / "pip").rglob("*"):
            with contextlib.suppress(FileNotFoundError):
                stat = path.lstat()
                if path.is_file():
                    files.append((max(stat.st_atime, stat.st_mtime), stat.st_size, path))
        total = sum(size for _, size, _ in files)
        if total <= self._cache_bytes:
            return
        for _, size, path in sorted(files):
            path.unlink(missing_ok=True)
            total -= size
            if total <= (1 - _ROOM) * self._cache_bytes:
                return
