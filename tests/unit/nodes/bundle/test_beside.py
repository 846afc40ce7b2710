"""Files beside the notebook that a cell names."""

from __future__ import annotations

import os
from pathlib import Path, PosixPath
from typing import Any

import pytest

from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.namespace.manifest import LocalFile, Manifest
from jupyter_node_deploy.nodes.bundle import beside
from jupyter_node_deploy.nodes.bundle.slice import Slice, cut
from jupyter_node_deploy.nodes.touched import is_secret

from ....support.manifests import info, manifest, put, stored

FILES = ("a.csv", "out.csv", "in/b.csv", "in/c.csv", "in/deep/d.csv", "noending", "notebook.ipynb")


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    for name in FILES:
        place = tmp_path / "work" / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text("x")
    (tmp_path / "outside.csv").write_text("x")
    (tmp_path / "work" / "link.csv").symlink_to(tmp_path / "outside.csv")
    return tmp_path / "work"


def named(cwd: Path, cell: str, **more: Any) -> list[str]:
    found = manifest({"source": cell, **more.pop("info", {})}, cwd=str(cwd), **more)
    return beside.named(found, cut(found), BlobStore(cwd / "blobs"))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("y = open('a.csv').read()", ["a.csv"]),
        ("y = open('a.csv', 'rb').read()", ["a.csv"]),
        ("import pandas as pd\ny = pd.read_csv('./in/b.csv')", ["in/b.csv"]),
        ("open('out.csv', 'w').write('1')", []),
        ("open('out.csv', mode='a').write('1')", []),
        ("from pathlib import Path\nPath('out.csv').open('w')", []),
        ("pd.read_csv('a.csv').to_csv('out.csv')", ["a.csv"]),
        ("plt.savefig('out.csv')", []),
        ("D = 'in'\ny = open(f'{D}/b.csv')", ["in/b.csv"]),
        ("D = Path('in')\ny = (D / 'b.csv').read_text()", ["in/b.csv"]),
        ("y = open(os.path.join('in', 'deep', 'd.csv'))", ["in/deep/d.csv"]),
        ("y = [open(f) for f in glob.glob('in/*.csv')]", ["in/b.csv", "in/c.csv"]),
        ("y = [*Path('in').glob('*.csv')]", ["in/b.csv", "in/c.csv"]),
        ("y = [*Path('in').rglob('d*.csv')]", ["in/deep/d.csv"]),
        ("y = glob.glob('*.csv')", ["a.csv", "out.csv"]),
        ("y = os.listdir('in')", ["in"]),
        ("y = [*Path('in').iterdir(), open('in/b.csv')]", ["in"]),
        ("y = {'in': 1}['in'] + x['noending']", []),
        ("y = open('notebook.ipynb')", []),
        ("y = open('../outside.csv')", []),
        ("y = open('link.csv')", []),
        ("y = open('/etc/passwd')", []),
        ("y = open('missing.csv')", []),
        ("y = 'a\\x00.csv' + 'x' * 3 + '" + "x" * 5000 + "'", []),
        ("this is no Python 'a.csv'", []),
    ],
)
def test_texts_of_the_cell(cwd: Path, cell: str, expected: list[str]) -> None:
    assert named(cwd, cell) == expected


def test_values_of_the_session(cwd: Path) -> None:
    variables = [
        info("NAME", "a.csv"),
        info("PLACE", PosixPath("in"), example=None, preview="PosixPath('in')"),
        info("other", "out.csv"),
    ]
    cell = "y = open(NAME).read() + (PLACE / 'b.csv').read_text()"
    reads = {"reads": ["NAME", "PLACE"], "free": ["NAME", "PLACE"]}
    assert named(cwd, cell, variables=variables, info=reads) == ["a.csv", "in/b.csv"]


def test_what_is_carried_and_local_modules(cwd: Path) -> None:
    blobs = BlobStore(cwd / "blobs")
    source = b"from pathlib import Path\nTEXT = (Path(__file__).parent / 'a.csv').read_text()\n"
    found = manifest(
        {"source": "y = config\nimport helper", "free": ["config"], "modules": ["helper"]},
        cwd=str(cwd),
        variables=[info("config", {"paths": ["in/c.csv"]})],
        groups=[stored(blobs, "config", {"paths": ["in/c.csv"]})],
        files=[LocalFile(module="helper", path="helper.py", blob=put(blobs, source))],
    )
    assert beside.named(found, cut(found), blobs) == ["a.csv", "in/c.csv"]


def test_a_checkpoint_without_a_folder() -> None:
    found = manifest({"source": "open('a.csv')"}, cwd="")
    assert beside.named(found, Slice([]), BlobStore(Path("/nowhere"))) == []


def test_files_of_local_packages(tmp_path: Path) -> None:
    package = tmp_path / "src" / "mine"
    for name in ("__init__.py", "late.py", "data/x.txt", ".git/config", "key.pem", "a/__init__.py"):
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text("x")
    part = Slice(
        [],
        files=[
            LocalFile(
                module="mine", path="mine/__init__.py", blob="", origin=f"{package}/__init__.py"
            ),
            LocalFile(module="mine.a", path="mine/a/__init__.py", blob="", origin=f"{package}/a/x"),
            LocalFile(module="helper", path="helper.py", blob="", origin=f"{tmp_path}/helper.py"),
            LocalFile(module="old", path="old/__init__.py", blob=""),
        ],
    )
    found, large = beside.of_packages(part)
    assert sorted(found) == [
        "mine/__init__.py",
        "mine/a/__init__.py",
        "mine/data/x.txt",
        "mine/late.py",
    ]
    assert found["mine/data/x.txt"] == package / "data" / "x.txt"
    assert large == []
    assert beside.of_packages(part, limit=3) == ({}, [str(package)])


def test_what_was_changed_since(cwd: Path) -> None:
    os.utime(cwd / "a.csv", (2000, 2000))
    os.utime(cwd / "in" / "b.csv", (500, 500))
    found: Manifest = manifest(cwd=str(cwd), created_at=1000.0)
    told = beside.changed(found, ["a.csv", "in/b.csv", "gone.csv", "in"])
    assert [one.subject for one in told] == ["a.csv"]


@pytest.mark.parametrize(
    ("path", "secret"),
    [
        ("/home/u/.netrc", True),
        (".env", True),
        (".env.local", True),
        ("/home/u/.aws/credentials", True),
        ("keys/service.pem", True),
        ("client_secret.json", True),
        ("token.txt", True),
        ("/data/rates.csv", False),
        ("tokenizer.json", False),
        ("environment.csv", False),
        ("/home/u/secretary/rates.csv", False),
        ("passwords.csv", True),
    ],
)
def test_what_may_be_a_secret(path: str, secret: bool) -> None:
    assert is_secret(path) is secret
