"""One entry of the route table: what is done for a method of a path of the control API."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from pydantic import BaseModel

from .call import Handle

#: Where the control API lies, below the server's base URL.
PREFIX = "/jupyter-node-deploy/v1"

Action = Literal["read", "write", "execute"]


@dataclass(frozen=True)
class Route:
    """A method on a path, and everything that is known about it.

    Attributes:
        path: below the prefix, with ``{name}`` for its variable parts.
        operation: operation id in the OpenAPI document.
        resource: authorizer resource, ``node_deploy:<noun>``.
        action: what the authorizer is asked for; ``execute`` where user code runs.
        handle: the function that answers.
        request: shape of the JSON body.
        query: shape of the query parameters.
        response: shape of the JSON answer; None when there is no body, or another ``content``.
        content: media type of the answer.
        status: HTTP status of success.
    """

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: str
    operation: str
    summary: str
    resource: str
    action: Action
    handle: Handle
    request: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    response: type[BaseModel] | None = None
    content: str = "application/json"
    status: int = 200

    @property
    def names(self) -> list[str]:
        """The variable parts of the path."""
        return re.findall(r"{(\w+)}", self.path)

    @cached_property
    def pattern(self) -> str:
        """The path below the base URL as a regular expression.

        A colon divides a thing from the verb on it, so one inside a name comes percent-encoded.
        """
        return PREFIX + "/" + re.sub(r"{(\w+)}", r"(?P<\1>[^/:]+)", self.path.replace(".", r"\."))
