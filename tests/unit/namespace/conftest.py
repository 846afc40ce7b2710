"""A notebook in tests: cells whose namespace is saved, then restored in a fresh interpreter."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

import jupyter_node_deploy

from ...support.saved_names import check

KERNEL_PATH = Path(jupyter_node_deploy.__file__).parent / "kernel_path"
DRIVER = Path(__file__).with_name("driver.py")
# Another version of Python can be tried with the same tests.
PYTHON = os.environ.get("NAMESPACE_PYTHON", sys.executable)


class Notebook:
    """Cells that are run and saved in one process, and checked in another."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def save(
        self,
        *cells: str,
        excluded: Sequence[str] = (),
        submodules: Mapping[str, Sequence[str]] | None = None,
    ) -> dict[str, Any]:
        """Run the cells; return ``groups`` and ``unsaved``."""
        saved = dict(
            self._run(
                "save",
                cells=[dedent(cell) for cell in cells],
                excluded=list(excluded),
                submodules=dict(submodules or {}),
            )
        )
        for group in saved["groups"]:
            check((self.directory / "state" / "blobs" / group["pickle"]).read_bytes())
        return saved

    def restore(self, check: str, *, differing: str = "none") -> list[dict[str, Any]]:
        """Restore in a fresh interpreter and run ``check`` there; return the failures.

        Without one, nothing may differ but what has this in its path.
        """
        failures = list(self._run("restore", check=dedent(check)))
        if not failures:
            told = self.verified["differences"]
            assert [one for one in told if differing not in one["subject"]] == []
        return failures

    @property
    def verified(self) -> dict[str, Any]:
        """What came of comparing what was restored with what was saved."""
        return dict(json.loads((self.directory / "verified.json").read_text()))

    def _run(self, action: str, **case: Any) -> Any:
        (self.directory / "case.json").write_text(json.dumps(case))
        done = subprocess.run(
            [PYTHON, DRIVER, action, KERNEL_PATH, self.directory],
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 0, done.stderr
        assert not done.stderr
        return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def notebook(tmp_path: Path) -> Notebook:
    return Notebook(tmp_path)
