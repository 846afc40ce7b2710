"""BundleStore on disk."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.errors import DataLoss, FailedPrecondition, InvalidArgument
from jupyter_node_deploy.namespace import random_state
from jupyter_node_deploy.namespace.manifest import LocalFile, Manifest
from jupyter_node_deploy.nodes.bundle import layout
from jupyter_node_deploy.nodes.bundle.layout import Identity
from jupyter_node_deploy.specs import CellSpec, RunSettings, Variable

from ....support.manifests import code, group, info, manifest, put, stored

NODE = Identity("n" * 20, "randomizer", 1)


def spec(**more: Any) -> CellSpec:
    return CellSpec(
        **{
            "checkpoint": "c",
            "inputs": [Variable(name="x", type="int", default=None)],
            "outputs": [Variable(name="y", type="int", json_schema={"type": "integer"})],
            "requirements": ["numpy==2.4.6"],
            **more,
        }
    )


def build(target: Path, store: BlobStore, found: Manifest, cell: CellSpec | None = None) -> Path:
    layout.build(target, identity=NODE, manifest=found, spec=cell or spec(), blobs=store)
    return target


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    folder = tmp_path / "notebook"
    (folder / "data" / "deep").mkdir(parents=True)
    (folder / "data" / "a.csv").write_text("1")
    (folder / "data" / "deep" / "b.csv").write_text("2")
    (folder / "utils.py").write_text("edited since")
    (tmp_path / "secret").write_text("s")
    return folder


def test_the_contract(tmp_path: Path, store: BlobStore, notebook: Path) -> None:
    kept = stored(store, "x", 5)
    utils = LocalFile(module="utils", path="utils.py", blob=put(store, b"as it ran"))
    found = manifest(
        {"free": ["x"], "flags": 1 << 20},
        variables=[info("x", 5)],
        groups=[kept, stored(store, "unused", 1)],
        files=[utils],
        cwd=str(notebook),
    )
    made = build(tmp_path / "bundle", store, found, spec(files=["data", "utils.py"]))

    node = json.loads((made / "node.json").read_text())
    assert node["format"] == 1
    assert node["node"] == {"id": NODE.id, "name": "randomizer", "revision": 1}
    assert node["python"] == {
        "version": "3.11.7",
        "executable": "/usr/bin/python3",
        "hash_seed": None,
    }
    assert node["inputs"][0]["default"] is None
    assert "default" not in node["outputs"][0]
    assert node["outputs"][0]["schema"] == {"type": "integer"}
    settings = spec().model_dump(include=set(RunSettings.model_fields))
    assert {name: node[name] for name in RunSettings.model_fields} == settings
    assert node["flags"] == 1 << 20
    assert node["example"] == {"x": 5}
    state = json.loads((made / "state" / "manifest.json").read_text())
    assert [one["names"] for one in state["groups"]] == [["x"]]
    assert [one.name for one in (made / "state" / "blobs").iterdir()] == [kept.pickle]
    assert (made / "cell.py").read_text() == "y = x\n"
    assert (made / "requirements.txt").read_text() == "numpy==2.4.6\n"
    assert (made / "files" / "utils.py").read_text() == "as it ran"
    assert (made / "files" / "data" / "deep" / "b.csv").read_text() == "2"
    assert "--data-raw '{\"x\": 5}'" in (made / "README.md").read_text()
    assert "OUTPUTS" in (made / "checks.py").read_text()


def test_blobs_are_shared_with_the_store_and_sources_are_not(
    tmp_path: Path, store: BlobStore
) -> None:
    kept = stored(store, "x", 5)
    utils = LocalFile(module="utils", path="utils.py", blob=put(store, b"text"))
    made = build(
        tmp_path / "bundle", store, manifest({"free": ["x"]}, groups=[kept], files=[utils])
    )
    assert (made / "state" / "blobs" / kept.pickle).stat().st_nlink == 2
    assert (made / "files" / "utils.py").stat().st_nlink == 1


@pytest.mark.parametrize("damage", ["corrupt", "delete"])
def test_a_damaged_blob_is_named(tmp_path: Path, store: BlobStore, damage: str) -> None:
    kept = stored(store, "model", 5)
    path = store.path(kept.pickle)
    path.write_bytes(b"other") if damage == "corrupt" else path.unlink()
    with pytest.raises(DataLoss) as caught:
        build(tmp_path / "bundle", store, manifest({"free": ["model"]}, groups=[kept]))
    assert kept.pickle in caught.value.message
    assert "variables model" in caught.value.message


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "/etc/passwd",
        "missing.csv",
        "",
        ".",
        "data/../../secret",
        "out",
        "linked/secret",
    ],
)
def test_files_outside_or_missing_are_refused(
    tmp_path: Path, store: BlobStore, notebook: Path, name: str
) -> None:
    (notebook / "out").symlink_to(tmp_path / "secret")
    (notebook / "linked").symlink_to(tmp_path)
    with pytest.raises(InvalidArgument) as caught:
        build(
            tmp_path / "bundle",
            store,
            manifest(cwd=str(notebook)),
            spec(files=["data/a.csv", name]),
        )
    assert caught.value.details[0]["path"] == "cell.files.1"


def test_a_link_out_of_a_chosen_directory_is_refused(
    tmp_path: Path, store: BlobStore, notebook: Path
) -> None:
    (notebook / "data" / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(InvalidArgument, match="leads out"):
        build(tmp_path / "bundle", store, manifest(cwd=str(notebook)), spec(files=["data"]))


def test_a_pipe_is_not_waited_for(tmp_path: Path, store: BlobStore, notebook: Path) -> None:
    os.mkfifo(notebook / "pipe")
    with pytest.raises(InvalidArgument, match="not a regular file"):
        build(tmp_path / "bundle", store, manifest(cwd=str(notebook)), spec(files=["pipe"]))


def test_files_without_a_known_folder_are_refused(tmp_path: Path, store: BlobStore) -> None:
    with pytest.raises(InvalidArgument, match="folder is not known"):
        build(tmp_path / "bundle", store, manifest(), spec(files=["a.csv"]))


def test_a_needed_variable_that_was_not_saved_is_named_with_its_reason(
    tmp_path: Path, store: BlobStore
) -> None:
    found = manifest(
        {"free": ["f"]},
        variables=[code("f"), info("conn", None, reason="a database connection")],
        groups=[group("f", uses=("conn",))],
    )
    with pytest.raises(FailedPrecondition, match=r"conn \(a database connection\)"):
        build(tmp_path / "bundle", store, found)


def test_a_cell_that_does_not_compile_is_refused(tmp_path: Path, store: BlobStore) -> None:
    with pytest.raises(FailedPrecondition, match="does not compile"):
        build(tmp_path / "bundle", store, manifest({"syntax_error": True}))


def test_copy_changes_the_identity_only(tmp_path: Path, store: BlobStore) -> None:
    kept = stored(store, "x", 5)
    made = build(tmp_path / "bundle", store, manifest({"free": ["x"]}, groups=[kept]))
    layout.copy(made, tmp_path / "copy", Identity(NODE.id, "renamed", 2), alike=True)
    before = json.loads((made / "node.json").read_text())
    after = json.loads((tmp_path / "copy" / "node.json").read_text())
    assert before["node"]["revision"] == 1
    assert after == before | {"node": {"id": NODE.id, "name": "renamed", "revision": 2}}
    assert (tmp_path / "copy" / "state" / "blobs" / kept.pickle).exists()


def test_the_random_state_travels_when_wanted(tmp_path: Path, store: BlobStore) -> None:
    cell = spec(random_state="checkpoint")
    with pytest.raises(FailedPrecondition) as caught:
        build(tmp_path / "without", store, manifest(), cell)
    assert caught.value.details[0]["path"] == "cell.random_state"
    blob = put(store, random_state.capture())
    target = build(tmp_path / "with", store, manifest(random=blob), cell)
    assert json.loads((target / "state" / "manifest.json").read_text())["random"] == blob
    assert (target / "state" / "blobs" / blob).exists()
    assert blob in manifest(random=blob).blobs()
    target = build(tmp_path / "fresh", store, manifest(random=blob))
    assert not (target / "state" / "blobs" / blob).exists()
