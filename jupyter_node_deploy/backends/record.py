"""What the process backend remembers of an instance, in the instance's own directory."""

from __future__ import annotations

import json
import os
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, ClassVar

from .base import InstanceSpec


@dataclass(frozen=True)
class Record:
    """The contents of ``instance.json``.

    Attributes:
        address: where the instance answers.
        started_at: Unix seconds of the last start.
        pid: the front's process id at the last start; None between intent and start.
        removing: somebody has begun to remove it, and it is to be removed to the end.
    """

    NAME: ClassVar[str] = "instance.json"

    spec: InstanceSpec
    address: str
    started_at: float
    pid: int | None = None
    removing: bool = False

    def write(self, directory: Path) -> None:
        """Replace the file in one step."""
        data: dict[str, Any] = asdict(self)
        data["spec"]["bundle"] = str(self.spec.bundle)
        descriptor, part = tempfile.mkstemp(dir=directory, prefix=f".{self.NAME}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(data, file)
        Path(part).replace(directory / self.NAME)

    @classmethod
    def read(cls, directory: Path) -> Record | None:
        """Return the record, None when there is none that can be read."""
        try:
            data = json.loads((directory / cls.NAME).read_text(encoding="utf-8"))
            spec = data.pop("spec")
            spec["bundle"] = Path(spec["bundle"])
            return cls(spec=InstanceSpec(**spec), **data)
        except (OSError, ValueError, KeyError, TypeError):
            return None
