"""What a revision runs, as it is remembered."""

from __future__ import annotations

from pydantic import model_validator

from ..namespace.touched import Touched
from .cell import CellSpec, Isolation
from .fields import Strict
from .image import DockerSpec
from .node import Provisioning
from .verification import Verification


class RevisionSpec(Strict):
    """What a revision runs and how much of it; only what its smoke test finds is added to it.

    Attributes:
        python: the interpreter that runs the cell.
        isolation: what the dry run chose where the cell's is ``auto``.
        verification: what the dry run found otherwise than in the notebook.
        touched: what the dry run used of the machine outside of the node.
    """

    cell: CellSpec | None = None
    docker: DockerSpec | None = None
    provisioning: Provisioning
    python: str | None = None
    isolation: Isolation | None = None
    verification: Verification | None = None
    touched: Touched | None = None

    @model_validator(mode="after")
    def _runs_one_thing(self) -> RevisionSpec:
        if (self.cell is None) == (self.docker is None):
            raise ValueError("a revision runs a cell or an image, one of them")
        return self

    @property
    def part(self) -> CellSpec | DockerSpec:
        """The cell, or the image."""
        part = self.cell or self.docker
        assert part is not None
        return part
