"""What the workers of a dry run have noted of what they touched: read when they are done.

Its kinds are the fields of ``namespace.touched.Touched``, which a front does not import: that takes
longer than the front's own start.
"""

from __future__ import annotations

import json
from pathlib import Path

#: Of one kind; a run that opens more files has said enough.
_MOST = 200
_ALL = ("modules", "libraries")


def read(path: Path) -> dict[str, list[str]]:
    """Return by kind what was noted in a file, one JSON array of kind and text a line."""
    found: dict[str, dict[str, None]] = {}
    for line in path.read_bytes().split(b"\n"):
        try:
            kind, what = json.loads(line)
        except ValueError:  # the process ended while it wrote
            continue
        found.setdefault(kind, {})[what] = None
    for name in found.get("written", ()):  # read back, or made by another process of the run
        found.get("files", {}).pop(name, None)
    return {
        kind: sorted(whats) if kind in _ALL else sorted(whats)[:_MOST]
        for kind, whats in found.items()
    }
