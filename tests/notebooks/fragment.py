"""Fragments: small pieces of real notebooks, of which generated ones are put together.

A file ``fragments/KIND.cells`` holds those of a kind. Each begins with ``#### NAME``; its cells
stand between lines ``---``, and the last one looks at the state and leaves what it saw, as plain
JSON, in ``result_N``. Names end in ``_N`` (a file's before its dot): ``N`` becomes another number
for each fragment of a notebook. ``number``, ``numbers``, ``text``, ``rows`` and ``record`` are the
notebook's inputs. Lines between name and code, each ``## KEY: VALUE``:

- ``words``: what a warning or a refusal that names the thing says, beside the names with ``_N``;
  commas between them
- ``refused``: a pattern of the reasons for which it may be refused (not when it just works)
- ``given``, ``other``: an input of its own as literals, and another one
- ``form``: what its author changes in the suggested cell, as JSON
- ``output``: the result is a value as it is, not plain JSON
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
import sys
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).parent / "fragments"
_IMPORT = re.compile(r"^\s*(?:import|from)\s+[\w.]+.*$", re.MULTILINE)
_NUMBERED = re.compile(r"_N(?![A-Za-z0-9_])")


@dataclass(frozen=True)
class Fragment:
    """One piece.

    Attributes:
        name: with its kind before it, which is its file's name.
        cells: with ``_N`` for the number; the last one is a part of the service cell.
        words: of which one stands in a warning or refusal that names the thing.
        refused: pattern of the true reasons for a refusal; empty where it must work.
        given: literals of its own input; ``other``: another value of the same.
        form: what of the suggested cell is changed.
        output: the result is no plain JSON, so its form is the product's choice.
    """

    name: str
    kind: str
    cells: tuple[str, ...]
    words: tuple[str, ...] = ()
    refused: str = ""
    given: str = ""
    other: str = ""
    form: dict[str, Any] = field(default_factory=dict)
    output: bool = False

    @property
    def packages(self) -> set[str]:
        """What it imports from the environment."""
        lines = _IMPORT.findall("\n".join([*self.cells, self.given]))
        found = (
            re.findall(r"^\s*(?:import|from)\s+(.*?)(?:\s+import\s.*)?$", one) for one in lines
        )
        roots = {part.split()[0].partition(".")[0] for one in found for part in one[0].split(",")}
        mine = {root for root in roots if _NUMBERED.search(root)}
        return roots - mine - set(sys.stdlib_module_names)

    @property
    def missing(self) -> list[str]:
        """Which of them are not installed."""
        return sorted(name for name in self.packages if not _installed(name))

    def numbered(self, number: int) -> Fragment:
        """Return it with its names made those of a place in a notebook."""

        def put(text: str) -> str:
            return _NUMBERED.sub(f"_{number}", text)

        return Fragment(
            self.name,
            self.kind,
            tuple(map(put, self.cells)),
            tuple(map(put, self.words)),
            self.refused,
            put(self.given),
            put(self.other),
            self.form,
            self.output,
        )


@cache
def _installed(name: str) -> bool:
    return importlib.util.find_spec(name) is not None


@cache
def fragments() -> tuple[Fragment, ...]:
    """Return all there are."""
    found = [one for path in sorted(_FOLDER.glob("*.cells")) for one in read(path)]
    names = [one.name for one in found]
    assert len(names) == len(set(names)), "two fragments of one name"
    return tuple(found)


def right() -> set[str]:
    """Return the names of those whose nodes were right in the last long run."""
    return {*Path(__file__).with_name("right.txt").read_text(encoding="utf-8").splitlines()}


def read(path: Path) -> list[Fragment]:
    """Return the fragments of a file."""
    _, *parts = re.split(r"^#### ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [_fragment(path.stem, part) for part in parts]


def _fragment(kind: str, text: str) -> Fragment:
    name, _, rest = text.partition("\n")
    lines = rest.split("\n")
    about: dict[str, str] = {}
    while lines and lines[0].startswith("## "):
        key, _, value = lines.pop(0)[3:].partition(":")
        about[key] = value.strip()
    cells = tuple(
        cell.strip("\n") for cell in re.split(r"^---$", "\n".join(lines), flags=re.MULTILINE)
    )
    if not re.search(r"^\s*result_N = ", cells[-1], re.MULTILINE):
        raise ValueError(f"{kind}: {name}: the last cell sets no result_N")
    return Fragment(
        f"{kind}: {name.strip()}",
        kind,
        cells,
        words=tuple(word.strip() for word in about.pop("words", "").split(",") if word.strip()),
        refused=about.pop("refused", ""),
        given=_literals(about.pop("given", "")),
        other=_literals(about.pop("other", "")),
        form=json.loads(about.pop("form", "{}")),
        output=about.pop("output", "no") == "yes",
        **about,  # what is left is a mistake
    )


def _literals(text: str) -> str:
    ast.parse(text)
    return text
