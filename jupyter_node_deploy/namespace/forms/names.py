"""What a JSON value is, in JSON's words."""

from __future__ import annotations

from typing import Any

_NAMES: tuple[tuple[type, str], ...] = (
    (bool, "a boolean"),
    (int, "an integer"),
    (float, "a number"),
    (str, "a string"),
    (list, "an array"),
    (dict, "an object"),
    (type(None), "null"),
)


def name_of(value: Any) -> str:
    """Return what a JSON value is, in JSON's words."""
    return next((name for kind, name in _NAMES if isinstance(value, kind)), type(value).__name__)
