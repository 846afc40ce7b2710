"""Queries of secrets: ciphertexts only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from ..specs import RevisionSpec, secrets_of
from .tables import nodes, revisions, secrets

Row = dict[str, Any]


def put(conn: Connection, folder: str, name: str, ciphertext: bytes, now: float) -> Row:
    """Add a secret, or replace its value; return its row."""
    mine = (secrets.c.folder == folder) & (secrets.c.name == name)
    values = {"ciphertext": ciphertext, "updated_at": now}
    if conn.execute(update(secrets).where(mine).values(values)).rowcount == 0:
        conn.execute(insert(secrets).values(folder=folder, name=name, created_at=now, **values))
    return dict(conn.execute(select(secrets).where(mine)).mappings().one())


def get(conn: Connection, folder: str, name: str) -> Row | None:
    """Return a secret's row."""
    query = select(secrets).where(secrets.c.folder == folder, secrets.c.name == name)
    row = conn.execute(query).mappings().first()
    return None if row is None else dict(row)


def all_(conn: Connection, folder: str) -> list[Row]:
    """Return the secrets of a folder by name."""
    query = select(secrets).where(secrets.c.folder == folder).order_by(secrets.c.name)
    return [dict(row) for row in conn.execute(query).mappings()]


def told(conn: Connection) -> dict[str, Row]:
    """Return by ``FOLDER/NAME`` what events tell of each secret: nothing of its value."""
    id_ = (secrets.c.folder + "/" + secrets.c.name).label("id")
    shown = (secrets.c.folder, secrets.c.name, secrets.c.created_at, secrets.c.updated_at)
    return {row["id"]: dict(row) for row in conn.execute(select(id_, *shown)).mappings()}


def remove(conn: Connection, folder: str, name: str) -> bool:
    """Delete a secret; return whether there was one."""
    query = delete(secrets).where(secrets.c.folder == folder, secrets.c.name == name)
    return conn.execute(query).rowcount > 0


def names(conn: Connection, folder: str) -> set[str]:
    """Return the names of a folder's secrets."""
    return set(conn.scalars(select(secrets.c.name).where(secrets.c.folder == folder)))


def users(conn: Connection, folder: str, name: str) -> list[str]:
    """Return the names of the nodes whose wanted or serving revision needs a secret."""
    query = (
        select(nodes.c.name, revisions.c.spec)
        .join(revisions, revisions.c.node_id == nodes.c.id)
        .where(
            nodes.c.folder == folder,
            nodes.c.desired != "deleted",
            or_(
                revisions.c.number == nodes.c.revision,
                revisions.c.number == nodes.c.active_revision,
            ),
        )
    )
    return sorted({row.name for row in conn.execute(query) if name in _needed(row.spec)})


def _needed(content: RevisionSpec | str) -> set[str]:
    """Return the secrets that a revision's spec names; none if it can't be read, nor so be run."""
    return set() if isinstance(content, str) else set(secrets_of(content.part).values())
