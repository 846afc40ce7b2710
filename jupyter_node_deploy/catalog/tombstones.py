"""Checkpoints that are gone: which run each was of, and why it went."""

from __future__ import annotations

import time
from typing import Any, Literal

from sqlalchemy import Connection, delete, insert, select

from .tables import tombstones

Row = dict[str, Any]
#: ``number`` and ``budget`` name the limit that it went for; ``deleted``: somebody wanted it.
Reason = Literal["number", "budget", "deleted"]

#: So many are remembered.
_MOST = 2000
_COPIED = [column.name for column in tombstones.c if column.name not in ("gone_at", "reason")]


def put(conn: Connection, checkpoint: Row, reason: Reason) -> None:
    """Remember a checkpoint that goes now; the oldest are forgotten."""
    row = {name: checkpoint[name] for name in _COPIED}
    conn.execute(delete(tombstones).where(tombstones.c.id == row["id"]))  # it came once more
    conn.execute(insert(tombstones), [row | {"gone_at": time.time(), "reason": reason}])
    oldest = conn.scalar(
        select(tombstones.c.gone_at).order_by(tombstones.c.gone_at.desc()).offset(_MOST).limit(1)
    )
    if oldest is not None:
        conn.execute(delete(tombstones).where(tombstones.c.gone_at <= oldest))


def newest(conn: Connection) -> Row | None:
    """Return the last that a limit took; None if none did."""
    found = conn.execute(
        select(tombstones)
        .where(tombstones.c.reason != "deleted")
        .order_by(tombstones.c.gone_at.desc())
        .limit(1)
    ).mappings()
    return next((dict(row) for row in found), None)
