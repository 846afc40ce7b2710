"""A column of words for people that keeps the reason of a ``Message``."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from ..errors import Message

# What a text is not: the words come first, so the column stays readable for whoever looks.
_SEPARATOR = "\x1f"


class MessageText(TypeDecorator[str]):
    """A text; one that is a ``Message`` comes back as one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what is stored."""
        if not isinstance(value, Message):
            return value
        return f"{value}{_SEPARATOR}{json.dumps(value.info())}"

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return what was stored."""
        text, separator, info = (value or "").partition(_SEPARATOR)
        return _read({"message": text, **json.loads(info)}) if separator else value


def _read(entry: dict[str, Any]) -> str:
    if "template" not in entry:  # written before messages had one
        return str(entry["message"])
    metadata = {
        name: _read(value) if isinstance(value, dict) and "reason" in value else value
        for name, value in entry["metadata"].items()
    }
    return Message(entry["template"], entry["reason"], **metadata)
