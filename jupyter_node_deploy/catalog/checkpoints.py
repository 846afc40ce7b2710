"""Queries about checkpoints. Rows are plain dicts by column name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, exists, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ..errors import AlreadyExists, FailedPrecondition, Message, NotFound
from . import blobs as contents
from . import tombstones
from .tables import checkpoints

Row = dict[str, Any]

# What lists need; a manifest can be megabytes.
SUMMARY = [
    column
    for column in checkpoints.c
    if column.name not in ("manifest", "outputs", "blobs", "code_hash", "msg_id")
]
NEWEST_FIRST = (checkpoints.c.created_at.desc(), checkpoints.c.id.desc())


def add(conn: Connection, row: Row, blobs: Mapping[str, int]) -> bool:
    """Insert a checkpoint and its references; a second time changes nothing.

    Args:
        conn: of a transaction that writes.
        row: all columns but ``blobs``.
        blobs: what it refers to, by hash, with the bytes of each.

    Returns:
        Whether it was new.
    """
    if conn.scalar(select(exists().where(checkpoints.c.id == row["id"]))):
        return False
    try:
        with conn.begin_nested():
            row = row | {"blobs": contents.refer(conn, blobs)}
            conn.execute(insert(checkpoints), [row])
    except IntegrityError:  # another server of a PostgreSQL was faster
        return False
    return True


def amend(conn: Connection, row: Row, blobs: Mapping[str, int]) -> Row | None:
    """Give a checkpoint that is there another manifest; its outputs and its name stay.

    Returns:
        The row as it is now, None if there is no such checkpoint.
    """
    which = checkpoints.c.id == row["id"]
    before = conn.scalar(select(checkpoints.c.blobs).where(which))
    if before is None:
        return None
    changed = {column: row[column] for column in ("manifest", "size")}
    changed["blobs"] = contents.refer(conn, blobs)
    conn.execute(update(checkpoints).where(which).values(changed))
    contents.release(conn, before)
    return get(conn, row["id"])


def get(conn: Connection, id_or_name: str) -> Row:
    """Return the whole row.

    Raises:
        NotFound: there is none with this id or pinned name.
    """
    found = conn.execute(
        select(checkpoints).where(checkpoints.c.id == resolve(conn, id_or_name))
    ).mappings()
    return dict(found.one())


def resolve(conn: Connection, id_or_name: str) -> str:
    """Return the id of the checkpoint with this id or, failing that, this pinned name.

    Raises:
        NotFound: there is none.
    """
    table = checkpoints.c
    rows = conn.scalars(
        select(table.id).where(or_(table.id == id_or_name, table.name == id_or_name))
    ).all()
    if not rows:
        raise NotFound(
            Message(
                "There is no checkpoint '{checkpoint}': it never existed, was deleted, or "
                "rotated out. Pin a checkpoint to keep it.",
                "CHECKPOINT_NOT_FOUND",
                checkpoint=id_or_name,
            )
        )
    return id_or_name if id_or_name in rows else str(rows[0])


def summaries(
    conn: Connection,
    *,
    notebook: str | None = None,
    cell_id: str | None = None,
    kernel_id: str | None = None,
    pinned: bool | None = None,
    before: float | None = None,
    limit: int = 100,
) -> list[Row]:
    """List checkpoints without manifests and outputs, newest first.

    ``before``: only those that are older than this time.
    """
    query = select(*SUMMARY).order_by(*NEWEST_FIRST).limit(limit)
    for column, wanted in (
        (checkpoints.c.notebook, notebook),
        (checkpoints.c.cell_id, cell_id),
        (checkpoints.c.kernel_id, kernel_id),
    ):
        if wanted is not None:
            query = query.where(column == wanted)
    if before is not None:
        query = query.where(checkpoints.c.created_at < before)
    if pinned is not None:
        name = checkpoints.c.name
        query = query.where(name.is_not(None) if pinned else name.is_(None))
    return [dict(row) for row in conn.execute(query).mappings()]


def told(conn: Connection) -> dict[str, Row]:
    """Return by id what events tell of each checkpoint; as ``CheckpointSummary`` has it."""
    pinned = checkpoints.c.name.is_not(None).label("pinned")
    rows = conn.execute(select(*SUMMARY, pinned))
    names = list(rows.keys())
    return {row.id: dict(zip(names, row, strict=True)) for row in rows}


def pin(conn: Connection, id_or_name: str, name: str, user: str | None) -> Row:
    """Give a checkpoint a name; one that has one already is only renamed.

    Raises:
        NotFound: no such checkpoint.
        AlreadyExists: another checkpoint has the name.
    """
    row = get(conn, id_or_name)
    who = {} if row["name"] is not None else {"pinned_by": user}
    return _name(conn, row, {"name": name, **who})


def rename(conn: Connection, id_or_name: str, name: str) -> Row:
    """Change the name of a pinned checkpoint.

    Raises:
        NotFound: no such checkpoint.
        FailedPrecondition: it has no name.
        AlreadyExists: another checkpoint has the name.
    """
    row = get(conn, id_or_name)
    if row["name"] is None:
        raise FailedPrecondition(
            Message(
                "Checkpoint {checkpoint} is not pinned, so it has no name to change. Pin it.",
                "CHECKPOINT_NOT_PINNED",
                checkpoint=row["id"],
            )
        )
    return _name(conn, row, {"name": name})


def unpin(conn: Connection, id_or_name: str) -> Row:
    """Take a checkpoint's name away, so that it rotates as the others do.

    Raises:
        NotFound: no such checkpoint.
    """
    return _name(conn, get(conn, id_or_name), {"name": None, "pinned_by": None})


def _name(conn: Connection, row: Row, values: Row) -> Row:
    try:
        # A savepoint: PostgreSQL gives up the whole transaction on an error otherwise.
        with conn.begin_nested():
            conn.execute(update(checkpoints).where(checkpoints.c.id == row["id"]).values(values))
    except IntegrityError:
        raise AlreadyExists(
            Message(
                "Another checkpoint is pinned as '{name}'. Choose another name, or unpin "
                "or rename that one.",
                "CHECKPOINT_NAME_TAKEN",
                name=values["name"],
            )
        ) from None
    return row | values


def remove(conn: Connection, id_or_name: str) -> Row:
    """Delete a checkpoint and return what it was.

    Raises:
        NotFound: no such checkpoint.
    """
    row = get(conn, id_or_name)
    forget(conn, row, "deleted")
    return row


def forget(conn: Connection, row: Row, reason: tombstones.Reason) -> int:
    """Delete a checkpoint, and remember that it was there.

    Args:
        conn: of a transaction that writes.
        row: with what lists have, ``blobs`` and ``code_hash``.
        reason: why it goes.

    Returns:
        The bytes of blobs that nothing refers to any more.
    """
    conn.execute(delete(checkpoints).where(checkpoints.c.id == row["id"]))
    tombstones.put(conn, row, reason)
    return contents.release(conn, row["blobs"])


def move_notebook(conn: Connection, kernel_id: str, old: str, new: str) -> list[Row]:
    """Follow the rename of a notebook in the checkpoints of its kernel; return the changed."""
    where = (checkpoints.c.kernel_id == kernel_id, checkpoints.c.notebook == old)
    moved = [dict(row) for row in conn.execute(select(*SUMMARY).where(*where)).mappings()]
    conn.execute(update(checkpoints).where(*where).values(notebook=new))
    return [row | {"notebook": new} for row in moved]


def notebook_of(conn: Connection, kernel_id: str) -> str | None:
    """Return the notebook that a kernel's newest checkpoint is of."""
    return conn.scalar(
        select(checkpoints.c.notebook)
        .where(checkpoints.c.kernel_id == kernel_id)
        .order_by(*NEWEST_FIRST)
        .limit(1)
    )
