"""The run of a cell that a checkpoint shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..namespace.manifest import CellInfo


@dataclass(frozen=True)
class Run:
    """The run of a cell.

    Attributes:
        cell: what the cell's text says.
        code: as the user typed it.
        duration: seconds.
        literals: see ``Manifest``.
    """

    cell: CellInfo
    code: str
    msg_id: str | None = None
    cell_id: str | None = None
    execution_count: int | None = None
    status: Literal["ok", "error"] = "ok"
    duration: float = 0.0
    literals: list[str] | None = None
