"""The one error tree: every failure a caller can see, with its gRPC code and HTTP status.

Standard library only: the control plane, the gateway and the runtime all answer with these.
The body of an answer is ``{"code": int, "message": str, "details": [...]}``, with ``reason``,
``template`` and ``metadata`` where there is a reason; a message says what happened and what to do
about it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, ClassVar

Detail = dict[str, Any]


#: A place in a template, with the blank before it and quotes around it.
_PLACE = re.compile(r"( ?)('?)\{(\w+)\}\2")


class Message(str):
    """Words for people that programs can tell apart, whatever their wording.

    A message goes wherever a text goes: into an error, or as the ``message`` of one of its details.
    The body of the answer then says its reason, too; see docs/api/errors.md.

    Attributes:
        reason: stable, UPPER_SNAKE; what programs go by.
        template: the words with ``{name}`` where a value goes, a literal in the code; what a
            translation goes by.
        metadata: the values by name, perhaps more than the template has: JSON values, and messages.
    """

    reason: str
    template: str
    metadata: dict[str, Any]

    def __new__(cls, template: str, reason: str, /, **values: Any) -> Message:
        """Return the template, filled.

        A value goes in as it is; of a list, its items with commas between, each in the quotes that
        are around its place. An empty value takes the blank before it along.
        """
        message = super().__new__(cls, _PLACE.sub(lambda place: _filled(place, values), template))
        message.reason = reason
        message.template = template
        message.metadata = values
        return message

    def __reduce__(self) -> tuple[Any, ...]:
        # Without it, a copy would be made of the text alone.
        return _message, (self.template, self.reason, self.metadata)

    def altered(self, alter: Callable[[Any], Any]) -> Message:
        """Return the same words around other values."""
        values = {name: alter(value) for name, value in self.metadata.items()}
        return Message(self.template, self.reason, **values)

    def info(self) -> Detail:
        """The fields that say the reason (gRPC's ErrorInfo), and how the words were made."""
        metadata = {
            name: {"message": value, **value.info()} if isinstance(value, Message) else value
            for name, value in self.metadata.items()
        }
        return {"reason": self.reason, "template": self.template, "metadata": metadata}


def _message(template: str, reason: str, metadata: dict[str, Any]) -> Message:
    return Message(template, reason, **metadata)


def _filled(place: re.Match[str], values: dict[str, Any]) -> str:
    blank, quote, name = place.groups()
    if name not in values:  # tests forbid it; a failure is told as it is, whatever its words lack
        return place[0]
    value = values[name]
    items = value if isinstance(value, (list, tuple)) else [value]
    text = f"{quote}, {quote}".join(map(_shown, items))
    return f"{blank}{quote}{text}{quote}" if text or quote else ""


def _shown(value: Any) -> str:
    """Return a value in words, as a browser writes it."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return "" if value is None else str(value)


class NodeDeployError(Exception):
    """Base of all errors; as such an internal one (500/13)."""

    code: ClassVar[int] = 13
    status: ClassVar[int] = HTTPStatus.INTERNAL_SERVER_ERROR
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, message: str, details: list[Detail] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.details = details or []

    def body(self) -> dict[str, Any]:
        """The documented JSON body of the answer."""
        details = [_explained(detail) for detail in self.details]
        body = {"code": self.code, "message": self.message, "details": details}
        return _explained(body)


def _explained(part: dict[str, Any]) -> dict[str, Any]:
    message = part.get("message")
    return {**part, **message.info()} if isinstance(message, Message) else part


class InvalidArgument(NodeDeployError):
    """The request is malformed; details hold ``{"path", "message"}`` of each offending field."""

    code, status = 3, HTTPStatus.BAD_REQUEST


class DeadlineExceeded(NodeDeployError):
    """The work did not finish in time."""

    code, status = 4, HTTPStatus.GATEWAY_TIMEOUT


class NotFound(NodeDeployError):
    """No such thing, or none that this caller may see."""

    code, status = 5, HTTPStatus.NOT_FOUND


class AlreadyExists(NodeDeployError):
    """The name is taken."""

    code, status = 6, HTTPStatus.CONFLICT


class PermissionDenied(NodeDeployError):
    """Known caller, no access."""

    code, status = 7, HTTPStatus.FORBIDDEN


class TooLarge(NodeDeployError):
    """A body is over its limit."""

    code, status = 8, HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class UnsupportedMediaType(NodeDeployError):
    """The body's content type is none that is taken here."""

    code, status = 3, HTTPStatus.UNSUPPORTED_MEDIA_TYPE


class NotAcceptable(NodeDeployError):
    """The answer has none of the forms that the caller accepts."""

    code, status = 3, HTTPStatus.NOT_ACCEPTABLE


class ResourceExhausted(NodeDeployError):
    """A queue or a quota is full; try again later."""

    code, status = 8, HTTPStatus.TOO_MANY_REQUESTS
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}


class FailedPrecondition(NodeDeployError):
    """The request is well formed, but the thing is not in a state that allows it."""

    code, status = 9, HTTPStatus.BAD_REQUEST


class CannotRun(FailedPrecondition):
    """It does not run, and to try again is of no use: only who mends the cause can help."""


class Aborted(NodeDeployError):
    """Given up half-way, because it is not wanted any more."""

    code, status = 10, HTTPStatus.CONFLICT


class Unimplemented(NodeDeployError):
    """This backend cannot do it; the message says what is missing."""

    code, status = 12, HTTPStatus.NOT_IMPLEMENTED


class Internal(NodeDeployError):
    """Our fault, or the cell's: details say which."""


class Unavailable(NodeDeployError):
    """Suspended, starting, or nothing healthy; the message says which."""

    code, status = 14, HTTPStatus.SERVICE_UNAVAILABLE
    headers: ClassVar[dict[str, str]] = {"Retry-After": "1"}


class DataLoss(NodeDeployError):
    """Stored data is missing or corrupted; the message names it."""

    code, status = 15, HTTPStatus.INTERNAL_SERVER_ERROR


class Unauthenticated(NodeDeployError):
    """No token, or one that does not verify."""

    code, status = 16, HTTPStatus.UNAUTHORIZED
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": "Bearer"}
