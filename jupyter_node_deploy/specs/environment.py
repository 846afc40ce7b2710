"""Where a node's instances come from and what they find there: images, variables."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from .fields import Strict

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
