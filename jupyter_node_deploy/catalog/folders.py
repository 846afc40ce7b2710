"""Queries of folders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, insert, or_, select

from .tables import aliases, folders, nodes, secrets, tokens

Row = dict[str, Any]


def add(conn: Connection, row: Row) -> None:
    """Add a folder.

    Raises:
        IntegrityError: the name is taken.
    """
    conn.execute(insert(folders).values(row))


def find(conn: Connection, id_or_name: str) -> Row | None:
    """Return the folder; an id comes before a name."""
    rows = conn.execute(
        select(folders).where(or_(folders.c.id == id_or_name, folders.c.name == id_or_name))
    )
    found = [dict(row) for row in rows.mappings()]
    return min(found, key=lambda row: row["id"] != id_or_name, default=None)


def all_(conn: Connection) -> list[Row]:
    """Return the folders by name."""
    return [dict(row) for row in conn.execute(select(folders).order_by(folders.c.name)).mappings()]


def uses(conn: Connection, folder: str) -> dict[str, list[str]]:
    """Return names of what is in a folder or lists it in its ACL, by kind; empty if nothing."""
    found: dict[str, list[str]] = {}
    for kind, table in (("node", nodes), ("alias", aliases), ("secret", secrets)):
        mine: ColumnElement[Any] = table.c.folder == folder
        names = set(conn.scalars(select(table.c.name).where(mine)))
        if "acl" in table.c:
            for name, acl in conn.execute(select(table.c.name, table.c.acl)):
                if folder in acl:
                    names.add(name)
        if names:
            found[kind] = sorted(names)
    return found


def remove(conn: Connection, folder: str) -> None:
    """Delete a folder that nothing uses, and what is remembered of its tokens."""
    conn.execute(delete(tokens).where(tokens.c.folder == folder))
    conn.execute(delete(folders).where(folders.c.id == folder))


def ids(conn: Connection, ids_or_names: Sequence[str]) -> dict[str, str]:
    """Return the ids of the folders that exist, by the id or name they were asked by."""
    rows = conn.execute(
        select(folders.c.id, folders.c.name).where(
            or_(folders.c.id.in_(ids_or_names), folders.c.name.in_(ids_or_names))
        )
    ).all()
    known = {row.name: row.id for row in rows} | {row.id: row.id for row in rows}
    return {key: known[key] for key in ids_or_names if key in known}
