"""The bundles of all nodes on disk: ``NODE_ID/REVISION/``, whole or not there."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import secrets
import shutil
from collections.abc import AsyncIterator, Iterator, Set
from pathlib import Path
from types import TracebackType
from typing import Self

from ...errors import DataLoss, Message
from ...lock import acquire, is_ours

_BUILD = ".build-"
_LOCK = ".lock"
#: With a revision's number: its bundle was placed, and the catalog may not know of it yet.
_PLACED = ".placed-"


def missing(revision: int) -> DataLoss:
    """Return what is raised where a revision's bundle is not there."""
    return DataLoss(
        Message(
            "The bundle of revision {revision} is missing.", "BUNDLE_MISSING", revision=revision
        )
    )


class BundleStore:
    """The directory of bundles. Its methods block: call in a thread, but for ``reserved``.

    Whoever makes a bundle holds a lock on the node's directory until the catalog knows of it, so
    that the collection can tell a bundle being made from one left over by a crash.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, node_id: str, revision: int) -> Path:
        """Return where a revision's bundle is."""
        return self.root / node_id / str(revision)

    def reserve(self, node_id: str) -> Reservation:
        """Lock the node's directory; waits while another bundle of the node is being made."""
        directory = self.root / node_id
        return Reservation(directory, _lock(directory, wait=True))

    @contextlib.asynccontextmanager
    async def reserved(self, node_id: str) -> AsyncIterator[Reservation]:
        """Like ``reserve``, for who must not block; what was not kept is deleted at the end."""
        reservation = await asyncio.to_thread(self.reserve, node_id)
        try:
            yield reservation
        finally:
            await asyncio.to_thread(reservation.close)

    def present(self) -> list[str]:
        """Return the ids of nodes that have a directory of bundles."""
        try:
            return sorted(entry.name for entry in self.root.iterdir() if entry.is_dir())
        except FileNotFoundError:
            return []

    def revisions(self, node_id: str) -> list[int]:
        """Return the numbers of a node's revisions whose bundles are there."""
        try:
            names = [entry.name for entry in (self.root / node_id).iterdir()]
        except FileNotFoundError:
            return []
        return sorted(int(name) for name in names if name.isdigit())

    @contextlib.contextmanager
    def at_rest(self, node_id: str) -> Iterator[bool]:
        """Lock the node's directory if nothing is being made in it; yields whether it is so.

        Ask the catalog inside only: then what it does not know is left over by a crash.
        """
        try:
            descriptor = _lock(self.root / node_id, wait=False)
        except FileNotFoundError:
            yield True  # without a directory
            return
        except OSError:
            yield False
            return
        try:
            yield True
        finally:
            os.close(descriptor)

    def remove(self, node_id: str) -> None:
        """Delete a node's bundles."""
        shutil.rmtree(self.root / node_id, ignore_errors=True)

    def tidy(self, node_id: str, known: Set[int]) -> None:
        """Delete what crashes have left of bundles in the making.

        A finished bundle stays though the catalog does not know it: that may be the catalog's loss.

        Args:
            known: numbers of the revisions that the catalog knows.
        """
        directory = self.root / node_id
        for entry in list(directory.iterdir()) if directory.is_dir() else ():
            if entry.name.startswith(_BUILD):
                shutil.rmtree(entry, ignore_errors=True)
            elif entry.name.startswith(_PLACED):
                number = entry.name.removeprefix(_PLACED)
                if int(number) not in known:
                    shutil.rmtree(directory / number, ignore_errors=True)
                entry.unlink(missing_ok=True)
        _remove_if_empty(directory)


class Reservation:
    """The right to make bundles of one node, until closed.

    Attributes:
        build: where to make the bundle; does not exist yet, deleted at the end unless placed.
    """

    def __init__(self, directory: Path, descriptor: int) -> None:
        self.build = directory / f"{_BUILD}{secrets.token_hex(8)}"
        self._directory = directory
        self._descriptor = descriptor
        self._placed: Path | None = None
        self._kept = False

    def place(self, revision: int) -> Path:
        """Give the finished build its name; one of that name, left by a crash, is replaced."""
        target = self._directory / str(revision)
        shutil.rmtree(target, ignore_errors=True)
        (self._directory / f"{_PLACED}{revision}").touch(0o600)
        self.build.rename(target)
        self._placed = target
        return target

    def keep(self) -> None:
        """Note that the catalog knows of the placed bundle."""
        self._kept = True

    def close(self) -> None:
        """Delete what was not kept, and unlock."""
        shutil.rmtree(self.build, ignore_errors=True)
        if self._placed is not None:
            if not self._kept:
                shutil.rmtree(self._placed, ignore_errors=True)
            (self._directory / f"{_PLACED}{self._placed.name}").unlink(missing_ok=True)
        _remove_if_empty(self._directory)
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _remove_if_empty(directory: Path) -> None:
    """Delete a node's directory, whose lock is held, if there is nothing in it."""
    with contextlib.suppress(OSError):
        if set(os.listdir(directory)) <= {_LOCK}:  # noqa: PTH208
            shutil.rmtree(directory)


def _lock(directory: Path, *, wait: bool) -> int:
    """Return a descriptor that holds the directory's lock.

    Raises:
        BlockingIOError: it is held by somebody else and ``wait`` is false.
    """
    path = directory / _LOCK
    while True:
        if wait:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            descriptor = acquire(path, patience=math.inf if wait else 0.0)
        except FileNotFoundError:
            if wait:
                continue  # deleted between the two steps
            raise
        if descriptor is None:
            raise BlockingIOError
        if is_ours(descriptor, path):
            return descriptor
        os.close(descriptor)  # a file that its last holder has deleted
        if not wait:
            raise BlockingIOError
