"""A node: what is asked for, and what the API shows of it."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field, model_validator

from ..namespace.touched import Touched
from .cell import CellSpec, Isolation
from .fields import Name, ReasonInfo, Strict
from .image import DockerSpec
from .verification import Verification


class NodeStatus(StrEnum):
    """Statuses of a node."""

    CREATED = "CREATED"
    PREPARING = "PREPARING"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    SUSPENDED = "SUSPENDED"
    FAILED = "FAILED"
    DELETING = "DELETING"


class Zone(Strict):
    """A zone and its subnet; ``local`` is this machine."""

    zone: str = "local"
    subnet: str | None = None


class Provisioning(Strict):
    """How much of what, where."""

    configuration: str = "c1.4"
    instances: int = Field(default=1, ge=1, le=100)
    zones: list[Zone] = []
    maintenance_limit: int = Field(default=1, ge=1)


class NodeCreate(Strict):
    """The node form."""

    name: Name
    type: Literal["cell", "docker"] = "cell"
    description: str = Field(default="", max_length=256)
    folder: str | None = Field(default=None, description="Folder id; the default folder if null.")
    cell: CellSpec | None = None
    docker: DockerSpec | None = None
    provisioning: Provisioning = Provisioning()
    acl: list[str] | None = Field(
        default=None, description="Folder ids that may call; the node's own folder if null."
    )

    @model_validator(mode="after")
    def _spec_matches_type(self) -> NodeCreate:
        if (self.cell is not None) != (self.type == "cell") or (self.docker is not None) != (
            self.type == "docker"
        ):
            raise ValueError(f"a node of type {self.type!r} takes exactly the part {self.type!r}")
        return self


class NodePatch(Strict):
    """What may change; ``cell``, ``docker`` and ``provisioning`` make a new revision."""

    name: Name | None = None
    description: str | None = Field(default=None, max_length=256)
    folder: str | None = None
    acl: list[str] | None = None
    cell: CellSpec | None = None
    docker: DockerSpec | None = None
    provisioning: Provisioning | None = None


class Instance(BaseModel):
    """One running copy of a revision, as last observed; times are Unix seconds."""

    id: str
    revision: int
    status: str
    reason: str = ""
    notes: list[str] = Field(default=[], description="Worth knowing though nothing is wrong.")
    reason_info: ReasonInfo | None = None
    started_at: float | None = None
    checked_at: float | None = Field(default=None, description="When its health was last asked.")


class Revision(BaseModel):
    """An immutable version of a node's spec; times are Unix seconds."""

    number: int
    created_at: float
    active: bool = False
    reason: str = Field(default="", description="Why it failed, when it did.")
    reason_info: ReasonInfo | None = None
    cell: CellSpec | None = None
    isolation: Isolation | None = Field(default=None, description="What ``auto`` led to.")
    verification: Verification | None = Field(
        default=None, description="What the dry run found otherwise than in the notebook."
    )
    touched: Touched | None = Field(
        default=None, description="What the dry run used of the machine outside of the node."
    )
    warnings: list[str] = Field(default=[], description="The same in sentences.")
    warnings_info: list[ReasonInfo | None] = []
    docker: DockerSpec | None = None
    provisioning: Provisioning = Provisioning()


class Node(BaseModel):
    """A node as the API shows it."""

    id: str
    name: str
    type: Literal["cell", "docker"]
    description: str = ""
    status: NodeStatus
    reason: str = ""
    reason_info: ReasonInfo | None = None
    folder: str
    acl: list[str]
    revision: int
    cell: CellSpec | None = None
    isolation: Isolation | None = Field(default=None, description="What ``auto`` led to.")
    verification: Verification | None = Field(
        default=None, description="What the dry run found otherwise than in the notebook."
    )
    touched: Touched | None = Field(
        default=None, description="What the dry run used of the machine outside of the node."
    )
    warnings: list[str] = Field(default=[], description="The same in sentences.")
    warnings_info: list[ReasonInfo | None] = []
    docker: DockerSpec | None = None
    provisioning: Provisioning
    backend: str
    instances: list[Instance] = []
    execute_url: str | None = None
    created_at: float
    updated_at: float
    created_by: str | None = None
