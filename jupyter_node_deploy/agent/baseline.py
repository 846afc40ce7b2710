"""What is known of the last checkpoint, from which the next one goes on.

A process that was forked from the kernel to make a checkpoint leaves it in a file, for the kernel
and for the next such process. No other version of this program ever reads that file.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..namespace import Saved
from ..namespace.manifest import VariableInfo
from .patches.patches import NOTHING, Known

#: Of each variable, with the hashes of its group.
Descriptions = Mapping[str, tuple[tuple[str, ...], VariableInfo]]


@dataclass(frozen=True)
class Baseline:
    """What is known of a checkpoint; nothing of the user's is in it.

    Attributes:
        id: the checkpoint.
        saved: its groups, all of them stored.
        described: what the manifest says about each variable, by the hashes of its group.
        verified: whether every group was looked at when the checkpoint was made, or since.
        digested: whether there was the time to digest every group.
        patches: what of packages is known to have been changed.
        options: those of packages, as they are stored.
    """

    id: str
    saved: Saved
    described: Descriptions
    verified: bool
    digested: bool = False
    patches: Known = NOTHING
    options: bytes = b""

    def write(self, path: Path) -> None:
        """Leave the baseline for another process.

        Raises:
            OSError: it could not be written.
        """
        part = path.with_suffix(".tmp")
        with part.open("xb") as file:
            pickle.dump(self, file, 5)
        part.replace(path)

    @staticmethod
    def read(path: Path) -> Baseline | None:
        """Return what another process has left; None if that failed, or was killed."""
        try:
            found = pickle.loads(path.read_bytes())
        except Exception:
            return None
        return found if isinstance(found, Baseline) else None
