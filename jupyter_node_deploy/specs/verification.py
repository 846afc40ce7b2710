"""What a dry run found out about a cell node: whether it has and answers what the notebook had."""

from __future__ import annotations

from pydantic import BaseModel, Field

from ..namespace.difference import Difference


class Verification(BaseModel):
    """What came of comparing a dry run with the notebook, before anything was created."""

    differences: list[Difference] = Field(default=[], description="What is otherwise.")
    compared: int = Field(
        default=0, description="Saved variables that were compared with what came back."
    )
    partly: list[str] = Field(
        default=[], description="Those of which a part could not be looked at, or is too large."
    )
    unverified: list[str] = Field(
        default=[], description="Saved variables that were not compared: there was no time to."
    )
