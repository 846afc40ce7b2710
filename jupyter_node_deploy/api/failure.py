"""Every failure becomes the one documented body: ``{"code", "message", "details"}``."""

from __future__ import annotations

import logging
from http import HTTPStatus

from pydantic import ValidationError
from tornado.web import HTTPError

from ..errors import InvalidArgument, NodeDeployError
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
    message = (
        f"Something unforeseen went wrong (incident {incident}). "
        "The log of the Jupyter server has the details."
    )
    return 500, {"code": 13, "message": message, "details": [{"incident": incident}]}, {}


def invalid(error: ValidationError) -> InvalidArgument:
    """Turn pydantic's errors into ours: the path and the message of each offending field."""
    details = [
        {
            "path": ".".join(str(part) for part in item["loc"]),
            "message": item["msg"].removeprefix("Value error, "),
        }
        for item in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    told = "; ".join(
        f"{detail['path']}: {detail['message']}" if detail["path"] else str(detail["message"])
        for detail in details[:3]
    )
    more = f" (and {len(details) - 3} more)" if len(details) > 3 else ""
    return InvalidArgument(f"The request is not valid: {told}{more}.", details)


def _from_tornado(error: HTTPError) -> Rendered:
    status = error.status_code
    message = error.log_message or error.reason or HTTPStatus(status).phrase
    if error.log_message and error.args:
        message = error.log_message % error.args
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else {}
    return status, {"code": _CODES.get(status, 13), "message": message, "details": []}, headers
