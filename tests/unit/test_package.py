"""The package as an installer, a Jupyter server and a kernel see it."""

import json
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import jupyter_node_deploy

ROOT = Path(__file__).parents[2]


def test_one_version():
    version = json.loads((ROOT / "package.json").read_text())["version"]
    assert jupyter_node_deploy.__version__ == metadata.version("jupyter_node_deploy") == version


def test_import_is_cheap():
    """Kernels and instances import the package: it must not bring a Jupyter server along."""
    script = (
        "import sys, jupyter_node_deploy; print(*{name.partition('.')[0] for name in sys.modules})"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"jupyter_server", "tornado", "sqlalchemy", "pydantic", "traitlets"} & set(loaded)


def test_front_end_is_declared_once():
    package = json.loads((ROOT / "package.json").read_text())
    [paths] = jupyter_node_deploy._jupyter_labextension_paths()
    assert paths == {
        "src": Path(package["jupyterlab"]["outputDir"]).name,
        "dest": package["name"],
    }
