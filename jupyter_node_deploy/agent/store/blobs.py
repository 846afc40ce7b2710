"""Writes blobs: values by the hash of their content, each once; and reads them back.

Written in the user's kernel and in processes forked from it, read in the kernel.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import sys
import zlib
from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from hashlib import sha256
from itertools import accumulate
from pathlib import Path

from ...namespace import Corrupted, chunk_list, memory
from ...namespace.chunk_list import Chunk
from ...namespace.records import Malformed
from .mapping import can_map, map_over

#: Bytes up to which a content is stored as one.
SMALL = 1 << 20


class BlobWriter:
    """Writes into the store's directory.

    Args:
        directory: blobs lie in it as ``ab/abcdef…`` by SHA-256.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = os.fspath(directory)

    def put(self, content: bytes | memoryview) -> str:
        """Make sure that the store has the content.

        Returns:
            Its SHA-256 in hexadecimal.

        Raises:
            OSError: it could not be written, for example because the disk is full.
        """
        name = sha256(content).hexdigest()
        self.put_as(name, content)
        return name

    def put_as(self, name: str, content: bytes | memoryview, ends: Iterable[int] = ()) -> None:
        """Make sure that the store has a content; of a large one, each chunk once.

        Args:
            name: its SHA-256 in hexadecimal.
            content: what to store.
            ends: where its chunks end; without, it is stored as one.

        Raises:
            OSError: it could not be written.
        """
        if self.touch(name):
            return
        view = memoryview(content)
        if view.nbytes <= SMALL or not (ends := tuple(ends)):
            self._write(name, content)
            return
        listed, start = [], 0
        for end in ends:
            chunk = view[start:end]
            listed.append(Chunk(self.put(chunk), _checksum(chunk)))
            start = end
        self._write(f"{name}{chunk_list.SUFFIX}", chunk_list.write(listed))

    def touch(self, name: str) -> bool:
        """Tell whether the store has a blob; one that is there is not collected from now on."""
        for suffix in ("", chunk_list.SUFFIX):
            with contextlib.suppress(FileNotFoundError):
                os.utime(self._path(name + suffix))
                return True
        return False

    def reading(self, name: str, pool: Executor) -> Callable[[], Path | memoryview]:
        """Begin to read a blob.

        Chunks are mapped where they can be, else copied, and compared with their checksums: that
        finds damage, and takes a third of the time of SHA-256. Whoever could forge a chunk may
        write its list, too.

        Args:
            name: the blob's.
            pool: reads chunks.

        Returns:
            What waits, and returns the blob's file, or the content of one in chunks, in memory of
            its own. It raises OSError if it can't be read, Corrupted if a chunk is not what was
            written.

        Raises:
            OSError: a chunk is missing.
            Corrupted: the list of chunks is damaged.
            NewerFormat: a newer version has written that list.
        """
        try:
            listed = chunk_list.read(Path(self._path(name + chunk_list.SUFFIX)).read_bytes())
        except FileNotFoundError:
            return lambda: Path(self._path(name))
        except Malformed:
            raise Corrupted from None
        sizes = [os.stat(self._path(chunk.blob)).st_size for chunk in listed]  # noqa: PTH116
        ends = list(accumulate(sizes))
        content = memoryview(memory.empty(ends[-1]))
        fill = map_over if can_map(self._directory, ends) else _copy
        filled = [
            pool.submit(self._fill, fill, chunk, content[end - size : end])
            for chunk, size, end in zip(listed, sizes, ends, strict=True)
        ]

        def wait() -> memoryview:
            for one in filled:
                one.result()
            return content

        return wait

    def _fill(
        self,
        fill: Callable[[memoryview, str], None],
        chunk: Chunk,
        place: memoryview,
    ) -> None:
        fill(place, self._path(chunk.blob))
        if _checksum(place) != chunk.checksum:
            raise Corrupted

    def _write(self, name: str, content: bytes | memoryview) -> None:
        path = self._path(name)
        try:
            _write(path, content)
        except FileNotFoundError:
            os.makedirs(os.path.dirname(path), 0o700, exist_ok=True)  # noqa: PTH103, PTH120
            _write(path, content)

    def _path(self, name: str) -> str:
        return os.path.join(self._directory, name[:2], name)  # noqa: PTH118 - some dozens a cell


def address_of(content: memoryview) -> int:
    """Return where a content is in memory, 0 if that can't be told."""
    if not content.nbytes:
        return 0
    if content.readonly:
        numpy = sys.modules.get("numpy")
        return numpy.frombuffer(content, "u1").__array_interface__["data"][0] if numpy else 0
    return ctypes.addressof(ctypes.c_char.from_buffer(content))


def _checksum(content: memoryview) -> str:
    return f"{zlib.crc32(content):08x}"


def _copy(place: memoryview, path: str) -> None:
    """Fill a place in memory with a file's content."""
    start = 0
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123
        while count := file.readinto(place[start:]):
            start += count


def _write(path: str, content: bytes | memoryview) -> None:
    part = f"{path}.{os.getpid()}.tmp"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _CLOSE, 0o600)
    try:
        try:
            rest = memoryview(content).cast("B") if content else memoryview(b"")
            while rest:
                rest = rest[os.write(descriptor, rest[:_STEP]) :]
        finally:
            os.close(descriptor)
        os.replace(part, path)  # noqa: PTH105
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)  # noqa: PTH108
        raise


_CLOSE = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0)
#: One call of ``write`` takes at most 2 GiB.
_STEP = 1 << 30
