"""A notebook whose last cell becomes a service."""

from __future__ import annotations

import ast
import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbformat.v4 import new_code_cell, new_notebook

from .fragment import Fragment

_KERNEL = {"name": "python3", "display_name": "Python 3", "language": "python"}


@dataclass(frozen=True)
class Notebook:
    """Cells, and what is asked of the node that the last one becomes.

    Attributes:
        name: unique in a run, and the name of its folder.
        cells: of which the last is the service.
        given: source of the cell with the inputs' literals; ``other``: of another input. Both are
            empty where the inputs are not known.
        parts: the fragments that it was made of, by their number; a service cell leaves
            ``result_1`` for the first.
        folder: where its files lie already; it is run in a copy.
    """

    name: str
    cells: tuple[str, ...]
    given: str = ""
    other: str = ""
    parts: tuple[Fragment, ...] = ()
    folder: Path | None = None

    @property
    def inputs(self) -> list[str]:
        """Names of the inputs."""
        return assigned(self.given)

    @property
    def names(self) -> list[str]:
        """Names of the outputs that are looked at."""
        known = [f"result_{number}" for number, _ in enumerate(self.parts, 1)]
        return known or assigned(self.cells[-1])

    def write(self, path: Path) -> None:
        """Write it as a file."""
        cells = [new_code_cell(cell, id=f"cell-{n}") for n, cell in enumerate(self.cells)]
        content = new_notebook(cells=cells, metadata={"kernelspec": _KERNEL})
        nbformat.write(content, path)

    def as_json(self) -> dict[str, Any]:
        """Return what a report tells of it."""
        shown = dataclasses.asdict(self)
        shown["parts"] = [part.name for part in self.parts]
        shown["folder"] = str(self.folder or "")
        return shown


def assigned(source: str) -> list[str]:
    """Return the names that a cell's own statements assign, in order."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # magics
        return []
    targets = [t for one in tree.body if isinstance(one, ast.Assign) for t in one.targets]
    names = [node.id for t in targets for node in ast.walk(t) if isinstance(node, ast.Name)]
    return list(dict.fromkeys(names))


def read(path: Path, every: bool) -> Iterator[Notebook]:
    """Return the services that a file's cells may become: those that assign something.

    Args:
        every: all of them, not only the last.
    """
    content: Any = nbformat.read(path, as_version=4)
    code = [cell for cell in content.cells if cell.cell_type == "code" and cell.source.strip()]
    skipped = {"skip-execution", "raises-exception"}
    cells = [cell.source for cell in code if not skipped & {*cell.metadata.get("tags", [])}]
    able = [number for number, cell in enumerate(cells) if assigned(cell)]
    for number in able if every else able[-1:]:
        name = f"{path.stem}-{number + 1}"
        yield Notebook(name, tuple(cells[: number + 1]), folder=path.parent)
