"""The part that runs in the user's interpreter needs nothing but the standard library."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import jupyter_node_deploy

SCRIPT = """
import sys
sys.path[:] = [path for path in sys.path if "site-packages" not in path]
before = set(sys.modules)
sys.path.insert(0, sys.argv[1])
import _jupyter_node_deploy.runtime.worker.zygote
loaded = {name.partition(".")[0] for name in set(sys.modules) - before}
print(sorted(loaded - set(sys.stdlib_module_names)))
"""


def test_zygote_loads_only_the_standard_library() -> None:
    private = Path(jupyter_node_deploy.__file__).parent / "kernel_path"
    command = [sys.executable, "-I", "-c", SCRIPT, str(private)]
    told = subprocess.run(command, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "['_jupyter_node_deploy']"


def test_fronts_do_not_load_the_namespace() -> None:
    """It takes longer than all that a front needs until it listens."""
    script = "import sys, jupyter_node_deploy.runtime.__main__; print(*sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert "jupyter_node_deploy.runtime.front.launch" in told.stdout.split()
    assert "jupyter_node_deploy.namespace" not in told.stdout.split()
