"""Generated notebooks: the restored namespace is the live one, object for object.

The same ones each time; ``CAPTURE_EXAMPLES=5000 CAPTURE_SECONDS=3600 pytest --timeout 0`` looks
longer, and at others.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

from .generated import IMPORTS, NAMES, cells, services

EXAMPLES = int(os.environ.get("CAPTURE_EXAMPLES", "60"))
#: On a slow machine there are fewer.
END = time.monotonic() + float(os.environ.get("CAPTURE_SECONDS", "60"))
START = f"{IMPORTS}\n{' = '.join(NAMES)} = None"


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize="CAPTURE_EXAMPLES" not in os.environ,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],  # they are small as they are, and making them smaller takes minutes
    report_multiple_bugs=False,
)
@given(notebook=cells(), service=services())
def test_restored_is_live(notebook: list[str], service: str, capture: Any) -> None:
    if time.monotonic() > END:
        return
    directory = Path(tempfile.mkdtemp(prefix="capture-"))
    try:
        outcome = capture.run(directory, [START, *notebook, service], [{}], shapes=True)
    finally:
        shutil.rmtree(directory)

    text = "\n---\n".join([*notebook, service])
    if outcome.refusal.startswith("The cell needs variables that could not be saved: "):
        return  # told by name
    assert outcome.refusal == "", text
    live, restored = outcome.shapes
    assert difference(restored, live) is None, text
    assert difference(outcome.served, outcome.live) is None, text


def difference(one: Any, other: Any, path: str = "") -> str | None:
    """Return where two descriptions differ first."""
    if type(one) is not type(other) or not isinstance(one, list | dict):
        return None if one == other else f"{path}: {str(one)[:200]} is not {str(other)[:200]}"
    if isinstance(one, dict) and one.keys() != other.keys():
        return f"{path}: {list(one)} is not {list(other)}"
    keys = one.keys() if isinstance(one, dict) else range(min(len(one), len(other)))
    found = (difference(one[key], other[key], f"{path}[{key!r}]") for key in keys)
    words = next((words for words in found if words), None)
    if words is None and len(one) != len(other):
        return f"{path}: {len(one)} items are not {len(other)}: {one[-1:]}, {other[-1:]}"
    return words
