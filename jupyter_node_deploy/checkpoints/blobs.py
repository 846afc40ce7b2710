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

from ..errors import DataLoss, FailedPrecondition, Message
from ..namespace import chunk_list
from ..namespace.records import Malformed, NewerFormat

_HASH = re.compile(r"[0-9a-f]{64}")
_LIST = chunk_list.SUFFIX
_TRASH = ".trash-"
#: Bytes that are read at a time.
_STEP = 1 << 20


class BlobStore:
    """Content-addressed files under ``root``: ``ab/abcdef…``. Its methods block: call in a thread.

    A large blob is stored in chunks, which are blobs themselves: ``ab/abcdef….chunks`` lists them.

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
            FailedPrecondition: a newer version has stored it.
        """
        try:
            return sum(path.stat().st_size for path in self._files(sha))
        except FileNotFoundError:
            raise DataLoss(
                Message(
                    "Blob {blob} is missing from the store {path}.",
                    "BLOB_MISSING",
                    blob=sha,
                    path=str(self.root),
                )
            ) from None

    def verify(self, sha: str) -> None:
        """Read a blob and compare its content with its name.

        Raises:
            DataLoss: it is missing or corrupted.
        """
        self.size(sha)
        content = hashlib.sha256()
        for path in self._files(sha):
            with path.open("rb") as file:
                while part := file.read(_STEP):
                    content.update(part)
        found = content.hexdigest()
        if found != sha:
            raise DataLoss(
                Message(
                    "Blob {blob} is corrupted: its content has the SHA-256 {found}.",
                    "BLOB_CORRUPTED",
                    blob=sha,
                    found=found,
                )
            )

    def link(self, sha: str, target: Path) -> None:
        """Put a blob at ``target``: a hard link, or a copy where the file system has none.

        Raises:
            DataLoss: the blob is not there.
        """
        self.size(sha)
        target.unlink(missing_ok=True)
        files = self._files(sha)
        if files != [self.path(sha)]:
            target.touch(0o600, exist_ok=False)
            with target.open("wb") as whole:
                for path in files:
                    with path.open("rb") as file:
                        shutil.copyfileobj(file, whole, _STEP)
            return
        try:
            os.link(self.path(sha), target)
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP):
                raise
            shutil.copyfile(self.path(sha), target)

    def _files(self, sha: str) -> list[Path]:
        """Return the files whose contents, one after the other, are the blob's."""
        whole = self.path(sha)
        try:
            return [self.path(chunk) for chunk in _chunks_of(whole.with_name(f"{sha}{_LIST}"))]
        except FileNotFoundError:
            return [whole]

    def collect(self, keep: Set[str], grace: float) -> int:
        """Delete blobs that are not in ``keep`` and were not touched for ``grace`` seconds.

        A kernel touches the blobs that its next checkpoint refers to before it writes the
        manifest; ``grace`` must cover the time between the two.

        Returns:
            The number of blobs deleted.

        Raises:
            FailedPrecondition: a newer version has stored blobs here; nothing is deleted.
        """
        before = time.time() - grace
        count, chunks = self._collect_lists(keep, before)
        keep = keep | chunks
        for directory in _scan(self.root):
            if not directory.is_dir(follow_symlinks=False):
                continue
            for entry in _scan(Path(directory.path)):
                with contextlib.suppress(FileNotFoundError):
                    path = Path(entry.path)
                    if _is_list(entry.name):
                        continue
                    if entry.name in keep or entry.stat().st_mtime > before:
                        continue
                    if is_hash(entry.name):
                        count += _discard(path, before)
                    elif (name := _trashed(entry.name)).removesuffix(_LIST) in keep:
                        path.rename(path.with_name(name))  # a collection was cut off
                    else:
                        path.unlink()  # or a write
        return count

    def _collect_lists(self, keep: Set[str], before: float) -> tuple[int, set[str]]:
        """Delete lists of chunks; return how many, and the chunks on those that stay."""
        count, chunks = 0, set()
        lists: dict[Path, list[str]] = {}
        for path in self.root.glob(f"??/*{_LIST}"):
            with contextlib.suppress(FileNotFoundError):
                lists[path] = _chunks_of(path)
        for path, listed in lists.items():
            with contextlib.suppress(FileNotFoundError):
                used = path.name.removesuffix(_LIST) in keep or path.stat().st_mtime > before
                if not used and _discard(path, before):
                    count += 1
                else:
                    chunks.update(listed)
        return count, chunks


def _chunks_of(path: Path) -> list[str]:
    """Return the chunks on a list; of a damaged one, whatever it still has.

    Raises:
        FailedPrecondition: a newer version has written the list.
    """
    content = path.read_bytes()
    try:
        return [chunk.blob for chunk in chunk_list.read(content)]
    except NewerFormat as error:
        raise FailedPrecondition(f"{path.name} can't be read. {error}") from None
    except Malformed:  # what is missing or wrong is told by the hash of the whole
        return _HASH.findall(content.decode("ascii", "replace"))


def _is_list(name: str) -> bool:
    return name.endswith(_LIST) and is_hash(name.removesuffix(_LIST))


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
    return name.removeprefix(_TRASH).rpartition("-")[0] if name.startswith(_TRASH) else ""


def _scan(directory: Path) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(directory) as entries:
            yield from entries
    except FileNotFoundError:
        return
