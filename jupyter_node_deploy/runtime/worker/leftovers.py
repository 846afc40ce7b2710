"""What a run leaves in its process, but for variables (user's interpreter, standard library only).

Figures of pyplot are closed, as a kernel's inline backend does after each cell. What else piles up
from run to run is counted, so that the dry run can choose isolation ``request``: there it ends with
the run.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from pathlib import Path
from typing import Any

from .process_group import children

_temporary: dict[str, None] = {}  # paths made by the module tempfile, in a process that looks
_MANY = 10_000  # of them that are remembered


class Figures:
    """Pyplot's open figures; made when no run has begun."""

    def __init__(self) -> None:
        self._kept = {id(manager) for manager in _open_figures().values()}

    def close(self) -> None:
        """Close those that were opened since."""
        figures = _open_figures()
        for number in [n for n, manager in figures.items() if id(manager) not in self._kept]:
            with contextlib.suppress(Exception):  # the canvas' own code
                sys.modules["matplotlib._pylab_helpers"].Gcf.destroy(number)


def _open_figures() -> dict[int, Any]:
    helpers = sys.modules.get("matplotlib._pylab_helpers")
    return {} if helpers is None else helpers.Gcf.figs


def watch_temporary_files() -> None:
    """Remember from now on what the module ``tempfile`` makes; for good."""
    sys.addaudithook(_heard)


def _heard(event: str, arguments: tuple[Any, ...]) -> None:
    if event in ("tempfile.mkstemp", "tempfile.mkdtemp") and len(_temporary) < _MANY:
        _temporary[str(arguments[0])] = None


def remove_temporary_files() -> None:
    """Remove what of them is left."""
    for path in list(_temporary):
        del _temporary[path]
        with contextlib.suppress(OSError):
            if Path(path).is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                Path(path).unlink()


def count() -> dict[str, int]:
    """Return how many of what could pile up there are in this process now."""
    files = sum(1 for path in list(_temporary) if os.path.lexists(path))
    processes = len(children() - _trackers())
    return {"thread": threading.active_count(), "process": processes, "temporary file": files}


def _trackers() -> set[int]:
    # One of multiprocessing's for each process, however often it is used.
    modules = ("multiprocessing", "joblib.externals.loky.backend")
    found = (sys.modules.get(f"{one}.resource_tracker") for one in modules)
    trackers = (getattr(one, "_resource_tracker", None) for one in found)
    return {pid for one in trackers if (pid := getattr(one, "_pid", None)) is not None}
