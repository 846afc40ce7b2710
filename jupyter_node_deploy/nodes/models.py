"""Shapes of nodes: the one source for the REST schema, the form and the TypeScript types."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_serializer,
    model_validator,
)

from ..errors import Message

Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")]
Identifier = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*$", max_length=128)]
EnvironmentName = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=256)
]
# The grammar of the distribution project: [HOST[:PORT]/]PATH[:TAG][@DIGEST].
_HOST_PART = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?"
_PATH_PART = r"[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = (
    rf"^({_HOST_PART}(\.{_HOST_PART})*(:[0-9]+)?/)?{_PATH_PART}(/{_PATH_PART})*"
    r"(:[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(@sha256:[0-9a-f]{64})?$"
)


def _is_reference(text: str) -> str:
    if len(text) > 512 or not re.match(_REFERENCE, text):
        raise ValueError(
            "not an image: give [HOST[:PORT]/]NAME[:TAG] or NAME@sha256:DIGEST, the name in lower "
            "case"
        )
    return text


ImageReference = Annotated[
    str,
    AfterValidator(_is_reference),
    WithJsonSchema({"type": "string", "pattern": _REFERENCE, "maxLength": 512}),
]
_HTTP_PATH = r"^/[\x21-\x7e]*$"
Port = Annotated[int, Field(ge=1, le=65535)]
Seconds = Annotated[float, Field(gt=0, le=86400)]


class Strict(BaseModel):
    """Base of request shapes: an unknown field is an error, not a silent typo."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class NodeStatus(StrEnum):
    """Statuses of a node."""

    CREATED = "CREATED"
    PREPARING = "PREPARING"
    HEALTHY = "HEALTHY"
    UNHEALTHY = "UNHEALTHY"
    SUSPENDED = "SUSPENDED"
    FAILED = "FAILED"
    DELETING = "DELETING"


class VariableType(StrEnum):
    """Declared types of inputs and outputs."""

    DICT = "dict"
    LIST = "list"
    STR = "str"
    INT = "int"
    FLOAT = "float"
    BOOL = "bool"
    BYTES = "bytes"
    NDARRAY = "ndarray"
    DATAFRAME = "DataFrame"
    SERIES = "Series"
    DATETIME = "datetime"
    ANY = "any"


class Variable(Strict):
    """A declared input or output."""

    name: Identifier
    type: VariableType = VariableType.ANY
    description: str = Field(default="", max_length=1024)
    required: bool = True
    default: Any = Field(
        default=None, description="JSON value used when the request leaves the input out."
    )
    json_schema: dict[str, Any] | None = Field(default=None, alias="schema")

    @property
    def has_default(self) -> bool:
        """Whether a default was given (null is one, too)."""
        return "default" in self.model_fields_set

    # Written only when given, or reading it back would turn "none" into a default of null. The
    # return type is left out: it would replace the model's JSON Schema.
    @model_serializer(mode="wrap")
    def _without_unset_default(self, write: SerializerFunctionWrapHandler):  # type: ignore[no-untyped-def]
        written = write(self)
        if not self.has_default:
            written.pop("default", None)
        return written


class RegistryAccess(Strict):
    """An image, and the registry's user and password if it asks for them."""

    image: ImageReference
    username: str | None = Field(
        default=None, min_length=1, description="As the registry wants it, such as ``json_key``."
    )
    password_secret: str | None = Field(
        default=None,
        validate_default=True,
        description="Name of a secret in the node's folder.",
    )

    @field_validator("password_secret")
    @classmethod
    def _goes_with_a_user(cls, secret: str | None, info: ValidationInfo) -> str | None:
        if "username" in info.data and (secret is None) != (info.data["username"] is None):
            raise ValueError("a registry takes a user together with a secret, or neither")
        return secret


class KernelImage(RegistryAccess):
    """A custom image that has the right Python (Docker backend)."""


class EnvironmentVariable(Strict):
    """A variable of the instances' environment: a plain value, or a secret's."""

    name: EnvironmentName
    value: str | None = Field(default=None, max_length=32 * 1024, pattern=r"^[^\x00]*$")
    secret: str | None = Field(default=None, description="Name of a secret in the node's folder.")

    @model_validator(mode="after")
    def _one_source(self) -> EnvironmentVariable:
        if (self.value is None) == (self.secret is None):
            raise ValueError("give a value or a secret, one of them")
        return self


def _each_once(variables: list[EnvironmentVariable]) -> list[EnvironmentVariable]:
    names = [variable.name for variable in variables]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"variable given twice: {', '.join(twice)}")
    return variables


Environment = Annotated[
    list[EnvironmentVariable], Field(max_length=1000), AfterValidator(_each_once)
]


class HttpResponse(Strict):
    """An answer that is a variable's own text or bytes instead of JSON.

    The cell may also set ``response_status`` (int) and ``response_headers`` (dict of str).
    """

    body: Identifier = Field(description="The one output, of type str, bytes or any.")
    content_type: str = Field(
        pattern=r"^[\w!#$&^.+-]+/[\w!#$&^.+-]+(; ?[\w-]+=[\w.+-]+)*$", max_length=200
    )


class CellSpec(Strict):
    """What a cell node runs."""

    checkpoint: str = Field(description="Id or pinned name of a pinned checkpoint.")
    inputs: list[Variable] = []
    outputs: list[Variable] = Field(min_length=1)
    requirements: list[str] = Field(default=[], description="Exact: ``name==version``.")
    files: list[str] = Field(default=[], description="Extra files, relative to the notebook.")
    carry: list[str] = Field(
        default=[], description="Variables that go along though the cell does not seem to use them."
    )
    leave_out: list[str] = Field(
        default=[], description="Variables that stay behind though the cell seems to use them."
    )
    image: KernelImage | None = None
    env: Environment = Field(default=[], description="Of the instances; the backend must offer it.")
    egress: bool = Field(
        default=False,
        description="Whether instances may open connections to other machines (Docker backend).",
    )
    isolation: Literal["auto", "shared", "request"] = Field(
        default="auto",
        description="auto: the dry run chooses. It runs the cell twice, and takes ``request`` if "
        "that changes the state in place, ``shared`` if not.",
    )
    random_state: Literal["fresh", "checkpoint"] = Field(
        default="fresh",
        description="checkpoint: each request starts from the checkpoint's random state.",
    )
    workers: int | None = Field(default=None, ge=1, le=256, description="Per instance.")
    concurrency: int = Field(
        default=1,
        ge=1,
        le=256,
        description="Requests that a worker runs at a time: for cells that ``await`` at the top "
        "level and wait for others most of the time. They share the state.",
    )
    timeout: float = Field(default=60.0, gt=0, le=86400, description="Seconds per request.")
    queue: int = Field(default=64, ge=0, le=100_000, description="Requests that may wait.")
    queue_timeout: float | None = Field(
        default=None, gt=0, le=86400, description="Seconds that one may wait; null: as timeout."
    )
    memory_limit: int | None = Field(
        default=None,
        ge=1,
        description="Bytes that a worker may hold beyond the saved state; one that has outgrown it "
        "is replaced between requests.",
    )
    response_limit: int = Field(
        default=16 * 1024 * 1024, ge=1, le=1 << 31, description="Bytes of an answer."
    )
    allow_nan: bool = False
    show_traceback: bool = True
    response: HttpResponse | None = Field(default=None, description="null: the outputs as JSON.")

    @model_validator(mode="after")
    def _body_is_the_output(self) -> CellSpec:
        if self.response is not None:
            output, *more = self.outputs
            if more or output.name != self.response.body:
                raise ValueError("with a response body, that variable must be the only output")
            if output.type not in (VariableType.STR, VariableType.BYTES, VariableType.ANY):
                raise ValueError(f"a response body is str or bytes, not {output.type}")
            if output.json_schema is not None:
                raise ValueError("a response body has no JSON Schema")
        return self

    @model_validator(mode="after")
    def _several_at_a_time_share_the_state(self) -> CellSpec:
        if self.concurrency > 1:
            if self.isolation == "request":
                raise ValueError(
                    "several requests at a time share the state: with isolation request the "
                    "concurrency is 1"
                )
            if self.random_state == "checkpoint":
                raise ValueError(
                    "several requests at a time share the random generators: with random_state "
                    "checkpoint the concurrency is 1"
                )
        return self

    @model_validator(mode="after")
    def _names_are_unique(self) -> CellSpec:
        for kind, variables in (("input", self.inputs), ("output", self.outputs)):
            names = [variable.name for variable in variables]
            twice = sorted({name for name in names if names.count(name) > 1})
            if twice:
                raise ValueError(f"{kind} variable declared twice: {', '.join(twice)}")
        return self


class Endpoint(Strict):
    """Where a Docker node listens; times in seconds."""

    type: Literal["http", "http2", "grpc"] = Field(
        default="http", description="http2 and grpc: HTTP/2 without TLS (h2c)."
    )
    port: Port
    timeout: Seconds = Field(default=60.0, description="Until an answer begins.")
    idle_timeout: Seconds = Field(
        default=300.0, description="That a stream or a websocket may be silent."
    )


class Telemetry(Strict):
    """Where a Docker node shows its metrics."""

    type: Literal["prometheus"] = "prometheus"
    path: str = Field(default="/metrics", pattern=_HTTP_PATH, max_length=1024)
    port: Port


class Healthcheck(Strict):
    """How a Docker node's health is asked; times in seconds.

    An instance becomes healthy after ``passes_threshold`` good answers in a row, and unhealthy
    after ``fails_threshold`` bad ones. While it starts it is asked more often, so that a long
    interval makes no long start.
    """

    type: Literal["http", "grpc"] = "http"
    port: Port
    path: str = Field(
        default="/",
        max_length=1024,
        description="http: answered by 2xx or 3xx; grpc: name of the service for "
        "``grpc.health.v1``, by default the whole server.",
    )
    timeout: Seconds = 1.0
    interval: Seconds = 15.0
    fails_threshold: int = Field(default=3, ge=1, le=1000)
    passes_threshold: int = Field(default=3, ge=1, le=1000)

    @field_validator("path")
    @classmethod
    def _suits_the_type(cls, path: str, info: ValidationInfo) -> str:
        if info.data.get("type") == "grpc":
            if not re.fullmatch(r"/|[\w.-]*", path):
                raise ValueError("a gRPC health check takes the name of a service")
        elif not re.match(_HTTP_PATH, path):
            raise ValueError("a path begins with '/' and has no spaces")
        return path

    @property
    def service(self) -> str:
        """The service that a gRPC check asks about; empty for the server as a whole."""
        return self.path.removeprefix("/")


class DockerSpec(RegistryAccess):
    """A node that is any Docker image."""

    command: list[str] | None = Field(
        default=None, min_length=1, description="Instead of the image's own command."
    )
    env: Environment = []
    egress: bool = Field(
        default=False, description="Whether instances may open connections to other machines."
    )
    endpoint: Endpoint
    telemetry: Telemetry | None = None
    healthcheck: Healthcheck | None = Field(
        default=None, description="null: an instance is healthy when its port takes connections."
    )

    def speaks_http2(self, port: int) -> bool:
        """Whether HTTP/2 without TLS is to be spoken at a port: only at such an endpoint."""
        return port == self.endpoint.port and self.endpoint.type != "http"


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

    @property
    def spec(self) -> CellSpec | DockerSpec:
        """What it runs: the part that its type takes."""
        spec: CellSpec | DockerSpec | None = self.cell or self.docker
        assert spec is not None
        return spec


class NodePatch(Strict):
    """What may change; ``cell``, ``docker`` and ``provisioning`` make a new revision."""

    name: Name | None = None
    description: str | None = Field(default=None, max_length=256)
    folder: str | None = None
    acl: list[str] | None = None
    cell: CellSpec | None = None
    docker: DockerSpec | None = None
    provisioning: Provisioning | None = None


class ReasonInfo(BaseModel):
    """A reason for programs, beside its words; docs/api/errors.md lists them."""

    reason: str = Field(description="Stable, UPPER_SNAKE.")
    metadata: dict[str, Any] = Field(
        description="What the words were filled with; one that is a message itself is "
        "``{message, reason, metadata}``."
    )

    @classmethod
    def of(cls, text: str) -> ReasonInfo | None:
        """Return that of a message; None for words that have no reason."""
        return cls(**text.info()) if isinstance(text, Message) else None


class Isolation(BaseModel):
    """The isolation that a dry run chose for a cell, and why."""

    chosen: Literal["shared", "request"]
    reason: str


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
    docker: DockerSpec | None = None
    provisioning: Provisioning = Provisioning()

    @property
    def spec(self) -> CellSpec | DockerSpec:
        """What it runs."""
        spec: CellSpec | DockerSpec | None = self.cell or self.docker
        assert spec is not None
        return spec


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
    docker: DockerSpec | None = None
    provisioning: Provisioning
    backend: str
    instances: list[Instance] = []
    execute_url: str | None = None
    created_at: float
    updated_at: float
    created_by: str | None = None


class DryRun(BaseModel):
    """What one run of the cell gave, before anything is created.

    Attributes:
        ok: whether every declared output came out.
        output: the outputs as the API would return them.
        stdout: what the cell printed.
        seconds: how long the cell ran.
        error: ``error_name``, ``error_message`` and ``traceback`` lines when it failed.
        isolation: what the runs led to where the form says ``auto``.
    """

    ok: bool
    output: dict[str, Any] | None = None
    stdout: str = ""
    seconds: float = 0.0
    error: dict[str, Any] | None = None
    isolation: Isolation | None = None


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
        warnings: sentences the user should read.
        warnings_info: the reason of each, for programs.
    """

    node: NodeCreate
    input: dict[str, Any] = {}
    carried: list[str] = []
    carried_groups: list[CarriedGroup] = []
    unsaved: list[dict[str, str]] = []
    files: list[str] = []
    warnings: list[str] = []
    warnings_info: list[ReasonInfo | None] = []
