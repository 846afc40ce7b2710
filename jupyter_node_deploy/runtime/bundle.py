"""The bundle's description: ``node.json`` and the places of the other parts.

Read on both sides (front and user's interpreter): standard library only.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from ..errors import DataLoss, FailedPrecondition

FORMAT = 1
AUTO = "auto"  # isolation, in the bundle of a dry run: to be chosen


@dataclass(frozen=True)
class Variable:
    """A declared input or output.

    Attributes:
        type: one of the declared types (``dict`` … ``any``).
        has_default: a default was given; it may be null.
        schema: JSON Schema of its JSON form, or None.
        strict: what the schema does not allow is refused, of an output also what is not of its
            type.
    """

    name: str
    type: str = "any"
    description: str = ""
    required: bool = True
    default: Any = None
    has_default: bool = False
    schema: dict[str, Any] | None = None
    strict: bool = True

    @classmethod
    def read(cls, data: dict[str, Any]) -> Variable:
        """Return the variable of one entry of ``node.json``."""
        return cls(
            name=data["name"],
            type=data.get("type", "any"),
            description=data.get("description", ""),
            required=data.get("required", True),
            default=data.get("default"),
            has_default="default" in data,
            schema=data.get("schema"),
            strict=data.get("strict", True),
        )


@dataclass(frozen=True)
class Bundle:
    """A bundle on disk; times in seconds, sizes in bytes.

    Fields with the names of ``node.json``'s are read from it, by default as ``specs.RunSettings``
    says: a test compares the two.
    """

    directory: Path
    node_id: str = ""
    node_name: str = ""
    revision: int = 1
    python_version: str = ""
    python_executable: str = ""
    hash_seed: int | None = None
    inputs: list[Variable] = field(default_factory=list)
    outputs: list[Variable] = field(default_factory=list)
    isolation: str = "shared"
    random_state: str = "fresh"
    workers: int | None = None
    concurrency: int = 1
    timeout: float = 60.0
    queue: int = 64
    queue_timeout: float | None = None
    memory_limit: int | None = None
    response_limit: int = 16 * 1024 * 1024
    allow_nan: bool = False
    show_traceback: bool = True
    smoke_test: bool = True
    body_limit: int = 16 * 1024 * 1024
    flags: int = 0
    example: dict[str, Any] | None = None
    response: dict[str, str] | None = None

    @property
    def cell(self) -> Path:
        """The cell's source."""
        return self.directory / "cell.py"

    @property
    def state(self) -> Path:
        """The saved namespace: ``manifest.json`` and ``blobs/``."""
        return self.directory / "state"

    @property
    def files(self) -> Path:
        """Local modules and chosen files."""
        return self.directory / "files"

    @property
    def checks(self) -> Path:
        """Generated code that checks values against the variables' JSON Schemas."""
        return self.directory / "checks.py"

    @property
    def asked(self) -> Path:
        """The dry run's answer, there as long as the revision's smoke test is due."""
        return self.directory / "smoke_test.json"

    @classmethod
    def load(cls, directory: Path) -> Bundle:
        """Read a bundle's ``node.json``.

        Raises:
            DataLoss: it is missing or broken.
            FailedPrecondition: it is of another format.
        """
        path = directory / "node.json"
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            if data.get("format") != FORMAT:
                raise FailedPrecondition(
                    f"the bundle has format {data.get('format')!r}; this runtime reads {FORMAT}: "
                    "use the version that made it"
                )
            node, python = data.get("node", {}), data.get("python", {})
            values = {one.name: data[one.name] for one in fields(cls) if one.name in data}
            values |= {
                "directory": directory,
                "node_id": node.get("id", ""),
                "node_name": node.get("name", ""),
                "revision": node.get("revision", 1),
                "python_version": python.get("version", ""),
                "python_executable": python.get("executable", ""),
                "hash_seed": python.get("hash_seed"),
                "inputs": [Variable.read(entry) for entry in data.get("inputs", [])],
                "outputs": [Variable.read(entry) for entry in data.get("outputs", [])],
            }
            return cls(**values)
        except OSError as error:
            raise DataLoss(f"not a bundle: {path}: {error.strerror or error}") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataLoss(f"the bundle's node.json is broken: {error!r}") from error
