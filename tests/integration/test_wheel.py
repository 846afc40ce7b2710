"""The wheel, which users install: what an editable installation has must be in there."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

import jupyter_node_deploy

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the tree as it is, with the front end that was built last."""
    place = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*command, "--wheel-dir", place, ROOT],
        env={**os.environ, "SKIP_JUPYTER_BUILDER": "1"},
        check=True,
    )
    [found] = place.glob("*.whl")
    return found


def test_it_brings_the_extensions_and_all_modules(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    package = Path(jupyter_node_deploy.__file__).parent
    sources = {
        f"jupyter_node_deploy/{path.relative_to(package).as_posix()}"
        for path in package.rglob("*.py")
        if "__pycache__" not in path.parts
    }
    assert sources <= names
    data = {name.partition(".data/data/")[2] for name in names if ".data/data/" in name}
    assert "etc/jupyter/jupyter_server_config.d/jupyter_node_deploy.json" in data
    front_end = "share/jupyter/labextensions/jupyter-node-deploy"
    assert {f"{front_end}/package.json", f"{front_end}/install.json"} <= data
    assert any(name.startswith(f"{front_end}/static/remoteEntry") for name in data)
    assert any(name.startswith(f"{front_end}/schemas/") for name in data)
    assert not [name for name in names if name.startswith(("tests/", "src/", "node_modules/"))]


def test_its_command_runs_without_the_sources(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "site"
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
    subprocess.run([*install, "--target", place, wheel], check=True)
    script = (
        "import jupyter_node_deploy.cli, sys; print(jupyter_node_deploy.__file__, flush=True); "
        "sys.argv[1:] = ['--help']; jupyter_node_deploy.cli.main()"
    )
    told = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(place)},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.startswith(str(place))
    assert "deploy" in told
