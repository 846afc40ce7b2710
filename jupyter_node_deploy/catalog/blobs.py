"""Which contents of the store checkpoints refer to, how often, and what they take.

A checkpoint of a thousand variables refers to a thousand contents, nearly all of them those of the
checkpoint before. So each is counted once here, and a checkpoint has but the numbers of its own.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from .tables import blobs

#: Parameters of one statement.
_MOST = 1000


def refer(conn: Connection, sizes: Mapping[str, int]) -> bytes:
    """Count one more checkpoint that refers to blobs.

    Args:
        conn: of a transaction that writes.
        sizes: the bytes of each, by its hash.

    Returns:
        Their numbers, for ``release``.
    """
    known: dict[str, int] = {}
    for some in _parts(sizes):
        there = conn.execute(select(blobs.c.hash, blobs.c.id).where(blobs.c.hash.in_(some)))
        known |= {row.hash: row.id for row in there}
    _count(conn, known.values(), 1)
    for some in _parts(sizes.keys() - known.keys()):
        rows = [{"hash": name, "size": sizes[name], "uses": 1} for name in some]
        added = conn.execute(insert(blobs).returning(blobs.c.hash, blobs.c.id), rows)
        known |= {row.hash: row.id for row in added}
    return array("I", sorted(known.values())).tobytes()


def release(conn: Connection, numbers: bytes) -> int:
    """Count one checkpoint less; return the bytes that nothing refers to any more."""
    _count(conn, numbers_of(numbers), -1)
    unused = blobs.c.uses == 0
    freed = conn.scalar(select(func.coalesce(func.sum(blobs.c.size), 0)).where(unused))
    conn.execute(delete(blobs).where(unused))
    return int(freed or 0)


def referenced(conn: Connection) -> set[str]:
    """Return the hashes of all blobs that some checkpoint refers to."""
    return set(conn.scalars(select(blobs.c.hash)))


def taken(conn: Connection, but: Iterable[bytes] = ()) -> int:
    """Return the bytes of all blobs that checkpoints refer to, but those of some checkpoints."""
    excepted = set().union(*map(numbers_of, but))
    if not excepted:
        return int(conn.scalar(select(func.coalesce(func.sum(blobs.c.size), 0))) or 0)
    rows = conn.execute(select(blobs.c.id, blobs.c.size))
    return sum(size for number, size in rows if number not in excepted)


def numbers_of(packed: bytes) -> Sequence[int]:
    """Return the numbers that ``refer`` gave."""
    return array("I", packed)


def _count(conn: Connection, numbers: Iterable[int], by: int) -> None:
    # In order, as every server does: two of one PostgreSQL must not wait for each other.
    changes = [{"number": number} for number in sorted(numbers)]
    if changes:
        which = blobs.c.id == bindparam("number")
        conn.execute(update(blobs).where(which).values(uses=blobs.c.uses + by), changes)


def _parts(names: Iterable[str]) -> Iterator[list[Any]]:
    every = iter(sorted(names))
    while some := list(islice(every, _MOST)):
        yield some
