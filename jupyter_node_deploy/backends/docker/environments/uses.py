"""Which environments and runtimes are used: one file per revision that was ever started here.

A revision can be gone back to as long as its bundle is there, so that is how long it counts.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ....home import Home
from ...base import InstanceSpec


@dataclass(frozen=True)
class Use:
    """What a revision's cell runs in.

    Attributes:
        bundle: the revision's.
        environment: key of the environment image; None without one.
        runtime: key of the runtime.
    """

    bundle: str
    environment: str | None
    runtime: str


class Uses:
    """The uses of a home. Its methods block."""

    def __init__(self, home: Home) -> None:
        self._place = home.environments

    def note(self, spec: InstanceSpec, use: Use) -> None:
        """Write down what a revision uses."""
        path = self._place / f"{spec.node_id}-{spec.revision}.json"
        part = path.with_name(f".{secrets.token_hex(8)}")
        part.write_text(json.dumps(asdict(use)), encoding="utf-8")
        part.replace(path)

    def current(self) -> Iterator[Use]:
        """Yield those of revisions that are still there, and forget the others."""
        for path in self._place.glob("*.json"):
            try:
                use = Use(**json.loads(path.read_text(encoding="utf-8")))
            except (ValueError, TypeError):  # it is written anew by the next start
                path.unlink(missing_ok=True)
                continue
            if Path(use.bundle).is_dir():
                yield use
            else:
                path.unlink(missing_ok=True)
