"""What is wrong with a value on its way to JSON and back."""

from __future__ import annotations


class _Fault(Exception):
    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.path = path


class NotJson(_Fault):
    """A value has no JSON form, or not the declared one; ``path`` is relative to the variable."""


class Mismatch(_Fault):
    """JSON is not of the declared type or not like the example; ``path`` as in ``NotJson``."""


class NoInput(Exception):
    """No request could bring such a value as it is; the message says what would be lost."""
