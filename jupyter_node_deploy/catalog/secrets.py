"""Queries of secrets: ciphertexts only."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from .tables import secrets

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


def remove(conn: Connection, folder: str, name: str) -> bool:
    """Delete a secret; return whether there was one."""
    query = delete(secrets).where(secrets.c.folder == folder, secrets.c.name == name)
    return conn.execute(query).rowcount > 0
