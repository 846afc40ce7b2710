"""What the streams call for query plans of polars, when they are loaded.

Streams name these functions, so a name here is part of the saved format.
"""

from __future__ import annotations

from typing import Any

#: Python functions that plans call, by their tokens: a plan may ask for them when it runs.
held: dict[str, Any] = {}


def held_function(token: str) -> Any:
    """Return a function that a plan calls."""
    return held[token]


def fill_plan(plan: Any, state: tuple[Any, dict[str, Any]]) -> None:
    """Complete a plan.

    Args:
        state: what polars makes of it, and the functions that are only named there, by tokens.
    """
    told, functions = state
    held.update(functions)
    plan.__setstate__(told)
