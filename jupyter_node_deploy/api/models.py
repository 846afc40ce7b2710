"""Shapes that only the control API has: lists, small request bodies, and what the server tells."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, Field

from ..access.models import Alias, Folder, TokenInfo
from ..access.secrets import Secret
from ..checkpoints.models import CheckpointSummary, Kept, KernelStatus, SavedVariable
from ..nodes.strays import Stray
from ..specs import Node, NodeCreate, ReasonInfo, Revision, Strict
from ..specs.configuration import Configuration, ZoneInfo


class ErrorBody(BaseModel):
    """Every failed request is answered with this.

    Attributes:
        code: gRPC status code.
        message: what happened and what to do about it.
        details: ``{"path", "message"}`` per field, or ``error_name``, ``error_message`` and
            ``traceback`` of a cell; with ``reason``, ``template`` and ``metadata`` where there is
            one.
        reason: stable, for programs; docs/api/errors.md lists them.
        template: the message with ``{name}`` where a value goes; what a translation goes by.
        metadata: what the message was filled with.
    """

    code: int
    message: str
    details: list[dict[str, Any]] = []
    reason: str | None = None
    template: str | None = None
    metadata: dict[str, Any] | None = None


class Health(BaseModel):
    """What the extension says of itself."""

    status: Literal["ok"] = "ok"
    version: str
    data_dir: str
    backend: str
    docker_nodes: bool = Field(description="Whether the backend runs nodes of type `docker`.")
    missing: dict[str, str] = Field(description="What the backend lacks, by feature.")
    missing_info: dict[str, ReasonInfo | None] = Field(description="The reason of each.")


class CheckpointList(BaseModel):
    """Checkpoints, newest first."""

    checkpoints: list[CheckpointSummary]
    kept: Kept


class KernelList(BaseModel):
    """The server's Python kernels."""

    kernels: list[KernelStatus]


class CheckpointQuery(BaseModel):
    """Which checkpoints to list."""

    notebook: str | None = None
    cell_id: str | None = None
    kernel_id: str | None = None
    pinned: bool | None = None
    before: float | None = Field(
        default=None,
        description="Only those made before this time (Unix seconds): the next page.",
    )
    limit: int = Field(default=100, ge=1, le=1000)


class VariableList(BaseModel):
    """The variables of a checkpoint."""

    variables: list[SavedVariable]


class KernelRef(Strict):
    """A running kernel."""

    kernel_id: str


class ForceRequest(KernelRef):
    """A running kernel, and what to do while it is busy."""

    stay: bool = Field(
        default=False,
        description="Go on waiting for a busy kernel after the answer (504, `CHECKPOINT_WAITS`): "
        "the same request again tells of it.",
    )


class CheckpointName(Strict):
    """The name of a pinned checkpoint."""

    name: str = Field(min_length=1, max_length=255)


class NodeList(BaseModel):
    """Nodes, newest first."""

    nodes: list[Node]


class StrayList(BaseModel):
    """What there is of nodes that the catalog neither knows nor has deleted."""

    strays: list[Stray]


class NodeQuery(BaseModel):
    """How to get a node."""

    wait: float = Field(
        default=0,
        ge=0,
        le=60,
        description="Seconds to wait until it is HEALTHY, FAILED or SUSPENDED; 0 answers at once.",
    )


class RevisionList(BaseModel):
    """The revisions of a node, newest first."""

    revisions: list[Revision]


class RollbackRequest(Strict):
    """Where to go back to."""

    revision: int | None = Field(default=None, ge=1, description="Null: the one before.")


class ExecuteRequest(Strict):
    """A test request to a node."""

    input: dict[str, Any] = {}


class ExecuteAnswer(BaseModel):
    """What the node answered."""

    output: dict[str, Any]


class ValidateRequest(Strict):
    """A node to try before it is created."""

    node: NodeCreate
    input: dict[str, Any] | None = Field(
        default=None, description="Null: the inputs keep the checkpoint's values."
    )


class LogQuery(BaseModel):
    """Which log lines; ``follow`` streams until the client closes the connection."""

    follow: bool = False
    tail: int | None = Field(default=None, ge=0, le=1_000_000, description="Last lines only.")
    instance: str | None = None


class ExportQuery(BaseModel):
    """How to export a node."""

    format: Literal["bundle", "docker", "compose"] | None = Field(
        default=None,
        description="bundle: the cell's own files; docker, compose: what plain Docker or Compose "
        "needs. By default the bundle of a cell, compose for an image.",
    )


class GatewayLogQuery(BaseModel):
    """How much of the gateway's log."""

    tail: int = Field(default=100, ge=1, le=10_000, description="Last lines only.")


class GatewayLog(BaseModel):
    """Lines of the gateway's log: requests as JSON, and what it has to say."""

    lines: list[str]


class FolderList(BaseModel):
    """Folders by name."""

    folders: list[Folder]


class FolderQuery(BaseModel):
    """Restricts to one folder."""

    folder: str | None = Field(default=None, description="Id or name.")


class TokenList(BaseModel):
    """Issued tokens, newest first; never the tokens themselves."""

    tokens: list[TokenInfo]


class AliasList(BaseModel):
    """Aliases by name."""

    aliases: list[Alias]


class SecretList(BaseModel):
    """Secrets by name; never their values."""

    secrets: list[Secret]


class ConfigurationList(BaseModel):
    """Instance configurations, smallest first."""

    configurations: list[Configuration]


class ZoneList(BaseModel):
    """Zones."""

    zones: list[ZoneInfo]


class Mode(Strict):
    """When checkpoints are made: after each cell, or when idle and changed."""

    mode: Literal["standard", "autosave"]
