"""The user's packages and modules are the user's: old pins and unlucky names break nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Served, variable

#: Far from what the front's own environment has, or is known to quarrel with.
OLD = {
    "click": "7.1.2",
    "cryptography": "38.0.4",
    "protobuf": "3.20.3",
    "pydantic": "1.10.26",
    "starlette": "0.14.2",
    "tornado": "6.2",
    "typing_extensions": "4.7.1",
}
NAMES = [
    *("bundle", "cell", "errors", "execution", "frames", "front", "json5", "namespace", "runtime"),
    *("server", "state", "trace", "types_", "web", "worker", "workers", "zygote"),
]


@pytest.fixture(scope="module")
def old_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return an interpreter whose packages are old ones."""
    directory = tmp_path_factory.mktemp("old") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", directory], check=True)
    python = directory / "bin" / "python"
    pins = [f"{name}=={version}" for name, version in OLD.items()]
    subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"),
            *("--no-deps", "--only-binary", ":all:", "--disable-pip-version-check", *pins),
        ],
        check=True,
    )
    return str(python)


def test_old_packages(
    old_python: str, make_bundle: Callable[..., Path], serve: Callable[..., Served]
) -> None:
    cell = """\
import click, google.protobuf, pydantic, starlette, tornado, typing_extensions
from importlib.metadata import version

class Point(pydantic.BaseModel):
    x: int

found = {name: version(name) for name in names}
point = Point(x="3")
"""
    bundle = make_bundle(
        cell,
        [variable("names", "list", schema={"type": "array", "items": {"type": "string"}})],
        [variable("found", "dict"), variable("point")],
        python={"version": "", "executable": old_python},
    )
    node = serve(bundle)
    assert node.post({"names": list(OLD)}).json() == {"found": OLD, "point": {"x": 3}}
    assert node.post({"names": [1]}).status_code == 400


def test_modules_named_like_ours(
    make_bundle: Callable[..., Path], save_state: Any, serve: Callable[..., Served]
) -> None:
    files = {f"{name}.py": f"here = {name!r}\n" for name in NAMES}
    cell = "\n".join(
        ["import importlib", "found = [importlib.import_module(name).here for name in names]"]
    )
    bundle = make_bundle(cell, [variable("names", "list")], [variable("found", "list")], files)
    save_state(bundle, "import server, worker\nfrom types_ import here\nnames = []")
    assert serve(bundle).post({"names": NAMES}).json() == {"found": NAMES}
