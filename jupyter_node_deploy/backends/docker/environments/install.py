"""Runs in a container that is being made: checks its Python and installs packages with pip.

Standard library only, Python 3.10 and newer. What to do is in ``/build/installation.json``: the
wanted ``python`` version, variables for the ``environment``, the ``target`` directory, whether it
is to become a virtual environment (``venv``), and a directory of sources to ``compile``.
"""

import compileall
import json
import os
import subprocess
import sys
from pathlib import Path

WRONG_PYTHON = 78


def main() -> None:
    """Install; the exit status is pip's, or ``WRONG_PYTHON``."""
    installation = json.loads(Path("/build/installation.json").read_bytes())
    have, want = f"{sys.version_info[0]}.{sys.version_info[1]}", installation["python"]
    if have != want:
        print(f"ERROR: the image has Python {have}, but the kernel has {want}", flush=True)  # noqa: T201
        sys.exit(WRONG_PYTHON)
    os.environ.update(installation["environment"])
    if installation["compile"]:
        compileall.compile_dir(installation["compile"], quiet=1)
    python, place = sys.executable, ["--target", installation["target"]]
    if installation["venv"]:
        # With the image's own packages: a custom image brings them for a reason.
        subprocess.run(
            [
                *(python, "-m", "venv", "--without-pip", "--system-site-packages", "--symlinks"),
                installation["target"],
            ],
            check=True,
        )
        python, place = f"{installation['target']}/bin/python", []
    os.execv(
        python, [python, "-m", "pip", "install", *place, "--requirement", "/build/requirements.txt"]
    )


main()
