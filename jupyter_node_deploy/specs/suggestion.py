"""The node form that is ready, and what goes along with a cell."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field

from .cell import Variable
from .fields import ReasonInfo, Strict
from .node import NodeCreate


class CarriedGroup(BaseModel):
    """Variables that share objects, and so go along together; ``size`` in bytes."""

    names: list[str]
    size: int


class SliceRequest(Strict):
    """What of a node form decides which variables go along with the cell; see ``CellSpec``."""

    inputs: list[str] = Field(default=[], description="Names of the declared inputs.")
    carry: list[str] = []
    leave_out: list[str] = []


class SliceGroup(CarriedGroup):
    """Variables of a checkpoint that a node takes along, or leaves behind, together."""

    carried: bool = Field(description="Whether they go along.")
    used: bool = Field(description="Whether they would if nothing were added or left out.")
    inputs: list[Variable] = Field(
        default=[], description="Those that requests could set, as the inputs that they would be."
    )


class CheckpointSlice(BaseModel):
    """What goes along with a node's cell, of all that the checkpoint has; the largest first."""

    groups: list[SliceGroup]


class Suggestion(BaseModel):
    """The prefilled node form, and what goes along with the cell.

    Attributes:
        node: ready for ``POST nodes`` once the checkpoint is pinned.
        input: an example request input, from the checkpoint's values.
        carried: names of the variables that the bundle will hold.
        carried_groups: the same with their sizes, the largest first.
        unsaved: ``{name, reason}`` of needed variables that could not be saved.
        files: local modules that travel along.
        options: options of the process and of packages that the node sets, as text.
        warnings: sentences the user should read.
        warnings_info: the reason of each, for programs.
    """

    node: NodeCreate
    input: dict[str, Any] = {}
    carried: list[str] = []
    carried_groups: list[CarriedGroup] = []
    unsaved: list[dict[str, str]] = []
    files: list[str] = []
    options: dict[str, dict[str, str]] = {}
    warnings: list[str] = []
    warnings_info: list[ReasonInfo | None] = []
