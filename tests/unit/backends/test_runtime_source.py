"""The runtime's code apart from the package that it is copied from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from jupyter_node_deploy.backends import runtime_source


def test_the_copy_is_whole(tmp_path: Path) -> None:
    runtime_source.copy(tmp_path)
    serve = [sys.executable, "-I", str(tmp_path / "serve.py"), "--help"]
    told = subprocess.run(serve, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr
    assert "--listen" in told.stdout
