"""Why a command failed."""

from __future__ import annotations

from typing import Any


class Failure(Exception):
    """Ends the command; the message goes to stderr, with ``--json`` as the documented error body.

    Attributes:
        status: HTTP status of the server's answer, 0 when it is not from one.
        code: gRPC code.
        reason: the server's reason, for programs.
        traceback: lines of a cell's traceback, to be shown below the message.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: int = 2,
        details: list[dict[str, Any]] | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.reason = reason
        self.details = details or []

    @property
    def traceback(self) -> list[str]:
        """The traceback of the cell, if there is one."""
        return [line for detail in self.details for line in detail.get("traceback") or []]

    def body(self) -> dict[str, Any]:
        """The failure as the API would tell it."""
        return {"code": self.code, "message": self.message, "details": self.details}
