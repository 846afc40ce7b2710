"""What there is, and what is gone, of the runs of a notebook's cell."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, false, or_, select

from .checkpoints import SUMMARY
from .tables import checkpoints, tombstones

Row = dict[str, Any]

#: A cell that was run more often has had its newest runs here, and it is those that count.
_MOST = 200


def of_cell(
    conn: Connection,
    *,
    kernel_id: str | None,
    notebook: str | None,
    cell_id: str | None,
    code_hash: str,
) -> tuple[list[Row], list[Row]]:
    """Return checkpoints and tombstones of a kernel's or a notebook's, newest first.

    They are of the cell, or of its code in whatever cell.
    """

    def found(table: Table, *columns: Any) -> list[Row]:
        here = [table.c.kernel_id == kernel_id] if kernel_id else []
        here += [table.c.notebook == notebook] if notebook else []
        same = [table.c.code_hash == code_hash]
        same += [table.c.cell_id == cell_id] if cell_id else []
        where = or_(false(), *here), or_(*same)
        query = select(*columns).where(*where).order_by(table.c.created_at.desc()).limit(_MOST)
        return [dict(row) for row in conn.execute(query).mappings()]

    # What a Rollback leaves has the cell's name, but is no run of it.
    live = found(checkpoints, *SUMMARY, checkpoints.c.code_hash, checkpoints.c.msg_id)
    live = [row for row in live if row["operation"] != "Rollback"]
    return live, found(tombstones, tombstones)
