"""Shapes of checkpoints: what the kernel's agent writes and what the API returns."""

from __future__ import annotations

import hashlib
from enum import StrEnum
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Operation(StrEnum):
    """What made the checkpoint."""

    CELL_RUN = "Cell run"
    FORCED = "Forced"
    ROLLBACK = "Rollback"


class VariableInfo(BaseModel):
    """One name of the kernel's user namespace at the time of the checkpoint.

    Attributes:
        name: the name in the namespace.
        kind: ``data``, ``function``, ``class`` or ``module``.
        type: the type's name, qualified when it is not a builtin (``numpy.ndarray``).
        size: bytes that its saved form takes (of its whole group); 0 when not saved.
        preview: a short text of the value, at most 200 characters.
        shape: ``(100, 3)`` for arrays and frames, ``len`` for sized ones, else null.
        declared: the variable type a node would declare for it, null when it has no JSON form.
        json_schema: JSON Schema inferred from the value, null when there is none.
        example: the value as JSON, null when it has no JSON form or one over 64 KiB.
        reason: why it could not be saved and what to do; null when it was saved.
    """

    model_config = ConfigDict(populate_by_name=True)

    name: str
    kind: Literal["data", "function", "class", "module"] = "data"
    type: str
    size: int = 0
    preview: str = ""
    shape: str | None = None
    declared: str | None = None
    json_schema: dict[str, Any] | None = Field(default=None, alias="schema")
    example: Any = None
    reason: str | None = None


class SavedVariable(VariableInfo):
    """A variable as the API shows it.

    Attributes:
        content: SHA-256 of its saved form and of all that shares objects with it: the same in two
            checkpoints means the same value. Null when it was not saved.
    """

    content: str | None = None


class Group(BaseModel):
    """Variables that share objects, saved together as one pickle.

    Attributes:
        names: the variables; the pickle holds ``{name: value}``. One of a local module is called
            ``module.variable``.
        pickle: SHA-256 of the pickle stream's blob (protocol 5).
        buffers: SHA-256 of each out-of-band buffer's blob, in stream order.
        size: bytes of all its blobs.
        uses: global names that its functions, classes and name references may read.
        modules: top-level modules that loading it imports, and local ones that its functions do.
    """

    names: list[str]
    pickle: str
    buffers: list[str] = []
    size: int
    uses: list[str] = []
    modules: list[str] = []

    def content(self) -> str:
        """Return the SHA-256 by which what the group holds is known."""
        return hashlib.sha256("\n".join([self.pickle, *self.buffers]).encode()).hexdigest()


class CellInfo(BaseModel):
    """What the cell's own text says, analysed by the kernel's own Python.

    Attributes:
        source: the code as Python (magics transformed); what a node runs.
        reads: global names it may read, also inside functions it defines.
        free: the names among them that it reads before it assigns them itself, in order of
            appearance.
        assigns: global names that it binds to values (not imports, functions or classes).
        last: the name that its last line shows, if that is a bare name.
        modules: top-level modules that it imports.
        opaque: it uses ``exec``, ``globals()`` and the like, so anything may be reached.
        flags: compiler flags of the ``__future__`` imports in force.
        syntax_error: the cell did not compile; it can't back a node.
    """

    source: str
    reads: list[str] = []
    free: list[str] = []
    assigns: list[str] = []
    last: str | None = None
    modules: list[str] = []
    opaque: bool = False
    flags: int = 0
    syntax_error: bool = False


class PythonInfo(BaseModel):
    """The kernel's interpreter."""

    executable: str
    version: str
    implementation: str = "cpython"
    path: list[str] = []


class LocalFile(BaseModel):
    """The source of a local module as it was when the checkpoint was made.

    Attributes:
        module: its import name.
        path: relative path that makes it importable again (``pkg/__init__.py``).
        blob: SHA-256 of the source's blob.
        edited: the file was changed after the module was loaded and before it was read.
        changed: variables of the module that are not as loading it makes them, and could not be
            saved.
    """

    module: str
    path: str
    blob: str
    edited: bool = False
    changed: list[str] = []


class Manifest(BaseModel):
    """What the agent writes for one checkpoint (``spool/KERNEL_ID/CHECKPOINT_ID.json``)."""

    format: Literal[1] = 1
    id: str
    kernel_id: str
    msg_id: str | None = None
    cell_id: str | None = None
    execution_count: int | None = None
    operation: Operation
    status: Literal["ok", "error"] = "ok"
    code: str
    created_at: float
    duration: float = 0.0
    capture_seconds: float = 0.0
    cwd: str = ""
    python: PythonInfo
    cell: CellInfo
    variables: list[VariableInfo] = []
    groups: list[Group] = []
    random: str | None = Field(
        default=None, description="Blob: state of the shared random generators."
    )
    files: list[LocalFile] = []
    excluded: list[str] = []
    amends: bool = Field(
        default=False, description="It takes the place of an earlier one with the same id."
    )

    def saved_variables(self) -> list[SavedVariable]:
        """Return the variables, each with what its content is known by."""
        content = {name: group.content() for group in self.groups for name in group.names}
        return [
            SavedVariable(**one.model_dump(), content=content.get(one.name))
            for one in self.variables
        ]

    def blobs(self) -> set[str]:
        """Return the SHA-256 of every blob the checkpoint refers to."""
        named = {file.blob for file in self.files}
        if self.random is not None:
            named.add(self.random)
        for group in self.groups:
            named.add(group.pickle)
            named.update(group.buffers)
        return named


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
    python: str = ""


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
