"""What the shapes of nodes are made of."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    WithJsonSchema,
)

from ..errors import Message
from . import names


def _is_name(text: str) -> str:
    if not names.is_valid(text):
        raise ValueError(
            Message(
                "A name has up to 63 small letters from a to z, digits and hyphens; it begins "
                "with a letter and does not end with a hyphen. Possible: {proposal}",
                "NAME_INVALID",
                proposal=names.proposed(text) or "node",
            )
        )
    return text


Name = Annotated[
    str,
    AfterValidator(_is_name),
    WithJsonSchema({"type": "string", "pattern": names.PATTERN}),
]


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
