"""The one error tree: every failure a caller can see, with its gRPC code and HTTP status.

Standard library only: the control plane, the gateway and the runtime all answer with these.
The body of an answer is ``{"code": int, "message": str, "details": [...]}``, with ``reason`` and
``metadata`` where there is a reason; a message says what happened and what to do about it.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar

Detail = dict[str, Any]


class Message(str):
    """Words for people that programs can tell apart, whatever their wording.

    A message goes wherever a text goes: into an error, or as the ``message`` of one of its details.
    The body of the answer then says its reason, too; see docs/api/errors.md.

    Attributes:
        reason: stable, UPPER_SNAKE; what a translation goes by.
        metadata: what the words were filled with, for the translation's own: JSON values, and
            messages.
    """

    reason: str
    metadata: dict[str, Any]

    def __new__(cls, text: str, reason: str, **metadata: Any) -> Message:
        """Return ``text`` with its reason."""
        message = super().__new__(cls, text)
        message.reason = reason
        message.metadata = metadata
        return message

    def __reduce__(self) -> tuple[Any, ...]:
        # Without it, a copy would be made of the text alone.
        return _message, (str(self), self.reason, self.metadata)

    def info(self) -> Detail:
        """The fields that say the reason (gRPC's ErrorInfo)."""
        metadata = {
            name: {"message": value, **value.info()} if isinstance(value, Message) else value
            for name, value in self.metadata.items()
        }
        return {"reason": self.reason, "metadata": metadata}

    def strip(self, chars: str | None = None, /) -> Message:
        """Return it without blanks around it; a plain ``str`` would have lost the reason."""
        return Message(super().strip(chars), self.reason, **self.metadata)


def _message(text: str, reason: str, metadata: dict[str, Any]) -> Message:
    return Message(text, reason, **metadata)


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
