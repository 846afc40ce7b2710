"""Homes as earlier versions wrote them, under this version; ``tests/dumps/make.py`` wrote them."""

from __future__ import annotations

import base64
import json
import os
import platform
import sqlite3
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import requests

from jupyter_node_deploy.catalog import checkpoints as queries
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.checkpoints.rows import to_manifest
from jupyter_node_deploy.checkpoints.spool import Spool
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.namespace.manifest import Manifest
from jupyter_node_deploy.namespace.records import encode

from ..support.saved_names import FORMAT, FROZEN, check, names
from .agent.test_kernel import Kernel

DUMPS = sorted((Path(__file__).parents[1] / "dumps").glob("v*"))
VERSION = ".".join(platform.python_version_tuple()[:2])
#: What needs packages that dumps are made without (torch, polars, numba, pint, pydantic,
#: pandas, SQLAlchemy's classes), or a newer Python than they were made with.
NOT_IN_DUMPS = {
    name
    for name in FROZEN
    if name.startswith(("jitted.", "mapped.", "plans.", "sessions.", "storages."))
} | {
    "builders.class_namespace",
    "builders.fill_constant_array",
    "builders.make_derived_array",
    "instances.fill_parametrized",
    "instances.fill_registry",
}


class Dump:
    """A home as one version wrote it."""

    def __init__(self, source: Path) -> None:
        self.source = source
        self.session = json.loads(self._read("session.json"))

    def unpack(self, root: Path) -> Home:
        """Write the home as it was."""
        home = Home(root)
        home.create()
        with closing(sqlite3.connect(home.catalog)) as database:
            database.executescript(self._read("catalog.sql", home))
        for name, content in json.loads(self._read("blobs.json")).items():
            path = home.blobs / name[:2] / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(zlib.decompress(base64.b64decode(content)))
        spooled = json.loads(self._read("spool.json", home))
        directory = home.spool / spooled["kernel_id"]
        directory.mkdir()
        (directory / f"{spooled['id']}.json").write_text(json.dumps(spooled))
        os.utime(directory, (0, 0))  # nobody writes there any more
        texts = json.loads(self._read("bundle.json", home))
        node = json.loads(texts["node.json"])["node"]
        bundle = home.bundles / node["id"] / str(node["revision"])
        for name, text in texts.items():
            (bundle / name).parent.mkdir(parents=True, exist_ok=True)
            (bundle / name).write_text(text)
        state = json.loads(texts["state/manifest.json"])
        (bundle / "state" / "blobs").mkdir()
        blobs = [blob for group in state["groups"] for blob in (group["pickle"], *group["buffers"])]
        blobs += [state["options"]["blob"]] if state.get("options") else []
        for blob in blobs:
            BlobStore(home.blobs).link(blob, bundle / "state" / "blobs" / blob)
        return home

    def _read(self, name: str, home: Home | None = None) -> str:
        text = (self.source / name).read_text()
        return text.replace("@PYTHON@", sys.executable).replace("@HOME@", str(home and home.root))


@pytest.fixture(params=DUMPS, ids=lambda path: path.name)
def dump(request: pytest.FixtureRequest) -> Dump:
    return Dump(request.param)


@pytest.fixture
def same_python(dump: Dump) -> None:
    if dump.session["python"] != VERSION:
        pytest.skip(f"code was saved by Python {dump.session['python']}, this is {VERSION}")


async def manifests(home: Home) -> tuple[Manifest, Manifest]:
    """Return the manifest in the catalog, and the one that waits in the spool."""
    catalog = Catalog(f"sqlite:///{home.catalog}")
    await catalog.upgrade()
    (row,) = await catalog.read(queries.summaries)
    cataloged = to_manifest(await catalog.read(queries.get, row["id"]))
    catalog.close()
    spool = Spool(home.spool)
    (kernel_id,) = spool.kernel_ids()
    (path,) = spool.pending(kernel_id)
    return cataloged, spool.read(path)


async def test_streams_name_what_is_there_for_ever(dump: Dump, tmp_path: Path) -> None:
    home = dump.unpack(tmp_path / "home")
    store = BlobStore(home.blobs)
    found = set()
    for manifest in await manifests(home):
        for blob in manifest.blobs():
            store.verify(blob)
        for group in manifest.groups:
            store.link(group.pickle, tmp_path / "stream")
            stream = (tmp_path / "stream").read_bytes()
            check(stream)
            found |= names(stream)
    own = {f"{module}.{name}" for module, name in found if module.startswith(FORMAT)}
    expected = {f"{FORMAT}.{name}" for name in FROZEN.keys() - NOT_IN_DUMPS}
    assert (own - expected, expected - own) == (set(), set())


@pytest.fixture
def kernel(tmp_path: Path) -> Iterator[Callable[[Home], Kernel]]:
    started: list[Kernel] = []

    def start(home: Home) -> Kernel:
        (tmp_path / "cwd").mkdir()
        started.append(Kernel(home.root, tmp_path / "cwd", "standard", {}))
        return started[-1]

    yield start
    for one in started:
        one.stop()


@pytest.mark.usefixtures("same_python")
async def test_a_checkpoint_of_code_is_applied(
    dump: Dump, tmp_path: Path, kernel: Callable[[Home], Kernel]
) -> None:
    pytest.importorskip("numpy")
    home = dump.unpack(tmp_path / "home")
    manifest, _ = await manifests(home)
    session = kernel(home)
    for file in manifest.files:
        BlobStore(home.blobs).link(file.blob, tmp_path / "cwd" / file.path)

    reply = session.request(do="apply", manifest=session.put(json.loads(encode(manifest))))

    assert (reply["ok"], reply.get("failures")) == (True, []), reply
    assert set(reply["restored"]) >= {one.name for one in manifest.variables if not one.reason}
    ran, _ = session.run(dump.session["check"])
    assert ran["content"]["status"] == "ok", "\n".join(ran["content"].get("traceback", ()))


async def test_a_checkpoint_of_values_is_applied_by_any_python(
    dump: Dump, tmp_path: Path, kernel: Callable[[Home], Kernel]
) -> None:
    home = dump.unpack(tmp_path / "home")
    _, manifest = await manifests(home)
    session = kernel(home)

    reply = session.request(do="apply", manifest=session.put(json.loads(encode(manifest))))

    assert (reply["ok"], reply.get("failures")) == (True, []), reply
    assert session.show("(values, alias is values)") == ([1, {"two": 2}], True)


@pytest.mark.usefixtures("same_python")
def test_a_server_goes_on_with_the_home(dump: Dump, make_jupyter: Callable[..., Any]) -> None:
    pytest.importorskip("numpy")
    server = make_jupyter()
    dump.unpack(server.data_dir)
    server.start()

    name = dump.session["node"]
    node = server.node("show", name, "--wait", "60")

    assert (node["status"], node["revision"]) == ("HEALTHY", 1)
    answer = requests.post(
        node["execute_url"],
        json={"folder_id": node["folder"], "input": dump.session["request"]},
        headers={"Authorization": f"Bearer {server.cli('token', 'create').stdout.strip()}"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["output"] == dump.session["answer"]
    listed = server.node("checkpoint", "list")["checkpoints"]
    assert [one["name"] for one in listed if one["pinned"]] == [f"{name}-1"]
    assert len(listed) == 2  # what was in the spool is taken in
    shown = server.node("checkpoint", "show", f"{name}-1")
    assert {one["name"] for one in shown["variables"]} >= {"rates", "Price", "step"}
    suggestion = server.node("checkpoint", "suggest", f"{name}-1")
    assert suggestion["node"]["cell"]["checkpoint"] == shown["id"]
