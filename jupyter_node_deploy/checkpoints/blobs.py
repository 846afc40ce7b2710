"""The store of values: files named by the SHA-256 of their content, shared by everything."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import time
from collections.abc import Iterator, Set
from pathlib import Path

from ..errors import DataLoss, Message

_HASH = re.compile(r"[0-9a-f]{64}")
_TRASH = ".trash-"


class BlobStore:
    """Content-addressed files under ``root``: ``ab/abcdef…``. Its methods block: call in a thread.

    Kernels write here by themselves; the server reads, links and collects.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def path(self, sha: str) -> Path:
        """Return where the blob with this hash lies, whether or not it is there.

        Raises:
            ValueError: not a SHA-256 in lower-case hex.
        """
        if not is_hash(sha):
            raise ValueError(f"Not a SHA-256: {sha!r}")
        return self.root / sha[:2] / sha

    def size(self, sha: str) -> int:
        """Return the size of a blob in bytes.

        Raises:
            DataLoss: it is not there.
        """
        try:
            return self.path(sha).stat().st_size
        except FileNotFoundError:
            raise DataLoss(
                Message(
                    f"Blob {sha} is missing from the store {self.root}.", "BLOB_MISSING", blob=sha
                )
            ) from None

    def verify(self, sha: str) -> None:
        """Read a blob and compare its content with its name.

        Raises:
            DataLoss: it is missing or corrupted.
        """
        self.size(sha)
        with self.path(sha).open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha:
            raise DataLoss(
                Message(
                    f"Blob {sha} is corrupted: its content has the SHA-256 {found}.",
                    "BLOB_CORRUPTED",
                    blob=sha,
                )
            )

    def link(self, sha: str, target: Path) -> None:
        """Put a blob at ``target``: a hard link, or a copy where the file system has none.

        Raises:
            DataLoss: the blob is not there.
        """
        self.size(sha)
        target.unlink(missing_ok=True)
        try:
            os.link(self.path(sha), target)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP):
                raise
            shutil.copyfile(self.path(sha), target)

    def collect(self, keep: Set[str], grace: float) -> int:
        """Delete blobs that are not in ``keep`` and were not touched for ``grace`` seconds.

        A kernel touches the blobs that its next checkpoint refers to before it writes the
        manifest; ``grace`` must cover the time between the two.

        Returns:
            The number of blobs deleted.
        """
        before = time.time() - grace
        count = 0
        for directory in _scan(self.root):
            if not directory.is_dir(follow_symlinks=False):
                continue
            for entry in _scan(Path(directory.path)):
                with contextlib.suppress(FileNotFoundError):
                    path = Path(entry.path)
                    if entry.name in keep or entry.stat().st_mtime > before:
                        continue
                    if is_hash(entry.name):
                        count += _discard(path, before)
                    elif (sha := _trashed(entry.name)) in keep:
                        path.rename(path.with_name(sha))  # a collection was cut off
                    else:
                        path.unlink()  # or a write
        return count


def is_hash(text: str) -> bool:
    """Tell whether ``text`` is a SHA-256 as blobs are named."""
    return _HASH.fullmatch(text) is not None


def _discard(path: Path, before: float) -> bool:
    """Delete a blob unless a kernel touches it at this moment.

    Moved aside first: a kernel that comes later finds it gone and writes it again, and one that
    came between the look at its time and the move is seen by a second look.
    """
    aside = path.with_name(f"{_TRASH}{path.name}-{os.getpid()}")
    path.rename(aside)
    if aside.stat().st_mtime > before:
        with contextlib.suppress(FileExistsError):
            os.link(aside, path)
        aside.unlink()
        return False
    aside.unlink()
    return True


def _trashed(name: str) -> str:
    return name.removeprefix(_TRASH)[:64] if name.startswith(_TRASH) else ""


def _scan(directory: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            yield from entries
    except FileNotFoundError:
        return
