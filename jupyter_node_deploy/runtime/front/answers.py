"""Compares answers of runs that should be alike: what is another is told by its path."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any

#: Differences that are told; more would say no more.
_MOST = 3
#: Share by which numbers may differ: sums depend on how threads share the work.
_TOLERANCE = 1e-9
#: Characters of a value.
_LONGEST = 80
#: Differences that are looked for to know what is drawn at random.
_RANDOM = 10_000

Told = dict[str, Any]


class Drawn:
    """What differs between two runs with the same input: a clock, a draw, a counter.

    Args:
        one: the outputs of a run.
        other: those of another one like it.
    """

    def __init__(self, one: Any, other: Any) -> None:
        self._paths = [
            path for path, _, _ in _first(_differing(one, other, "", exact=True), _RANDOM)
        ]

    def __contains__(self, path: str) -> bool:
        return any(path.startswith(one) or one.startswith(path) for one in self._paths)


def differing(kind: str, before: Any, after: Any, drawn: Drawn | None = None) -> list[Told]:
    """Return what is otherwise in outputs that should be the same.

    Args:
        kind: of the differences, see ``namespace.difference``.
        before: what the outputs should be, by name; those that it has not are not looked at.
        after: what they are.
        drawn: what is another in each run.
    """
    found = [
        {"kind": kind, "subject": path, "before": one, "after": other}
        for name in before
        for path, one, other in _differing(before[name], after.get(name), name)
        if drawn is None or path not in drawn
    ]
    return found[:_MOST]


def as_answered(known: Any, answered: Any) -> Any:
    """Return a value of the notebook in the form of an answer.

    The manifest shows a table or a Series with labels as a request brings it, which is another
    form (see ``namespace.forms.example``); labels that an answer leaves out are not compared.
    """
    if type(known) is not dict or type(answered) is not list:
        return known
    if not {"index", "data"} <= known.keys() <= {"columns", "index", "data"}:
        return known
    rows, columns = known["data"], known.get("columns")
    if len(rows) != len(answered):
        return known
    if not all(type(one) is dict and one for one in answered):
        return rows if columns is None else known
    if columns is None:
        rows = [{[*one][-1]: value} for one, value in zip(answered, rows, strict=True)]
    else:
        rows = [dict(zip(columns, row, strict=True)) for row in rows]
    return [one | row for one, row in zip(answered, rows, strict=True)]


def _differing(
    one: Any, other: Any, path: str, *, exact: bool = False
) -> Iterator[tuple[str, str, str]]:
    if type(one) is dict and type(other) is dict:
        if one.keys() == other.keys():
            for key, value in one.items():
                yield from _differing(
                    value, other[key], f"{path}[{key!r}]" if path else key, exact=exact
                )
            return
    elif type(one) is list and type(other) is list:
        if len(one) == len(other):
            for number, value in enumerate(one):
                yield from _differing(value, other[number], f"{path}[{number}]", exact=exact)
            return
    elif _same(one, other, 0.0 if exact else _TOLERANCE):
        return
    yield path, _text(one), _text(other)


def _same(one: Any, other: Any, tolerance: float) -> bool:
    numbers = (int, float)
    if type(one) in numbers and type(other) in numbers:
        return one == other or math.isclose(one, other, rel_tol=tolerance)
    return type(one) is type(other) and bool(one == other)


def _text(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _first(found: Iterator[tuple[str, str, str]], count: int) -> list[tuple[str, str, str]]:
    return [one for one, _ in zip(found, range(count), strict=False)]
