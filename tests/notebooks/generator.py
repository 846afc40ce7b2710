"""Puts notebooks together, the same ones for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from .fragment import Fragment
from .notebook import Notebook

#: The notebook's inputs: literals, of which a request sends another one.
INPUTS = {
    "number": ["3", "5", "2", "7"],
    "numbers": ["[1.0, 2.5, 4.0]", "[0.5, 3.0, 3.5, 9.0]", "[2.0, -1.0]"],
    "text": ['"red green blue"', '"a longer line of plain words"', '"Grüße, 世界"'],
    "rows": [
        '[{"a": 1.0, "b": 2.0}, {"a": 3.0, "b": 5.0}]',
        '[{"a": 0.0, "b": 10.0}, {"a": 4.0, "b": 20.0}, {"a": 6.5, "b": -1.0}]',
        '[{"a": 2.5, "b": 1.5}]',
    ],
    "record": ['{"name": "anna", "age": 31}', '{"name": "bob", "age": 4}'],
}
#: What takes a second or more to import: three times for each notebook.
_HEAVY = {
    "sklearn",
    "torch",
    "xgboost",
    "lightgbm",
    "spacy",
    "statsmodels",
    "catboost",
    "numba",
} | {
    "onnxruntime",
    "seaborn",
}
#: What a notebook with such packages may have of them, and the share of these notebooks.
_PALETTES: list[set[str]] = [
    {"sklearn"},
    {"sklearn"},
    {"torch"},
    {"xgboost", "sklearn"},
    {"lightgbm", "sklearn"},
    {"spacy"},
    {"catboost", "numba", "onnxruntime", "seaborn", "sklearn", "statsmodels"},
]
_SHARE = 0.15


class Generator:
    """Draws notebooks.

    Args:
        pool: the fragments to draw from.
        seed: of the run.
    """

    def __init__(self, pool: Sequence[Fragment], seed: int) -> None:
        self.pool = pool
        self.seed = seed

    def notebook(self, number: int) -> Notebook:
        """Return the run's notebook of that number."""
        chance = random.Random(f"{self.seed}/{number}")
        drawn = self._parts(chance)
        return compose(f"n{self.seed}-{number}", drawn, chance)

    def _parts(self, chance: random.Random) -> list[Fragment]:
        heavy = chance.choice(_PALETTES) if chance.random() < _SHARE else set()
        able = [one for one in self.pool if one.packages & _HEAVY <= heavy]
        able = able or list(self.pool)
        due = [one for one in able if one.packages & heavy]
        # A kind first, then one of it: that it has many fragments makes it little more likely.
        kinds = sorted({one.kind for one in able})
        weights = [min(sum(one.kind == kind for one in able), 10) for kind in kinds]
        count = chance.choice([2, 2, 3, 3, 3, 4])
        parts = [chance.choice(due)] if due else []
        while len(parts) < min(count, len(able)):
            kind = chance.choices(kinds, weights)[0]
            left = [one for one in able if one.kind == kind and one not in parts]
            if left:
                parts.append(chance.choice(left))
        chance.shuffle(parts)
        return parts


def compose(name: str, drawn: Sequence[Fragment], chance: random.Random) -> Notebook:
    """Return a notebook of these fragments: set-up, a cell with the inputs, the service."""
    parts = [one.numbered(number) for number, one in enumerate(drawn, 1)]
    setup = [_joined(list(one.cells[:-1]), chance) for one in parts]
    service = "\n".join(one.cells[-1] for one in parts)
    given, other = _inputs(parts, service, chance)
    cells = [cell for one in setup for cell in one]
    return Notebook(name, (*cells, *([given] if given else []), service), given, other, (*parts,))


def _joined(cells: list[str], chance: random.Random) -> list[str]:
    """Leave cells as they are or run two in one: what is done in one cell is often lost."""
    found: list[str] = []
    for cell in cells:
        magic = cell.startswith("%%") or bool(found and found[-1].startswith("%%"))
        if found and not magic and chance.random() < 0.35:
            found[-1] += "\n" + cell
        else:
            found.append(cell)
    return found


def _inputs(parts: Sequence[Fragment], service: str, chance: random.Random) -> tuple[str, str]:
    given, other = [], []
    for name, values in INPUTS.items():
        if re.search(rf"\b{name}\b", service):
            one, two = chance.sample(values, 2)
            given.append(f"{name} = {one}")
            other.append(f"{name} = {two}")
    given += [one.given for one in parts if one.given]
    other += [one.other or one.given for one in parts if one.given]
    return "\n".join(given), "\n".join(other)
