"""Which checkpoints are kept, and which make room for newer ones.

Pinned ones stay, and so do the newest of all and of each kernel that runs: none of these takes away
what another has just made. Of the others the newest stay, as many as are to
be kept, and the newest of each cell of open notebooks beyond that number. All of them together may
take no more than a number of bytes beside what those that stay take anyway; whatever they share is
counted once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, exists, false, func, or_, select

from . import blobs
from .checkpoints import NEWEST_FIRST, SUMMARY, forget
from .tables import checkpoints

Row = dict[str, Any]

_CONTENT = func.length(checkpoints.c.manifest) + func.length(checkpoints.c.outputs)
_ROW = [*SUMMARY, checkpoints.c.blobs, checkpoints.c.code_hash, _CONTENT.label("content")]
_UNPINNED = checkpoints.c.name.is_(None)


@dataclass(frozen=True)
class Retention:
    """How much is kept of what is not pinned.

    Attributes:
        number: checkpoints.
        budget: bytes.
    """

    number: int
    budget: int


@dataclass(frozen=True)
class Open:
    """What is open: kernels that run, by id, and the notebooks that they run for."""

    kernels: frozenset[str] = field(default_factory=frozenset)
    notebooks: frozenset[str] = field(default_factory=frozenset)


def rotate(conn: Connection, retention: Retention, opened: Open) -> list[Row]:
    """Delete the checkpoints that are not to be kept and return what they were."""
    newest = _newest(conn, opened)
    gone = list(_surplus(conn, retention.number, opened, newest))
    for row in gone:
        forget(conn, row, "number")
    if _taken(conn) > retention.budget:
        gone += _over_budget(conn, retention.budget, opened, newest)
    return gone


def kept(conn: Connection) -> tuple[int, int, int]:
    """Return the number of checkpoints, of those that are pinned, and the bytes of all."""
    count, pinned = conn.execute(
        select(func.count(), func.count(checkpoints.c.name)).select_from(checkpoints)
    ).one()
    return count, pinned, _taken(conn)


def _newest(conn: Connection, opened: Open) -> set[str]:
    """Return the newest checkpoint of all, and that of each kernel that runs."""
    query = select(checkpoints.c.id).order_by(*NEWEST_FIRST).limit(1)
    kernels = [query.where(checkpoints.c.kernel_id == one) for one in opened.kernels]
    return {id_ for one in (query, *kernels) if (id_ := conn.scalar(one)) is not None}


def _surplus(conn: Connection, number: int, opened: Open, newest: set[str]) -> list[Row]:
    count = conn.scalar(select(func.count()).select_from(checkpoints).where(_UNPINNED))
    if count is None or count <= number:
        return []
    older = select(checkpoints.c.id).where(_UNPINNED).order_by(*NEWEST_FIRST).offset(number)
    found = _rows(conn, checkpoints.c.id.in_(older), ~_protected(opened))
    return [row for row in found if row["id"] not in newest]


def _over_budget(conn: Connection, budget: int, opened: Open, newest: set[str]) -> Iterator[Row]:
    """Delete the oldest until the others fit, those of open notebooks' cells after all others."""
    stay = or_(checkpoints.c.name.is_not(None), checkpoints.c.id.in_(newest))
    fixed = conn.execute(select(checkpoints.c.blobs, _CONTENT).where(stay)).all()
    total = blobs.taken(conn, but=[packed for packed, _ in fixed])
    total += _contents(conn) - sum(size for _, size in fixed)
    if total <= budget:
        return
    last = case((_protected(opened), 1), else_=0)
    others = select(checkpoints.c.id).where(_UNPINNED, checkpoints.c.id.not_in(newest))
    for id_ in conn.scalars(others.order_by(last, checkpoints.c.created_at)).all():
        (row,) = _rows(conn, checkpoints.c.id == id_)
        total -= forget(conn, row, "budget") + row["content"]
        yield row
        if total <= budget:
            return


def _protected(opened: Open) -> ColumnElement[bool]:
    """Whether a checkpoint is the newest of a cell of an open notebook."""
    one, newer = checkpoints.c, checkpoints.alias("newer").c
    runs = one.kernel_id.in_(opened.kernels)
    # What a Rollback leaves has the cell's name, but the state of another checkpoint.
    superseded = exists().where(
        newer.cell_id == one.cell_id,
        newer.created_at > one.created_at,
        newer.operation != "Rollback",
        newer.notebook.is_not_distinct_from(one.notebook),
        # What ran beside an open notebook does not take the place of what that shows.
        or_(newer.kernel_id == one.kernel_id, ~runs),
    )
    return and_(
        or_(runs, func.coalesce(one.notebook.in_(opened.notebooks), false())),
        one.cell_id.is_not(None),
        one.operation != "Rollback",
        ~superseded,
    )


def _rows(conn: Connection, *where: ColumnElement[bool]) -> list[Row]:
    found = conn.execute(select(*_ROW).where(*where).order_by(*NEWEST_FIRST))
    return [dict(row) for row in found.mappings()]


def _taken(conn: Connection) -> int:
    return blobs.taken(conn) + _contents(conn)


def _contents(conn: Connection) -> int:
    """Return the bytes of all manifests and outputs."""
    return int(conn.scalar(select(func.coalesce(func.sum(_CONTENT), 0))) or 0)
