"""Shapes of checkpoints as the API returns them; ``namespace.manifest`` has what agents write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field

from ..namespace.manifest import (
    Operation,
    VariableInfo,
)


@dataclass(kw_only=True)
class SavedVariable(VariableInfo):
    """A variable as the API shows it.

    Attributes:
        content: SHA-256 of its saved form and of all that shares objects with it: the same in two
            checkpoints means the same value. Null when it was not saved.
    """

    content: str | None = None


class CheckpointSummary(BaseModel):
    """A checkpoint as lists show it; times are Unix seconds (UTC), durations seconds."""

    id: str
    operation: Operation
    status: Literal["ok", "error"]
    name: str | None = Field(default=None, description="The pinned name; null when not pinned.")
    pinned: bool = False
    pinned_by: str | None = None
    notebook: str | None = None
    kernel_id: str
    cell_id: str | None = None
    execution_count: int | None = None
    first_line: str = ""
    created_at: float
    duration: float = 0.0
    size: int = Field(default=0, description="Bytes of its blobs.")


class Checkpoint(CheckpointSummary):
    """A checkpoint whole; outputs are nbformat output objects."""

    code: str
    outputs: list[dict[str, Any]] = []
    variables: list[SavedVariable] = []
    excluded: list[str] = []
    options: dict[str, dict[str, str]] = Field(
        default={}, description="Options that its nodes set, as text, by module."
    )
    python: str = ""


class CellRef(BaseModel, extra="forbid"):
    """A notebook's cell as somebody looks at it."""

    kernel_id: str | None = Field(default=None, description="The notebook's kernel, if it has one.")
    notebook: str | None = Field(
        default=None, description="Path of the notebook, relative to the server's root."
    )
    cell_id: str | None = None
    code: str
    execution_count: int | None = Field(
        default=None, description="The number beside the cell; null where there is none."
    )
    msg_id: str | None = Field(
        default=None,
        description="Id of the request that ran the cell, where it was seen to run: a kernel that "
        "was restarted counts from 1 again.",
    )
    other_cells: list[str] = Field(
        default=[], description="Ids of the notebook's other cells; theirs are not this one's."
    )
    repeated: bool = Field(
        default=False, description="Whether another cell of the notebook has the same code."
    )


class Gone(BaseModel):
    """Why a checkpoint is gone; times are Unix seconds (UTC)."""

    reason: Literal["number", "budget", "deleted"] = Field(
        description="The limit that it went for, or that somebody deleted it."
    )
    created_at: float = Field(description="When the checkpoint was made.")
    gone_at: float


class FoundCheckpoint(BaseModel):
    """The checkpoint of the run that a cell shows."""

    checkpoint: CheckpointSummary | None = Field(
        default=None, description="Null when there is none of that run."
    )
    changed: bool = Field(
        default=False, description="Whether the cell has other code by now than when it ran."
    )
    gone: Gone | None = Field(
        default=None, description="What became of the run's checkpoint, where that is known."
    )


class Kept(BaseModel):
    """What is kept of checkpoints, and how much may be.

    Attributes:
        count: all checkpoints.
        pinned: those of them that are pinned.
        size: bytes that all of them take; what they share is counted once.
        limit: so many that are not pinned are kept (``keep_checkpoints``).
        budget: bytes that those may take beside the pinned ones (``checkpoint_budget``).
        last_gone: the last one that a limit took.
    """

    count: int
    pinned: int
    size: int
    limit: int
    budget: int
    last_gone: Gone | None = None


class RestoreFailure(BaseModel):
    """Variables of a checkpoint that could not be put into the kernel, and why."""

    names: list[str]
    reason: str


class Applied(Checkpoint):
    """The Rollback checkpoint that applying a checkpoint leaves, with what that did.

    Attributes:
        restored: variables that have the checkpoint's values now.
        removed: variables that the checkpoint does not have.
        failures: variables that could not be restored; the others were.
    """

    restored: list[str] = []
    removed: list[str] = []
    failures: list[RestoreFailure] = []


class KernelStatus(BaseModel):
    """A Python kernel of this server and its agent; ``error`` says what is wrong and since when."""

    id: str
    name: str = Field(description="Name of its kernelspec.")
    notebook: str | None = None
    python: str | None = Field(default=None, description="Version; null until the agent is there.")
    agent: bool = False
    mode: Literal["standard", "autosave"] = "standard"
    error: str | None = None
    error_at: float | None = None
