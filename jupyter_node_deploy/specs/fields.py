"""What the shapes of nodes are made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from ..errors import Message

Name = Annotated[str, StringConstraints(pattern=r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$")]


Identifier = Annotated[str, StringConstraints(pattern=r"^[^\W\d]\w*$", max_length=128)]


Port = Annotated[int, Field(ge=1, le=65535)]


Seconds = Annotated[float, Field(gt=0, le=86400)]


#: Told apart in the JSON Schema: people give sizes in other units.
Bytes = Annotated[int, Field(ge=1, json_schema_extra={"x-unit": "bytes"})]


class Strict(BaseModel):
    """Base of request shapes: an unknown field is an error, not a silent typo."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)


class ReasonInfo(BaseModel):
    """A reason for programs, beside its words; docs/api/errors.md lists them."""

    reason: str = Field(description="Stable, UPPER_SNAKE.")
    template: str = Field(
        description="The words with ``{name}`` where a value goes; what a translation goes by."
    )
    metadata: dict[str, Any] = Field(
        description="What the words were filled with; one that is a message itself is "
        "``{message, reason, template, metadata}``."
    )

    @classmethod
    def of(cls, text: str) -> ReasonInfo | None:
        """Return that of a message; None for words that have no reason."""
        return cls(**text.info()) if isinstance(text, Message) else None
