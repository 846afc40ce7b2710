"""The notebook file and the cell in it that is meant."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .failure import Failure


@dataclass(frozen=True)
class CodeCell:
    """A code cell.

    Attributes:
        id: its id in the notebook.
        execution_count: the number beside it.
        may_raise: an error in it does not stop the run (tag ``raises-exception``).
    """

    id: str
    source: str
    may_raise: bool
    execution_count: int | None = None


@dataclass(frozen=True)
class Notebook:
    """A notebook's code.

    Attributes:
        kernel: name of its kernelspec, None where it has none.
        cells: code cells in order, without those tagged ``skip-execution``.
    """

    path: Path
    kernel: str | None
    cells: list[CodeCell]

    def upto(self, wanted: str) -> list[CodeCell]:
        """Return the code cells up to the one that is meant, which is the last.

        Args:
            wanted: a cell's id, or its number counted from 1 over the code cells.
        """
        ids = [cell.id for cell in self.cells]
        if wanted.isdigit() and 1 <= int(wanted) <= len(ids):
            return self.cells[: int(wanted)]
        if wanted in ids:
            return self.cells[: ids.index(wanted) + 1]
        raise Failure(
            f"{self.path} has no code cell {wanted!r}: it has {len(ids)}, counted from 1; "
            f"their ids are {', '.join(ids) or 'none'}."
        )


def read(path: Path) -> Notebook:
    """Read a notebook of any format version.

    Raises:
        Failure: there is no such file, or it is not a notebook.
    """
    import nbformat  # takes a second, which other commands need not wait

    try:
        content = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except OSError as error:
        raise Failure(f"Can't read {path}: {error.strerror}.") from error
    except Exception as error:  # nbformat has no common base of its errors
        raise Failure(f"{path} is not a notebook: {error}") from error
    cells = []
    for index, cell in enumerate(content.cells):
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code" and "skip-execution" not in tags:
            # Notebooks older than format 4.5 have no ids.
            name = cell.get("id") or f"cell-{index}"
            count = cell.get("execution_count")
            cells.append(CodeCell(name, cell.source, "raises-exception" in tags, count))
    named = content.metadata.get("kernelspec")
    kernel = named.get("name") if isinstance(named, dict) else None
    return Notebook(path, str(kernel) if kernel else None, cells)
