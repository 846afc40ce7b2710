"""How the chunks of a large content come back into memory."""

from __future__ import annotations

import mmap
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pytest

from jupyter_node_deploy.agent.store import chunks
from jupyter_node_deploy.agent.store.blobs import BlobWriter
from jupyter_node_deploy.namespace import Corrupted
from jupyter_node_deploy.namespace.records import NewerFormat

PAGE = mmap.PAGESIZE
CONTENT = os.urandom(3 * (1 << 20) + 5)


def put(store: Path, ends: list[int]) -> str:
    name = sha256(CONTENT).hexdigest()
    BlobWriter(store).put_as(name, CONTENT, [*ends, len(CONTENT)])
    return name


def read(store: Path, name: str) -> memoryview:
    with ThreadPoolExecutor(2) as pool:
        found = BlobWriter(store).reading(name, pool)()
    assert isinstance(found, memoryview)
    return found


def stored(store: Path) -> list[Path]:
    return [path for path in store.glob("??/*") if path.suffix != ".chunks"]


def mapped(store: Path) -> bool:
    return os.fsencode(store) in Path("/proc/self/maps").read_bytes()


@pytest.mark.parametrize(
    ("ends", "in_pages"),
    [([1 << 20, 2 << 20], True), ([PAGE, 300 * PAGE], True), ([1_000_000, 2_000_000], False)],
)
def test_a_content_that_is_loaded_is_the_users_own(
    tmp_path: Path, ends: list[int], in_pages: bool
) -> None:
    name = put(tmp_path, ends)

    found = read(tmp_path, name)

    assert found == CONTENT
    if sys.platform == "linux":
        assert mapped(tmp_path) is in_pages
    found[ends[0] - 1 : ends[0] + 1] = b"xy"
    found[-1:] = b"z"
    assert read(tmp_path, name) == CONTENT  # what is written to it stays in the process
    for path in stored(tmp_path):
        path.unlink()
    assert found[: ends[0] - 1] == CONTENT[: ends[0] - 1]  # and what is collected stays there
    assert (bytes(found[ends[0] - 1 : ends[0] + 1]), bytes(found[-1:])) == (b"xy", b"z")
    del found
    if sys.platform == "linux":
        assert not mapped(tmp_path)


@pytest.mark.parametrize("ends", [[1 << 20, 2 << 20], [1_000_000, 2_000_000]])
def test_damage_is_found(tmp_path: Path, ends: list[int]) -> None:
    name = put(tmp_path, ends)
    chunk = max(stored(tmp_path), key=lambda path: path.stat().st_size)
    chunk.write_bytes(bytes(chunk.stat().st_size))
    with pytest.raises(Corrupted):
        read(tmp_path, name)
    chunk.write_bytes(b"cut off")
    with pytest.raises(Corrupted):
        read(tmp_path, name)
    chunk.unlink()
    with pytest.raises(FileNotFoundError):
        read(tmp_path, name)


@pytest.mark.parametrize(
    "content", [b"", bytes(146), b"\xff\n", b"format 1\n", b"format 1\nabc\n", b"format x\n"]
)
def test_a_damaged_list_of_chunks_is_told(tmp_path: Path, content: bytes) -> None:
    name = put(tmp_path, [1 << 20])
    (tmp_path / name[:2] / f"{name}.chunks").write_bytes(content)
    with pytest.raises(Corrupted):
        read(tmp_path, name)


def test_a_list_of_chunks_of_a_newer_format_is_told_in_words(tmp_path: Path) -> None:
    name = put(tmp_path, [1 << 20])
    (tmp_path / name[:2] / f"{name}.chunks").write_bytes(b"format 2\nwhatever")
    with pytest.raises(NewerFormat, match=r"chunks has format 2, .* newer version\. Upgrade"):
        read(tmp_path, name)


def test_long_rows_have_chunks_of_their_own() -> None:
    numpy = pytest.importorskip("numpy")
    columns = numpy.zeros((3, 200_000))
    assert set(chunks.of_buffer(memoryview(columns))) >= {1_600_000, 3_200_000, 4_800_000}
    rows = numpy.zeros((200_000, 3))
    assert list(chunks.of_buffer(memoryview(rows))) == [*(n << 20 for n in range(1, 5)), 4_800_000]
    flat = numpy.zeros(600_000)
    assert list(chunks.of_buffer(memoryview(flat))) == [*(n << 20 for n in range(1, 5)), 4_800_000]
