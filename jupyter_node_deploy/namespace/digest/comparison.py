"""Compares two digests: what is otherwise is named by its path, with both values in words."""

from __future__ import annotations

from dataclasses import dataclass, field

from ..difference import Difference
from .group import Digest
from .tree import Part

#: Differences that are told of one variable; more would say no more.
_MOST = 3


@dataclass
class Comparison:
    """What came of comparing.

    Attributes:
        differences: what is otherwise, by path.
        partly: variables that were not looked at as a whole.
    """

    differences: list[Difference] = field(default_factory=list)
    partly: list[str] = field(default_factory=list)


def compare(before: Digest, after: Digest) -> Comparison:
    """Compare what a group was with what came back.

    Args:
        before: made in the kernel; its deepest parts may be left out.
        after: made of what was restored, as a whole.
    """
    found = Comparison()
    for name, one in before.variables.items():
        other = after.variables.get(name)
        if one.skipped:
            found.partly.append(name)
        if other is None:
            found.differences.append(_difference(name, one, None))
        else:
            told: list[Difference] = []
            _compare(name, one, other, told)
            found.differences += told
    return found


def _compare(path: str, one: Part, other: Part, told: list[Difference]) -> None:
    if one.hash == other.hash or not one.hash or not other.hash or len(told) >= _MOST:
        return
    if one.what != other.what:
        told.append(_difference(path, one, other, typed=True))
        return
    if one.inside is None or other.inside is None:
        told.append(_difference(path, one, other))
        return
    count = len(told)
    for label, part in one.inside.items():
        if len(told) >= _MOST:
            return
        place = path if label.startswith("~") else path + label
        if label not in other.inside:
            told.append(_difference(place, part, None))
        else:
            _compare(place, part, other.inside[label], told)
    for label, part in other.inside.items():
        if label not in one.inside and len(told) < _MOST:
            told.append(_difference(path + label, None, part))
    if len(told) == count:
        told.append(_difference(path, one, other))


def _difference(
    path: str, one: Part | None, other: Part | None, *, typed: bool = False
) -> Difference:
    before, after = (one.words if one else None), (other.words if other else None)
    if one and other and (typed or before == after):
        before, after = (f"{part.text} ({part.what})".strip() for part in (one, other))
    if one and other and before == after:
        before, after = f"{before}", "another value"
    return Difference(kind="value", subject=path, before=before, after=after)
