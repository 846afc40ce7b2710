"""Which checkpoint is of the run that a notebook's cell shows.

Copies of a notebook have the same cell ids, ids change where the file has none, and code is edited:
so a run is known by its kernel or notebook, by its cell or else its code, and by its request, or
else the number beside the cell. What does not fit is of another run, and none is better than that
of another.
"""

from __future__ import annotations

from sqlalchemy import Connection

from ..catalog import runs
from ..catalog.runs import Row
from .models import CellRef, FoundCheckpoint, Gone
from .rows import code_hash, to_summary


def find(conn: Connection, cell: CellRef) -> FoundCheckpoint:
    """Return the checkpoint of the run that a cell shows."""
    code = code_hash(cell.code)
    live, gone = runs.of_cell(
        conn,
        kernel_id=cell.kernel_id,
        notebook=cell.notebook,
        cell_id=cell.cell_id,
        code_hash=code,
    )
    known: dict[tuple[str, int | None, str], float] = {}
    for row in live:
        known[_run(row)] = max(known.get(_run(row), 0.0), row["created_at"])
    # One that is newer may be of a run after a restart, when the same number came again.
    gone = [row for row in gone if known.get(_run(row), 0.0) < row["created_at"]]
    gone = [row for row in gone if _matters(row, cell)]
    fitting = [row for row in _of_cell([*live, *gone], cell) if _shown(row, cell)]
    # A run in the kernel at hand is later than any other, whenever that was.
    fitting.sort(key=lambda row: (row["kernel_id"] == cell.kernel_id, row["created_at"]))
    if not fitting:
        return FoundCheckpoint()
    found = fitting[-1]
    changed = found["code_hash"] != code
    if "gone_at" in found:
        return FoundCheckpoint(changed=changed, gone=Gone.model_validate(found))
    return FoundCheckpoint(checkpoint=to_summary(found), changed=changed)


def _of_cell(rows: list[Row], cell: CellRef) -> list[Row]:
    """Leave the rows of a cell; where there are none, those of its code and of no other cell."""
    own = [row for row in rows if cell.cell_id and row["cell_id"] == cell.cell_id]
    if own:
        return own
    others = {*cell.other_cells}
    code = code_hash(cell.code)
    return [
        row
        for row in rows
        if row["code_hash"] == code
        and row["cell_id"] not in others
        and (not cell.repeated or _counted(row, cell))
    ]


def _shown(row: Row, cell: CellRef) -> bool:
    """Tell whether a row can be of the run that a cell shows."""
    if cell.msg_id is not None and row.get("msg_id") is not None:
        return bool(row["msg_id"] == cell.msg_id)
    if None not in (cell.execution_count, row["execution_count"]):
        return _counted(row, cell)
    # Notebooks may share a kernel; then the number has to tell them apart.
    return cell.notebook is None or row["notebook"] in (None, cell.notebook)


def _matters(gone: Row, cell: CellRef) -> bool:
    """Tell whether a cell can show a run that is gone: one without a number has this kernel's."""
    return cell.execution_count is not None or gone["kernel_id"] == cell.kernel_id


def _counted(row: Row, cell: CellRef) -> bool:
    return cell.execution_count is not None and row["execution_count"] == cell.execution_count


def _run(row: Row) -> tuple[str, int | None, str]:
    return row["kernel_id"], row["execution_count"], row["code_hash"]
