"""What a handler gets and what it may answer; nothing here knows tornado."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from ..services import Services


@dataclass(frozen=True)
class Call:
    """One authenticated, authorized and parsed request.

    Attributes:
        path: the variable parts of the path, decoded.
        query: an instance of the route's query model, None when it has none.
        body: an instance of the route's request model, None when it has none.
        user: name of the Jupyter user who asks.
    """

    services: Services
    path: dict[str, str]
    query: Any
    body: Any
    user: str


@dataclass(frozen=True)
class Reply:
    """An answer that is not the JSON of a model."""

    body: bytes
    content_type: str = "application/json"
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Download:
    """A temporary file: sent in pieces, then deleted."""

    path: Path
    filename: str
    content_type: str


Lines = AsyncGenerator[str, None]
Answer = BaseModel | Reply | Download | Lines | None
Handle = Callable[[Call], Awaitable[Answer]]


def json_reply(status: int | None, content: Any) -> Reply:
    """Return ``content`` as JSON; NaN stays, since a node may be allowed to answer it."""
    return Reply(json.dumps(content, ensure_ascii=False).encode(), status=status)
