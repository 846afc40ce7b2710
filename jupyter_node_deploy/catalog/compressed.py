"""A column of large JSON, compressed: what saved variables are called is said again in each row."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from typing import Any

from sqlalchemy import LargeBinary
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

#: The fastest: hashes, which are most of what is left, do not get smaller at a higher one.
_LEVEL = 1


class CompressedJson(TypeDecorator[Any]):
    """JSON, as zlib has it. A text is read as it is: dumps hold it so, for people to read."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes:
        """Return what is stored."""
        return compressed(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        """Return what was stored."""
        return json.loads(value if isinstance(value, str) else zlib.decompress(value))

    def result_processor(self, dialect: Dialect, coltype: object) -> Callable[[Any], Any] | None:
        """Return what reads a value of this column; the driver's own reader takes no text."""
        return lambda value: self.process_result_value(value, dialect)


def compressed(value: Any) -> bytes:
    """Return a value as the column stores it."""
    return zlib.compress(json.dumps(value, separators=(",", ":")).encode(), _LEVEL)
