"""What the process backend remembers of an instance, in the instance's own directory."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from ..base import CellWorkload, InstanceSpec


@dataclass(frozen=True)
class Record:
    """The contents of ``instance.json``: nothing of the instance's environment, which has secrets.

    Attributes:
        bundle: the bundle's directory.
        python: the interpreter that runs the cell.
        workers: worker processes.
        address: where the instance answers.
        started_at: Unix seconds of the last start.
        pid: the front's process id at the last start; None between intent and start.
        removing: somebody has begun to remove it, and it is to be removed to the end.
    """

    NAME: ClassVar[str] = "instance.json"

    instance_id: str
    node_id: str
    revision: int
    bundle: Path
    python: str
    workers: int
    address: str
    started_at: float
    pid: int | None = None
    removing: bool = False

    @classmethod
    def of(
        cls,
        spec: InstanceSpec,
        workload: CellWorkload,
        address: str,
        started_at: float,
    ) -> Record:
        """Return the record of an instance that is started."""
        return cls(
            spec.instance_id,
            spec.node_id,
            spec.revision,
            workload.bundle,
            workload.python,
            workload.workers,
            address,
            started_at,
        )

    def write(self, directory: Path) -> None:
        """Replace the file in one step."""
        data: dict[str, Any] = {**asdict(self), "bundle": str(self.bundle)}
        descriptor, part = tempfile.mkstemp(dir=directory, prefix=f".{self.NAME}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(data, file)
        Path(part).replace(directory / self.NAME)

    @classmethod
    def read(cls, directory: Path) -> Record | None:
        """Return the record, None when there is none that can be read."""
        try:
            data = json.loads((directory / cls.NAME).read_text(encoding="utf-8"))
            return cls(**{**data, "bundle": Path(data["bundle"])})
        except (OSError, ValueError, KeyError, TypeError):
            return None
