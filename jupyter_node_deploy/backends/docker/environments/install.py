"""Runs in a container that is being made: checks its Python and installs packages with pip.

Standard library only, Python 3.10 and newer. What to do is in ``/build/job.json``: the wanted
``python`` version, variables for the ``environment``, the ``target`` directory, whether it is
to become a virtual environment (``venv``), and a directory of sources to ``compile``.
"""

import compileall
import json
import os
import subprocess
import sys
from pathlib import Path

WRONG_PYTHON = 78


def main() -> None:
    """Do the job; the exit status is pip's, or ``WRONG_PYTHON``."""
    job = json.loads(Path("/build/job.json").read_bytes())
    have, want = f"{sys.version_info[0]}.{sys.version_info[1]}", job["python"]
    if have != want:
        print(f"ERROR: the image has Python {have}, but the kernel has {want}", flush=True)  # noqa: T201
        sys.exit(WRONG_PYTHON)
    os.environ.update(job["environment"])
    if job["compile"]:
        compileall.compile_dir(job["compile"], quiet=1)
    python, place = sys.executable, ["--target", job["target"]]
    if job["venv"]:
        # With the image's own packages: a custom image brings them for a reason.
        subprocess.run(
            [
                *(python, "-m", "venv", "--without-pip", "--system-site-packages", "--symlinks"),
                job["target"],
            ],
            check=True,
        )
        python, place = f"{job['target']}/bin/python", []
    os.execv(
        python, [python, "-m", "pip", "install", *place, "--requirement", "/build/requirements.txt"]
    )


main()
