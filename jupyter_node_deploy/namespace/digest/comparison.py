"""Compares two digests: what is otherwise is named by its path, with both values in words."""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field

from ..difference import Difference
from .group import Digest
from .tree import Part

#: Differences that are told of one variable; more would say no more.
_MOST = 3
#: Labels of what a library keeps for itself in its objects.
_OWN_AFFAIR = ("._", "(arguments)", "(state)")
#: Types of which a library keeps for itself what is another in each process; "" is a reference.
_PASSING = frozenset({"", "NoneType", "bytes", "int"})
#: In a text that has an address in it.
_NUMBER = re.compile(r"0x[0-9a-f]+|\d+")


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


def _compare(
    path: str, one: Part, other: Part, told: list[Difference], *, private: bool = False
) -> bool:
    """Add what is otherwise; tell whether anything is, told or not.

    Args:
        private: whether it is a library's own affair. What it keeps for itself are counters,
            registries and things made when they are first needed, too: only other types and
            other data are told, not what is dropped or made meanwhile, nor in which order.
    """
    if one.hash == other.hash or not one.hash or not other.hash:
        return False
    if len(told) >= _MOST or _is_same_way(one, other) or (private and _passes(one, other)):
        return True
    if one.what != other.what:
        told.append(_difference(path, one, other, typed=True))
        return True
    if one.inside is None or other.inside is None:
        if not private or (not one.skipped and "." in one.what and one.text != other.text):
            told.append(_difference(path, one, other))
        return True
    found = False
    for label in [*one.inside, *(label for label in other.inside if label not in one.inside)]:
        before, after = one.inside.get(label), other.inside.get(label)
        hidden = private or (label.startswith(_OWN_AFFAIR) and _is_of_library(one))
        if before is not None and after is not None:
            place = path if label.startswith("~") else path + label
            found |= _compare(place, before, after, told, private=hidden)
            continue
        found = True
        if not hidden and len(told) < _MOST:
            told.append(_difference(path + label.lstrip("~"), before, after))
    if not found and (not private or one.text != other.text):
        moved = list(one.inside) != list(other.inside)
        told.append(_difference(path, one, other, moved=moved))
    return True


def _is_of_library(part: Part) -> bool:
    top, dot, _ = part.what.partition(".")
    return bool(dot) and top not in sys.stdlib_module_names


def _is_same_way(one: Part, other: Part) -> bool:
    """Tell whether two references go the same way, where a library has numbered something anew."""
    both = one.what == other.what == "" and "._" in one.text
    return both and _NUMBER.sub("", one.text) == _NUMBER.sub("", other.text)


def _passes(one: Part, other: Part) -> bool:
    """Tell whether it is normal that a library keeps one for itself here, and the other there."""
    if one.what == other.what == "str":
        return _NUMBER.sub("", one.text) == _NUMBER.sub("", other.text)
    return not _PASSING.isdisjoint((one.what, other.what))


def _difference(
    path: str,
    one: Part | None,
    other: Part | None,
    *,
    typed: bool = False,
    moved: bool = False,
) -> Difference:
    before, after = (one.words if one else None), (other.words if other else None)
    if one and other and (typed or before == after):
        before, after = _typed(one), _typed(other)
    if one and other and before == after:
        after = "the same in another order" if moved else "another value"
    return Difference(kind="value", subject=path, before=before, after=after)


def _typed(part: Part) -> str:
    return f"{part.text} ({part.what})" if part.text and part.what else part.words
