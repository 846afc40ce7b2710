"""Queries of aliases."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from .tables import aliases, nodes

Row = dict[str, Any]


def add(conn: Connection, row: Row) -> None:
    """Add an alias.

    Raises:
        IntegrityError: the name is taken.
    """
    conn.execute(insert(aliases).values(row))


def get(conn: Connection, name: str) -> Row | None:
    """Return an alias."""
    row = conn.execute(select(aliases).where(aliases.c.name == name)).mappings().first()
    return None if row is None else dict(row)


def all_(conn: Connection) -> list[Row]:
    """Return the aliases by name."""
    return [dict(row) for row in conn.execute(select(aliases).order_by(aliases.c.name)).mappings()]


def change(conn: Connection, name: str, values: Row) -> None:
    """Change columns of an alias."""
    conn.execute(update(aliases).where(aliases.c.name == name).values(values))


def remove(conn: Connection, name: str) -> bool:
    """Delete an alias; return whether there was one."""
    return conn.execute(delete(aliases).where(aliases.c.name == name)).rowcount > 0


def referring(conn: Connection, node_id: str) -> list[str]:
    """Return the names of the aliases that send requests to a node."""
    rows = conn.execute(select(aliases.c.name, aliases.c.targets).order_by(aliases.c.name))
    return [row.name for row in rows if any(t["node"] == node_id for t in row.targets)]


def node_ids(conn: Connection, ids_or_names: Sequence[str]) -> dict[str, str]:
    """Return the ids of the nodes that exist, by the id or name they were asked by."""
    rows = conn.execute(
        select(nodes.c.id, nodes.c.name).where(
            or_(nodes.c.id.in_(ids_or_names), nodes.c.name.in_(ids_or_names)),
            nodes.c.desired != "deleted",
        )
    ).all()
    known = {row.name: row.id for row in rows} | {row.id: row.id for row in rows}
    return {key: known[key] for key in ids_or_names if key in known}
