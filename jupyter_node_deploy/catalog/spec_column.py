"""The column of what a revision runs: JSON in the database, a model outside."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import ValidationError
from sqlalchemy import JSON
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from ..specs import RevisionSpec


class SpecJson(TypeDecorator[RevisionSpec | str]):
    """A ``RevisionSpec``; what does not hold one comes back as words that say why.

    All nodes are read at once: one that is damaged must not take the others with it.
    """

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: RevisionSpec | str | None, dialect: Dialect) -> Any:
        """Return what is stored."""
        assert isinstance(value, RevisionSpec)
        return value.model_dump(mode="json", by_alias=True)

    def process_result_value(self, value: Any, dialect: Dialect) -> RevisionSpec:
        """Return what was stored."""
        return RevisionSpec.model_validate(value)

    def result_processor(
        self, dialect: Dialect, coltype: object
    ) -> Callable[[Any], RevisionSpec | str | None] | None:
        """Return what reads a value of this column."""
        read = super().result_processor(dialect, coltype)
        assert read is not None

        def guarded(value: Any) -> RevisionSpec | str | None:
            try:
                return read(value)
            except ValidationError as error:
                first = error.errors()[0]
                return ": ".join(filter(None, (".".join(map(str, first["loc"])), first["msg"])))
            except ValueError as error:
                return f"no JSON: {error}"

        return guarded
