"""What a zygote whose state can't be forked leaves to the one that takes its place.

That one is the same process, its program started anew, and does not restore the state: each of its
workers does. It imports the packages, if that is safe, and the blobs need not be read once more to
compare them with their hashes. User's interpreter, standard library only.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

from ..threads import libraries, threads


@dataclass(frozen=True)
class Legacy:
    """What is known of the state.

    Attributes:
        reason: why a process that has restored it can't be forked.
        modules: the names of those that restoring it imports, in that order.
    """

    reason: str
    modules: list[str]

    @classmethod
    def read(cls, descriptor: int) -> Legacy:
        """Return what the process has left in an open file."""
        with os.fdopen(descriptor) as file:
            return cls(**json.load(file))

    def hand_over(self, arguments: list[str]) -> NoReturn:
        """Start this process' program anew.

        Args:
            arguments: its own; the descriptor of an open file for ``read`` comes behind them.
        """
        descriptor, path = tempfile.mkstemp()
        os.unlink(path)  # noqa: PTH108 - the name only
        with os.fdopen(descriptor, "w", closefd=False) as file:
            json.dump(asdict(self), file)
        os.lseek(descriptor, 0, os.SEEK_SET)
        os.set_inheritable(descriptor, True)
        os.execv(sys.executable, [sys.executable, *arguments, str(descriptor)])

    def import_modules(self) -> None:
        """Import the modules: what a worker needs of them, it shares with the others then."""
        for name in self.modules:
            parent = name.rpartition(".")[0]
            if not parent or parent in sys.modules:
                with contextlib.suppress(Exception):  # it may have been made, not imported
                    importlib.import_module(name)


def imported(names: Iterable[str]) -> list[str]:
    """Return those of the modules that can be imported again, and need not start threads for it."""
    # Those of the library's own package that runs threads may have been started by the import.
    running = {library for thread in threads() for library in thread.libraries[:1]}
    paths = [path for path in libraries() if Path(path).name in running]
    found = []
    for name in names:
        spec = getattr(sys.modules.get(name), "__spec__", None)
        package = sys.modules.get(name.partition(".")[0])
        places = [f"{place}{os.sep}" for place in getattr(package, "__path__", ())]
        if spec is not None and not any(path.startswith(tuple(places)) for path in paths):
            found.append(name)
    return found
