import json
import os
import subprocess
import sys
import time

import pytest

from jupyter_node_deploy.checkpoints.spool import AgentFailure, Newer, Rejected, Spool
from jupyter_node_deploy.namespace.manifest import Manifest

from ...support.manifests import written
from .hand_made import announce, group, spool


@pytest.fixture
def store(home):
    return Spool(home.spool)


def test_pending_are_the_manifests_oldest_first(home, store):
    for number, name in enumerate(("cc", "aa", "bb")):
        os.utime(spool(home, written(name)), (number, number))
    announce(home, "kernel")
    for other in ("error.json", "apply-aa.json", "dd.json.tmp", ".ee.tmp"):
        (home.spool / "kernel" / other).write_text("{}")
    assert [path.stem for path in store.pending("kernel")] == ["cc", "aa", "bb"]
    assert store.pending("none") == []


def test_read_gives_the_manifest(home, store):
    sha = "ab" * 32
    path = spool(home, written("one", groups=[group("x", sha)]))
    assert store.read(path).blobs() == {sha}


BAD = {
    "half": b'{"format": 1, "id"',
    "text": b"hello",
    "binary": b"\x80\x05\xff",
    "list": b"[]",
    "empty": b"",
    "deep": b"[" * 100_000,
    "fields": json.dumps(written("fields", created_at="yesterday")).encode(),
    "other_id": json.dumps(written("one")).encode(),
    "other_kernel": json.dumps(written("other_kernel", "not_mine")).encode(),
    "no_format": json.dumps(written("no_format", format=0)).encode(),
    "format_is_text": json.dumps(written("format_is_text", format="2")).encode(),
    "infinite": json.dumps(written("infinite")).replace("1000.0", "1e999").encode(),
    "huge": json.dumps(written("huge", execution_count=10**30)).encode(),
    "operation": json.dumps(written("operation", operation="Deleted")).encode(),
    "null": json.dumps(written("null", code=None)).encode(),
    "missing": json.dumps({k: v for k, v in written("missing").items() if k != "cell"}).encode(),
    "inside": json.dumps(written("inside", groups=[group("x", 3)])).encode(),
    "true": json.dumps(written("true", duration=True)).encode(),
    "path": json.dumps(written("path", groups=[group("x", "../../x")])).encode(),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_manifest_is_rejected_and_set_aside(home, store, name):
    (home.spool / "kernel").mkdir()
    path = home.spool / "kernel" / f"{name}.json"
    path.write_bytes(BAD[name])
    with pytest.raises(Rejected) as why:
        store.read(path)
    store.reject(path, str(why.value))
    assert store.pending("kernel") == []
    assert (home.spool / "rejected" / f"kernel-{name}.json").read_bytes() == BAD[name]
    assert "rejected" not in store.kernel_ids()


def test_a_manifest_of_a_newer_format_is_refused_in_words(home, store):
    path = spool(home, written("one", format=2))
    with pytest.raises(Newer, match=r"manifest has format 2, .* newer version\. Upgrade"):
        store.read(path)


def test_what_is_wrong_is_told_by_its_place(home, store):
    path = spool(home, written("one", groups=[group("x", "a" * 64), group("y", None)]))
    with pytest.raises(Rejected, match=r"groups\.1\.pickle: is not text"):
        store.read(path)


def test_special_files_are_rejected_unopened(home, store):
    directory = home.spool / "kernel"
    directory.mkdir()
    os.mkfifo(directory / "fifo.json")
    (directory / "folder.json").mkdir()
    (directory / "link.json").symlink_to("/dev/zero")
    for path in store.pending("kernel"):
        with pytest.raises(Rejected, match="regular"):
            store.read(path)
        store.reject(path, "test")
    assert store.pending("kernel") == []
    with pytest.raises(FileNotFoundError):
        store.read(directory / "gone.json")


def test_rejected_files_do_not_pile_up(home, store):
    for number in range(120):
        (home.spool / "kernel").mkdir(exist_ok=True)
        path = home.spool / "kernel" / f"n{number}.json"
        path.write_text("bad")
        store.reject(path, "test")
    assert len(list(store.rejected.iterdir())) == 100


def test_text_that_is_no_unicode_and_numbers_that_are_no_json_are_mended(home, store):
    data = written("one", variables=[{"name": "x", "type": "float", "example": 0}])
    path = spool(home, data)
    text = path.read_text().replace('"example": 0', '"example": [NaN, "\\ud800", "\\ud83d\\ude00"]')
    path.write_text(text)
    example = store.read(path).variables[0].example
    assert example == [None, "�", "😀"]


def test_a_living_kernel_is_not_abandoned(home, store):
    announce(home, "kernel", os.getpid())
    assert not store.abandoned("kernel")


def test_a_dead_kernel_is_abandoned(home, store):
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    announce(home, "kernel", process.pid)
    assert store.abandoned("kernel")


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_another_process_with_the_same_number_is_not_the_kernel(home, store):
    announce(home, "kernel", os.getpid(), started_at=time.time() - 1e8)
    assert store.abandoned("kernel")


def test_a_directory_without_announcement_is_abandoned_after_a_while(home, store):
    (home.spool / "kernel").mkdir()
    assert not store.abandoned("kernel")
    os.utime(home.spool / "kernel", (0, 0))
    assert store.abandoned("kernel")
    assert not store.abandoned("none")


def test_remove_keeps_a_directory_with_manifests(home, store):
    path = spool(home, written("one"))
    announce(home, "kernel", started_at=0.0)
    store.remove("kernel")
    assert path.exists()
    assert store.agent("kernel") is None
    path.unlink()
    os.utime(path.parent, (0, 0))
    store.remove("kernel")
    assert not (home.spool / "kernel").exists()


def test_references_come_from_manifests_orders_and_even_broken_files(home, store):
    one, two, three = "1" * 64, "2" * 64, "3" * 64
    spool(home, written("one", groups=[group("x", one)]))
    order = Manifest.read(written("two", groups=[group("x", two)]))
    path = store.write_manifest("kernel", order)
    assert path.stat().st_mode & 0o777 == 0o600
    (home.spool / "kernel" / "broken.json").write_text(f'{{"pickle": "{three}", ')
    assert store.references() == {one, two, three}


def test_agent_and_failure_are_read_leniently(home, store):
    assert store.agent("kernel") is None
    announce(home, "kernel", 7)
    agent = store.agent("kernel")
    assert agent is not None
    assert agent.pid == 7
    store.forget_agent("kernel")
    store.forget_agent("kernel")
    assert store.agent("kernel") is None
    (home.spool / "kernel" / "agent.json").write_text("{")
    assert store.agent("kernel") is None
    (home.spool / "kernel" / "error.json").write_text('{"message": "disk full", "at": 5}')
    assert store.failure("kernel") == AgentFailure("disk full", 5.0)
    store.clear_failure("kernel")
    assert store.failure("kernel") is None
