"""Every failure becomes the one documented body: ``{"code", "message", "details"}``."""

from __future__ import annotations

import logging
from http import HTTPStatus

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from tornado.web import HTTPError

from ..errors import Internal, InvalidArgument, Message, NodeDeployError
from ..ids import new_id

_CODES = {
    400: 3,
    401: 16,
    403: 7,
    404: 5,
    405: 12,
    409: 6,
    413: 8,
    429: 8,
    501: 12,
    503: 14,
    504: 4,
}

Rendered = tuple[int, dict[str, object], dict[str, str]]


def render(error: BaseException, log: logging.Logger) -> Rendered:
    """Return HTTP status, body and extra headers of the answer to a failed request.

    What nobody foresaw becomes a 500 with an incident id; its traceback goes to the log only.
    """
    if isinstance(error, ValidationError):
        error = invalid(error)
    if isinstance(error, NodeDeployError):
        return int(error.status), error.body(), dict(error.headers)
    if isinstance(error, HTTPError):
        return _from_tornado(error)
    incident = new_id()
    log.error("incident %s: %s", incident, error, exc_info=error)
    message = Message(
        "Something unforeseen went wrong (incident {incident}). "
        "The log of the Jupyter server has the details.",
        "UNFORESEEN",
        incident=incident,
    )
    return 500, Internal(message).body(), {}


def invalid(error: ValidationError) -> InvalidArgument:
    """Turn pydantic's errors into ours: the path and the message of each offending field."""
    details = [
        {
            "path": ".".join(str(part) for part in item["loc"]),
            "message": _message(item),
        }
        for item in error.errors(include_url=False, include_input=False)
    ]
    told = "; ".join(
        f"{detail['path']}: {detail['message']}" if detail["path"] else str(detail["message"])
        for detail in details[:3]
    )
    more = f" (and {len(details) - 3} more)" if len(details) > 3 else ""
    message = Message(
        "The request is not valid: {findings}.", "REQUEST_INVALID", findings=f"{told}{more}"
    )
    return InvalidArgument(message, details)


def _message(item: ErrorDetails) -> Message:
    """Return the words of one finding; its reason is pydantic's type of it."""
    context = item.get("ctx", {})
    error = context.get("error")
    if isinstance(error, ValueError) and error.args and isinstance(error.args[0], Message):
        return error.args[0]
    match item["type"]:  # what a form's user can do wrong, in words that have translations
        case "missing":
            return Message("Field required", "MISSING")
        case "greater_than":
            return Message("Input should be greater than {gt}", "GREATER_THAN", gt=context["gt"])
        case "greater_than_equal":
            return Message(
                "Input should be greater than or equal to {ge}",
                "GREATER_THAN_EQUAL",
                ge=context["ge"],
            )
        case "less_than":
            return Message("Input should be less than {lt}", "LESS_THAN", lt=context["lt"])
        case "less_than_equal":
            return Message(
                "Input should be less than or equal to {le}", "LESS_THAN_EQUAL", le=context["le"]
            )
        case "string_too_long":
            return Message(
                "String should have at most {max_length} characters",
                "STRING_TOO_LONG",
                max_length=context["max_length"],
            )
        case "string_pattern_mismatch":
            return Message(
                "String should match pattern '{pattern}'",
                "STRING_PATTERN_MISMATCH",
                pattern=context["pattern"],
            )
        case "int_from_float":
            return Message(
                "Input should be a valid integer, got a number with a fractional part",
                "INT_FROM_FLOAT",
            )
    metadata = {
        name: value for name, value in context.items() if isinstance(value, (str, int, float))
    }
    return Message(item["msg"].removeprefix("Value error, "), item["type"].upper(), **metadata)


def _from_tornado(error: HTTPError) -> Rendered:
    status = error.status_code
    message = error.log_message or error.reason or HTTPStatus(status).phrase
    if error.log_message and error.args:
        message = error.log_message % error.args
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    info = Message(message, _status_name(status)).info()
    body = {"code": _CODES.get(status, 13), "message": message, "details": [], **info}
    return status, body, headers


def _status_name(status: int) -> str:
    return HTTPStatus(status).name if status in set(HTTPStatus) else f"HTTP_{status}"
