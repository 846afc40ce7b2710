"""Where two answers differ."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

Path = tuple[str | int, ...]
_NEAR = 1e-6


class Difference(NamedTuple):
    """A place in an answer, the value that is right there, and the one that came."""

    place: Path
    expected: Any
    got: Any


def differences(expected: Any, got: Any, place: Path = ()) -> Iterator[Difference]:
    """Yield the places where two JSON values differ; numbers that are close are alike."""
    if isinstance(expected, dict) and isinstance(got, dict) and expected.keys() == got.keys():
        for key, value in expected.items():
            yield from differences(value, got[key], (*place, key))
    elif isinstance(expected, list) and isinstance(got, list) and len(expected) == len(got):
        for index, (one, other) in enumerate(zip(expected, got, strict=True)):
            yield from differences(one, other, (*place, index))
    elif not _alike(expected, got):
        yield Difference(place, expected, got)


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if isinstance(one, (int, float)) and isinstance(other, (int, float)):
        return math.isclose(one, other, rel_tol=_NEAR, abs_tol=_NEAR)
    return one == other


def within(place: Path, places: Iterable[Path]) -> bool:
    """Return whether a place is one of these, holds one, or lies in one."""
    return any(place[: len(one)] == one[: len(place)] for one in places)


def lacking(expected: Any, got: Any) -> list[str]:
    """Return what of an answer's content is not in the other, whatever the form of both."""
    missing = Counter(_contents(expected, keys=False)) - Counter(_contents(got, keys=True))
    return sorted(missing)


def _contents(value: Any, *, keys: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            if keys:
                yield str(key)
            yield from _contents(item, keys=keys)
    elif isinstance(value, list):
        for item in value:
            yield from _contents(item, keys=keys)
    elif isinstance(value, float):
        yield f"{value:.6g}"
    elif value is not None:
        yield str(value)
