"""No change is missed although most variables are not looked at: random notebooks."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import jupyter_node_deploy

KERNEL_PATH = Path(jupyter_node_deploy.__file__).parent / "kernel_path"
DRIVER = Path(__file__).with_name("incremental_driver.py")
#: More seeds, or longer notebooks, can be tried with the same test.
SEEDS = int(os.environ.get("INCREMENTAL_SEEDS", "3"))
CELLS = int(os.environ.get("INCREMENTAL_CELLS", "150"))


def run_notebook(directory: Path, *arguments: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, DRIVER, KERNEL_PATH, directory, *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.skipif(importlib.util.find_spec("torch") is None, reason="without torch")
@pytest.mark.parametrize("seed", range(10, 10 + SEEDS - 2))
def test_no_change_of_a_tensor_is_missed(tmp_path: Path, seed: int) -> None:
    found = run_notebook(tmp_path, str(seed), str(CELLS), "torch")

    assert not found["missed"]


@pytest.mark.parametrize("seed", range(SEEDS))
def test_a_checkpoint_is_as_if_everything_was_looked_at(tmp_path: Path, seed: int) -> None:
    found = run_notebook(tmp_path, str(seed), str(CELLS))

    assert not found["missed"]
    assert found["skipped"] > CELLS / 3  # most cells leave most variables unseen
