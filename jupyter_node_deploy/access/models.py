"""Shapes of folders, tokens and aliases, as the control API takes and returns them."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ..specs import Name

DEFAULT_TTL = 12 * 3600
MAX_TTL = 365 * 24 * 3600


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Folder(BaseModel):
    """A named space: nodes live in one, tokens are issued for one, ACLs list their ids.

    Attributes:
        created_at: Unix seconds.
    """

    id: str
    name: str
    created_at: float


class FolderCreate(_Strict):
    """A new folder."""

    name: Name


class TokenCreate(_Strict):
    """A token to issue."""

    folder: str | None = Field(default=None, description="Id or name; the default folder if null.")
    ttl_seconds: int = Field(default=DEFAULT_TTL, ge=1, le=MAX_TTL, description="Lifetime.")
    description: str = Field(default="", max_length=256)


class TokenInfo(BaseModel):
    """What is remembered of an issued token; times are Unix seconds.

    Attributes:
        id: the token's ``jti`` claim; the token itself is not kept.
        revoked_at: null while it is not revoked.
    """

    id: str
    folder: str
    description: str
    created_at: float
    expires_at: float
    revoked_at: float | None = None


class IssuedToken(BaseModel):
    """The answer to issuing a token: the only time that the token itself is shown."""

    token: str = Field(repr=False)
    id: str
    folder: str
    expires_at: float


class AliasTarget(_Strict):
    """A node and its share of the alias' requests, relative to the other targets' weights."""

    node: str
    weight: int = Field(default=100, ge=1, le=1000)


class AliasCreate(_Strict):
    """A new alias."""

    name: Name
    folder: str | None = Field(default=None, description="Id or name; the default folder if null.")
    targets: list[AliasTarget] = Field(min_length=1, max_length=100)
    acl: list[str] | None = Field(
        default=None, description="Folders that may call; the alias' own folder if null."
    )

    @field_validator("targets")
    @classmethod
    def _each_node_once(cls, targets: list[AliasTarget]) -> list[AliasTarget]:
        return _each_once(targets)


class AliasPatch(_Strict):
    """What may change of an alias; what is null stays."""

    folder: str | None = None
    targets: list[AliasTarget] | None = Field(default=None, min_length=1, max_length=100)
    acl: list[str] | None = None

    @field_validator("targets")
    @classmethod
    def _each_node_once(cls, targets: list[AliasTarget] | None) -> list[AliasTarget] | None:
        return None if targets is None else _each_once(targets)


class Alias(BaseModel):
    """A stable name that splits requests over nodes by weight; times are Unix seconds."""

    name: str
    folder: str
    acl: list[str]
    targets: list[AliasTarget]
    created_at: float
    updated_at: float


def _each_once(targets: list[AliasTarget]) -> list[AliasTarget]:
    nodes = [target.node for target in targets]
    twice = sorted({node for node in nodes if nodes.count(node) > 1})
    if twice:
        raise ValueError(f"node given twice: {', '.join(twice)}")
    return targets
