"""Dry runs of forms that were tried: who has looked at one creates the node next.

What a run depends on may change in between, so it is taken only as long as all of that is the same:
what was given for it, the files that are in its bundle, and what it has read outside.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ...specs import DryRun
from ...specs.mounts import Mount

#: Seconds in which a dry run need not be made again.
_LOOKED_AT = 300.0
#: Seconds of one that failed: long enough for a command that goes on at once. Who has seen it and
#: mended something that can't be seen here (a server, a program) wants another one.
_FAILED = 5.0
_MOST = 8  # that are kept: outputs may be large


@dataclass(frozen=True)
class _Kept:
    until: float
    result: DryRun
    paths: list[str]
    stamps: list[object]


class Tried:
    """Remembers dry runs. Its methods look at files: call them in a thread."""

    def __init__(self) -> None:
        self._kept: dict[object, _Kept] = {}

    def keep(self, key: object, result: DryRun, mounts: Iterable[Mount]) -> None:
        """Remember a dry run.

        Args:
            key: what was given for it, hashable.
            mounts: that the node sees.
        """
        touched = result.touched
        paths = [one.source for one in mounts]
        if touched is not None:
            paths += [*touched.files, *(one for one in touched.missing if Path(one).is_absolute())]
        until = time.monotonic() + (_LOOKED_AT if result.ok else _FAILED)
        self._kept.pop(key, None)
        self._kept[key] = _Kept(until, result, paths, [_stamp(path) for path in paths])
        while len(self._kept) > _MOST:
            del self._kept[next(iter(self._kept))]

    def take(self, key: object) -> DryRun | None:
        """Return the dry run, once; None if there is none, or what it depends on has changed."""
        now = time.monotonic()
        self._kept = {k: v for k, v in self._kept.items() if now < v.until}
        kept = self._kept.pop(key, None)
        if kept is None or [_stamp(path) for path in kept.paths] != kept.stamps:
            return None
        return kept.result


def content(bundle: Path) -> str:
    """Return a digest of what a bundle has taken along of this machine: files and packages."""
    digest = hashlib.sha256()
    places = [bundle / "requirements.txt", *(bundle / "files").rglob("*")]
    for place in sorted(place for place in places if place.is_file()):
        with place.open("rb") as file:
            one = hashlib.file_digest(file, "sha256").hexdigest()
        digest.update(f"{place.relative_to(bundle)!s}\0{one}\n".encode(errors="surrogateescape"))
    for place in sorted((bundle / "wheels").glob("*")):
        digest.update(place.read_bytes())
    return digest.hexdigest()


def _stamp(path: str) -> object:
    """Return what is another when a file was written to, replaced, made or deleted."""
    try:
        found = Path(path).stat()
    except (OSError, ValueError):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
