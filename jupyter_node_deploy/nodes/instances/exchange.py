"""A test request to a node, whole: any method, path, headers and body, and all that comes back."""

from __future__ import annotations

import base64
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from ...specs import Strict
from ...web.message import Response

_HeaderName = Annotated[str, StringConstraints(pattern=r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$")]
_HeaderValue = Annotated[str, StringConstraints(pattern=r"^[\t\x20-\x7e]*$")]

#: Headers that belong to the connection, or that the gateway alone may set.
_OURS = {
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-folder-id",
}


class NodeRequest(Strict):
    """What to send to a node."""

    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "POST"
    path: str = Field(pattern=r"^/[\x21-\x7e]*$", max_length=8192, description="With the query.")
    headers: dict[_HeaderName, _HeaderValue] = {}
    body: str = ""

    def headers_for(self, folder: str) -> dict[str, str]:
        """Return the headers as the gateway would pass them on, for a caller of a folder."""
        given = {name.lower(): value for name, value in self.headers.items()}
        return {name: value for name, value in given.items() if name not in _OURS} | {
            "x-folder-id": folder
        }


class NodeAnswer(BaseModel):
    """What the node answered, whatever its status.

    Attributes:
        headers: names in lower case.
        seconds: from sending the request until the whole answer was there.
        body: text, or base64 of what is no text in UTF-8.
    """

    status: int
    headers: dict[str, str]
    seconds: float
    body: str
    encoding: Literal["text", "base64"] = "text"


def answer(response: Response, seconds: float) -> NodeAnswer:
    """Return an instance's response as the API shows it."""
    encoding: Literal["text", "base64"] = "text"
    try:
        body = response.body.decode()
    except UnicodeDecodeError:
        body, encoding = base64.b64encode(response.body).decode(), "base64"
    return NodeAnswer(
        status=response.status,
        headers=dict(response.headers),
        seconds=seconds,
        body=body,
        encoding=encoding,
    )
