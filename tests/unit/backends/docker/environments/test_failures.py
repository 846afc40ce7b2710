"""What is said where packages can't be installed."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from jupyter_node_deploy.backends.docker.environments.installer import _failure

IGNORED = "ERROR: Ignored the following versions that require a different python version: "
IMAGE: Any = SimpleNamespace(tags=["python:3.12-slim"], id="sha256:1")


@pytest.mark.parametrize(
    ("lines", "needed"),
    [
        (
            [
                IGNORED + "1.0 Requires-Python <3.12; 2.0 Requires-Python >=3.12.5,!=3.12.6; "
                "3.0 Requires-Python >4",
                "ERROR: Could not find a version that satisfies the requirement thing==2.0",
                "ERROR: No matching distribution found for thing==2.0",
            ],
            ">=3.12.5,!=3.12.6",
        ),
        (
            [
                "Collecting thing==2.0",
                "ERROR: Package 'thing' requires a different Python: 3.12.4 not in '>=3.12.5'",
            ],
            ">=3.12.5",
        ),
        (
            [
                IGNORED + "1.0 Requires-Python <3.12",
                "ERROR: No matching distribution found for thing==2.0",
            ],
            "",
        ),
    ],
)
def test_a_version_for_another_python(lines: list[str], needed: str) -> None:
    told = _failure(lines, 1, IMAGE, "3.12.7").message
    assert "thing==2.0" in told
    if needed:
        assert f"needs Python {needed}, which the image python:3.12-slim does not have" in told
        assert "--kernel-image python:3.12.7-slim" in told
    else:
        assert "needs Python" not in told
