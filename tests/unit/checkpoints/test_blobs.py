import hashlib
import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from jupyter_node_deploy.agent.store.blobs import BlobWriter
from jupyter_node_deploy.checkpoints import blobs as module
from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.errors import DataLoss, FailedPrecondition


@pytest.fixture
def store(tmp_path):
    return BlobStore(tmp_path / "blobs")


def put(store: BlobStore, content: bytes, age: float = 0.0) -> str:
    sha = hashlib.sha256(content).hexdigest()
    path = store.path(sha)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    touch(path, age)
    return sha


def touch(path, age: float) -> None:
    os.utime(path, (time.time() - age,) * 2)


def test_intact_blob_verifies(store):
    store.verify(put(store, b"value"))


def test_corrupted_and_missing_blobs_are_named(store):
    sha = put(store, b"value")
    store.path(sha).write_bytes(b"other")
    with pytest.raises(DataLoss, match=f"{sha} is corrupted"):
        store.verify(sha)
    store.path(sha).unlink()
    with pytest.raises(DataLoss, match=f"{sha} is missing"):
        store.verify(sha)


@pytest.mark.parametrize("name", ["../../etc/passwd", "", "AB" * 32, "0" * 63, "0" * 64 + "\n"])
def test_only_hashes_are_paths(store, name):
    with pytest.raises(ValueError, match="Not a SHA-256"):
        store.path(name)


def test_link_shares_the_file_and_replaces_what_is_there(store, tmp_path):
    sha = put(store, b"value")
    target = tmp_path / "copy"
    target.write_bytes(b"before")
    store.link(sha, target)
    assert target.samefile(store.path(sha))
    with pytest.raises(DataLoss):
        store.link("0" * 64, tmp_path / "none")


def test_link_copies_where_hard_links_are_not_possible(store, tmp_path, monkeypatch):
    def refuse(*_args):
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    sha = put(store, b"value")
    store.link(sha, tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == b"value"


def test_collect_deletes_the_old_that_nobody_keeps(store):
    kept, fresh, old = put(store, b"kept", 999), put(store, b"fresh"), put(store, b"old", 999)
    part = store.path(old).with_name("tmp-half-written")
    part.write_bytes(b"ha")
    touch(part, 999)
    assert store.collect({kept}, grace=100) == 1
    assert store.path(kept).exists()
    assert store.path(fresh).exists()
    assert not store.path(old).exists()
    assert not part.exists()
    assert BlobStore(store.root / "none").collect(set(), 0) == 0


def test_blob_touched_in_the_middle_of_its_collection_stays(store, monkeypatch):
    """The kernel found the blob there, touched it, and will now write its manifest."""
    sha = put(store, b"value", 999)
    discard = module._discard

    def touched_first(path, before):
        touch(path, 0)
        return discard(path, before)

    monkeypatch.setattr(module, "_discard", touched_first)
    assert store.collect(set(), grace=100) == 0
    store.verify(sha)


def test_collection_that_was_cut_off_is_mended(store):
    kept, old = put(store, b"kept", 999), put(store, b"old", 999)
    for sha in (kept, old):
        store.path(sha).rename(store.path(sha).with_name(f".trash-{sha}-1"))
    store.collect({kept}, grace=100)
    store.verify(kept)
    assert not list(store.path(old).parent.iterdir())


def in_chunks(store: BlobStore, content: bytes, *ends: int) -> str:
    store.root.mkdir(exist_ok=True)
    name = hashlib.sha256(content).hexdigest()
    BlobWriter(store.root).put_as(name, content, [*ends, len(content)])
    return name


def test_a_blob_in_chunks(store: BlobStore, tmp_path: Path) -> None:
    content = bytes(range(256)) * 8192
    name = in_chunks(store, content, 1_000_000)

    assert store.size(name) == len(content)
    store.verify(name)
    store.link(name, tmp_path / "whole")
    assert (tmp_path / "whole").read_bytes() == content
    with ThreadPoolExecutor() as pool:
        assert bytes(BlobWriter(store.root).reading(name, pool)()) == content

    (chunk,) = [path for path in store.root.glob("??/*") if path.stat().st_size == 1_000_000]
    chunk.write_bytes(b"x")
    with pytest.raises(DataLoss, match="corrupted"):
        store.verify(name)
    chunk.unlink()
    with pytest.raises(DataLoss, match="missing"):
        store.verify(name)


def test_chunks_are_collected_with_the_last_blob_that_has_them(store: BlobStore) -> None:
    first = in_chunks(store, bytes(1_000_000) + b"a" * 1_000_000, 1_000_000)
    second = in_chunks(store, bytes(1_000_000) + b"b" * 1_000_000, 1_000_000)
    for path in store.root.glob("??/*"):
        os.utime(path, (1, 1))

    assert store.collect({second}, grace=60) == 2
    store.verify(second)
    with pytest.raises(DataLoss):
        store.size(first)
    assert store.collect(set(), grace=60) == 3
    assert not list(store.root.glob("??/*"))


def test_a_blob_that_a_newer_version_stored_is_told_in_words_and_nothing_is_collected(
    store: BlobStore,
) -> None:
    old, name = put(store, b"old", 999), in_chunks(store, bytes(2_000_000), 1_000_000)
    list_ = store.path(name).with_name(f"{name}.chunks")
    list_.write_text(list_.read_text().replace("format 1", "format 2"))
    for read in (store.size, store.verify):
        with pytest.raises(FailedPrecondition, match=r"format 2, .* newer version\. Upgrade"):
            read(name)
    for path in store.root.glob("??/*"):
        touch(path, 999)
    with pytest.raises(FailedPrecondition):
        store.collect(set(), grace=100)
    assert store.path(old).exists()


def test_a_damaged_list_of_chunks_is_told_and_what_it_names_is_kept(store: BlobStore) -> None:
    name = in_chunks(store, bytes(2_000_000), 1_000_000)
    list_ = store.path(name).with_name(f"{name}.chunks")
    list_.write_text(list_.read_text() + "half a line")
    list_.write_text(list_.read_text().replace("format 1\n", ""))
    store.verify(name)  # whatever the list was like, this is the content
    list_.write_text("nothing")
    with pytest.raises(DataLoss, match="corrupted"):
        store.verify(name)
