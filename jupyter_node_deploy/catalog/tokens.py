"""Queries of issued tokens: ids and dates, never the tokens."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from .tables import tokens

Row = dict[str, Any]


def add(conn: Connection, row: Row) -> None:
    """Remember a token that is about to be issued."""
    conn.execute(insert(tokens).values(row))


def get(conn: Connection, token_id: str) -> Row | None:
    """Return what is remembered of a token."""
    row = conn.execute(select(tokens).where(tokens.c.id == token_id)).mappings().first()
    return None if row is None else dict(row)


def all_(conn: Connection, folder: str | None = None) -> list[Row]:
    """Return the tokens, of one folder or of all, newest first."""
    query = select(tokens).order_by(tokens.c.created_at.desc(), tokens.c.id)
    if folder is not None:
        query = query.where(tokens.c.folder == folder)
    return [dict(row) for row in conn.execute(query).mappings()]


def revoke(conn: Connection, token_id: str, now: float) -> None:
    """Mark a token as revoked; the time of the first revocation stays."""
    conn.execute(
        update(tokens)
        .where(tokens.c.id == token_id, tokens.c.revoked_at.is_(None))
        .values(revoked_at=now)
    )


def revoked(conn: Connection, now: float) -> dict[str, float]:
    """Return ``{id: expires_at}`` of revoked tokens that have not expired."""
    rows = conn.execute(
        select(tokens.c.id, tokens.c.expires_at).where(
            tokens.c.revoked_at.is_not(None), tokens.c.expires_at > now
        )
    )
    return {row.id: row.expires_at for row in rows}


def forget(conn: Connection, before: float) -> None:
    """Delete what is remembered of tokens that expired before a time."""
    conn.execute(delete(tokens).where(tokens.c.expires_at < before))
