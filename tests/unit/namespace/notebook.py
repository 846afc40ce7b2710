"""A notebook in tests: cells whose namespace is saved, then restored in a fresh interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from textwrap import dedent
from typing import Any

import jupyter_node_deploy

KERNEL_PATH = Path(jupyter_node_deploy.__file__).parent / "kernel_path"
DRIVER = Path(__file__).with_name("driver.py")
# Another version of Python can be tried with the same tests.
PYTHON = os.environ.get("NAMESPACE_PYTHON", sys.executable)


@dataclass
class Case:
    """Cells, and the assertions that hold in the restored namespace."""

    cells: list[str]
    check: str = ""
    excluded: list[str] = field(default_factory=list)
    submodules: dict[str, list[str]] = field(default_factory=dict)


def save(case: Case, directory: Path) -> dict[str, Any]:
    described = {
        "cells": [dedent(cell) for cell in case.cells],
        "check": dedent(case.check),
        "excluded": case.excluded,
        "submodules": case.submodules,
    }
    (directory / "case.json").write_text(json.dumps(described))
    return dict(_run("save", directory))


def restore(directory: Path) -> list[dict[str, Any]]:
    return list(_run("restore", directory))


def _run(action: str, directory: Path) -> Any:
    done = subprocess.run(
        [PYTHON, DRIVER, action, KERNEL_PATH, directory],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert not done.stderr
    return json.loads(done.stdout.splitlines()[-1])
