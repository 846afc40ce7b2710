"""A node that is a cell."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from ..namespace.touched import Touched
from .environment import Environment, RegistryAccess
from .fields import Identifier, ReasonInfo, Strict
from .mounts import Mounts
from .run_settings import RunSettings
from .verification import Verification


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
    strict: bool = Field(
        default=True,
        description="Whether what the schema does not allow is refused, of an output also what is "
        "not of its type; else both only describe.",
    )

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


class KernelImage(RegistryAccess):
    """A custom image that has the right Python (Docker backend)."""


class CellSpec(RunSettings):
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
    mounts: Mounts = Field(
        default=[],
        description="Files and directories of this machine that instances see, as they then are; "
        "by default read-only.",
    )
    egress: bool = Field(
        default=False,
        description="Whether instances may open connections to other machines (Docker backend).",
    )

    @property
    def answer_timeout(self) -> float:
        """Seconds until an answer: a request may wait for a worker first, then it runs."""
        waiting = self.timeout if self.queue_timeout is None else self.queue_timeout
        return waiting + self.timeout

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


class Isolation(BaseModel):
    """The isolation that a dry run chose for a cell, and why."""

    chosen: Literal["shared", "request"]
    reason: str


class DryRun(BaseModel):
    """What one run of the cell gave, before anything is created.

    Attributes:
        ok: whether every declared output came out.
        output: the outputs as the API would return them; NaN and infinities as text.
        stdout: what the cell printed.
        seconds: how long the cell ran.
        error: ``error_name``, ``error_message`` and ``traceback`` lines when it failed.
        isolation: what the runs led to where the form says ``auto``.
        verification: what the node has or answers otherwise than the notebook; null where that
            could not be found out.
        touched: what the runs used of the machine outside of the node; null where nothing ran.
        warnings: the same in sentences that the user should read.
        warnings_info: the reason of each, for programs.
    """

    # With ``allow_nan`` there may be some, and null would be another value.
    model_config = ConfigDict(ser_json_inf_nan="strings")

    ok: bool
    output: dict[str, Any] | None = None
    stdout: str = ""
    seconds: float = 0.0
    error: dict[str, Any] | None = None
    isolation: Isolation | None = None
    verification: Verification | None = None
    touched: Touched | None = None
    warnings: list[str] = []
    warnings_info: list[ReasonInfo | None] = []
