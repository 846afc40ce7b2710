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
_KINDS = ("files", "written", "missing", "programs", "addresses", "variables", *_ALL)
_BYTES = 64 * 1024 * 1024  # that are looked at


def read(path: Path) -> dict[str, list[str]]:
    """Return by kind what was noted in a file, one JSON array of kind and text a line.

    A cell may do with the file what it likes.
    """
    found: dict[str, dict[str, None]] = {}
    try:
        with path.open("rb") as file:
            lines = file.read(_BYTES).split(b"\n")
    except OSError:
        return {}
    for line in lines:
        try:
            kind, what = json.loads(line)
        except (ValueError, TypeError, RecursionError):  # the process ended while it wrote
            continue
        if kind in _KINDS and isinstance(what, str):
            found.setdefault(kind, {})[what] = None
    for name in found.get("written", ()):  # read back, or made by another process of the run
        found.get("files", {}).pop(name, None)
    return {
        kind: sorted(whats) if kind in _ALL else sorted(whats)[:_MOST]
        for kind, whats in found.items()
    }
