"""Queries about nodes and their revisions."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from ..errors import AlreadyExists, DataLoss, Detail, FailedPrecondition, Message, NotFound
from ..namespace.difference import Difference
from ..specs import RevisionSpec, Verification
from .tables import deleted_nodes, folders, nodes, revisions

Desired = Literal["running", "suspended", "deleted"]


@dataclass(frozen=True)
class NodeRecord:
    """A node's row; times are Unix seconds.

    Attributes:
        desired: what should be.
        revision: the revision that should serve.
        active_revision: the revision that serves, None before the first became healthy.
        status: what was last seen, one of ``specs.NodeStatus``.
    """

    id: str
    name: str
    type: str
    description: str
    folder: str
    acl: list[str]
    desired: Desired
    revision: int
    active_revision: int | None
    status: str
    reason: str
    created_at: float
    updated_at: float
    created_by: str | None


@dataclass(frozen=True)
class RevisionRecord:
    """A revision's row.

    Attributes:
        content: what it runs; words that say what is wrong if the row does not hold that.
        checkpoint_id: what its bundle was made from.
        reason: why it failed, when it did.
        created_at: Unix seconds.
    """

    node_id: str
    number: int
    content: RevisionSpec | str
    checkpoint_id: str | None
    bundled: bool
    reason: str
    created_at: float

    @property
    def spec(self) -> RevisionSpec:
        """What it runs.

        Raises:
            DataLoss: see ``damage``.
        """
        if isinstance(self.content, str):
            raise DataLoss(self.damage)
        return self.content

    @property
    def damage(self) -> str:
        """Say what is wrong with the row, and what to do; empty if nothing is."""
        if not isinstance(self.content, str):
            return ""
        return (
            f"Revision {self.number} can't be read from the catalog: {self.content}. Roll the node "
            "back to another revision, or delete it and create it anew."
        )


def add(conn: Connection, node: NodeRecord, revision: RevisionRecord) -> None:
    """Add a node together with its first revision.

    Raises:
        AlreadyExists: another node has the name.
    """
    require_free_name(conn, node.name)
    try:
        conn.execute(insert(nodes).values(**node.__dict__))
    except IntegrityError as error:
        raise _gone_or_taken(conn, node) from error
    conn.execute(insert(revisions).values(**_columns(revision)))


def require_free_name(conn: Connection, name: str, besides: str | None = None) -> None:
    """Check that no node but ``besides`` (an id) has the name.

    Raises:
        AlreadyExists: one has.
    """
    taken = conn.execute(select(nodes.c.id, nodes.c.desired).where(nodes.c.name == name)).first()
    if taken is not None and taken.id != besides:
        told = _taken(name)
        if taken.desired == "deleted":
            told = Message(
                "A node named '{name}' exists already. It is being deleted: try again in a moment.",
                "NODE_NAME_TAKEN",
                name=name,
            )
        raise AlreadyExists(told, [{"path": "name", "message": "is taken"}])


def names(conn: Connection) -> set[str]:
    """Return the names of all nodes."""
    return set(conn.execute(select(nodes.c.name)).scalars())


def every(conn: Connection) -> list[NodeRecord]:
    """Return all nodes, newest first."""
    rows = conn.execute(select(nodes).order_by(nodes.c.created_at.desc(), nodes.c.id))
    return [_node(row) for row in rows.mappings()]


def told(conn: Connection) -> dict[str, dict[str, Any]]:
    """Return by id what events tell of each node."""
    table = nodes.c
    shown = (table.id, table.name, table.type, table.status, table.reason, table.revision)
    rows = conn.execute(select(*shown, table.updated_at)).mappings()
    return {row["id"]: {**row, "reason_info": _info(row["reason"])} for row in rows}


def desired(conn: Connection) -> dict[str, dict[str, Any]]:
    """Return by id what the reconciler acts on: what should be of each node."""
    rows = conn.execute(select(nodes.c.id, nodes.c.desired, nodes.c.revision)).mappings()
    return {row["id"]: dict(row) for row in rows}


def every_with_revisions(
    conn: Connection,
) -> tuple[list[NodeRecord], dict[str, list[RevisionRecord]]]:
    """Return all nodes and, by node id, their revisions; both newest first."""
    return every(conn), every_revision(conn)


def find(conn: Connection, id_or_name: str) -> NodeRecord:
    """Return a node by its id or, failing that, its name.

    Raises:
        NotFound: there is none.
    """
    query = select(nodes).where(or_(nodes.c.id == id_or_name, nodes.c.name == id_or_name))
    found = [_node(row) for row in conn.execute(query).mappings()]
    # A name may look like an id; the id wins.
    found.sort(key=lambda node: node.id != id_or_name)
    if not found:
        raise NotFound(Message("There is no node '{node}'.", "NODE_NOT_FOUND", node=id_or_name))
    return found[0]


def change(conn: Connection, /, node_id: str, **values: Any) -> NodeRecord:
    """Set columns of a node, ``updated_at`` too.

    Raises:
        NotFound: there is no such node.
        AlreadyExists: another node has the new name.
        FailedPrecondition: the node is being deleted.
    """
    node = find(conn, node_id)
    if node.desired == "deleted":
        raise FailedPrecondition(
            Message("The node '{node}' is being deleted.", "NODE_IS_BEING_DELETED", node=node.name)
        )
    if "name" in values:
        require_free_name(conn, values["name"], besides=node.id)
    values.setdefault("updated_at", time.time())
    conn.execute(update(nodes).where(nodes.c.id == node.id).values(**values))
    return find(conn, node.id)


def go_back(conn: Connection, /, node_id: str, revision: int, **values: Any) -> NodeRecord:
    """Make an older revision the one that should serve; why it failed before is forgotten.

    Raises:
        NodeDeployError: as for ``change``.
    """
    node = change(conn, node_id, revision=revision, **values)
    which = (revisions.c.node_id == node.id) & (revisions.c.number == revision)
    conn.execute(update(revisions).where(which).values(reason=""))
    return node


def record_observation(
    conn: Connection,
    node_id: str,
    *,
    seen: NodeRecord,
    values: dict[str, Any],
    revision_reason: tuple[int, str] | None = None,
) -> bool:
    """Write what the reconciler saw, unless the desired state changed since it looked.

    Args:
        seen: the row that the observation was made for.
        values: columns of the node to set.
        revision_reason: number of a revision and why it failed.

    Returns:
        False when nothing was written because ``desired`` or ``revision`` is another now.
    """
    as_seen = (
        (nodes.c.id == node_id)
        & (nodes.c.desired == seen.desired)
        & (nodes.c.revision == seen.revision)
    )
    written = conn.execute(
        update(nodes).where(as_seen).values(**values, updated_at=time.time())
    ).rowcount
    if written and revision_reason is not None:
        number, reason = revision_reason
        conn.execute(
            update(revisions)
            .where((revisions.c.node_id == node_id) & (revisions.c.number == number))
            .values(reason=reason)
        )
    return bool(written)


def add_differences(
    conn: Connection, node_id: str, number: int, found: Iterable[Difference]
) -> None:
    """Add to what a revision has otherwise than the notebook; fine if the revision is gone."""
    with contextlib.suppress(NotFound):
        spec = revision_of(conn, node_id, number).spec
        known = spec.verification or Verification()
        more = [one for one in found if one not in known.differences]
        told = known.model_copy(update={"differences": [*known.differences, *more]})
        conn.execute(
            update(revisions)
            .where((revisions.c.node_id == node_id) & (revisions.c.number == number))
            .values(spec=spec.model_copy(update={"verification": told}))
        )


def remove(conn: Connection, node_id: str) -> None:
    """Remove a node and its revisions, and remember that it was deleted; fine if it is gone."""
    conn.execute(delete(revisions).where(revisions.c.node_id == node_id))
    if conn.execute(delete(nodes).where(nodes.c.id == node_id)).rowcount:
        conn.execute(insert(deleted_nodes).values(id=node_id, deleted_at=time.time()))


def is_known(conn: Connection, node_id: str) -> bool:
    """Tell whether there is a node of this id, or was one that was deleted."""
    row = conn.execute(select(nodes.c.id).where(nodes.c.id == node_id)).first()
    return row is not None or bool(deleted(conn, {node_id}))


def deleted(conn: Connection, node_ids: Collection[str]) -> set[str]:
    """Return those of some ids whose nodes were deleted."""
    column = deleted_nodes.c.id
    return set(conn.scalars(select(column).where(column.in_(node_ids)))) if node_ids else set()


def next_number(conn: Connection, node_id: str) -> int:
    """Return the number that the node's next revision would get."""
    newest = select(func.max(revisions.c.number)).where(revisions.c.node_id == node_id)
    return (conn.execute(newest).scalar() or 0) + 1


def add_revision(conn: Connection, /, revision: RevisionRecord, **values: Any) -> NodeRecord:
    """Add a revision and make it the one that should serve; ``values`` are set on the node.

    Raises:
        NotFound: the node is gone.
        FailedPrecondition: the node is being deleted.
        AlreadyExists: the number is taken (two updates at once), or the new name is.
    """
    node = change(conn, revision.node_id, revision=revision.number, **values)
    if next_number(conn, node.id) != revision.number:
        raise AlreadyExists(
            Message(
                "The node '{node}' was updated by somebody else at once.",
                "NODE_UPDATED_MEANWHILE",
                node=node.name,
            )
        )
    conn.execute(insert(revisions).values(**_columns(revision)))
    return node


def revisions_of(conn: Connection, node_id: str) -> list[RevisionRecord]:
    """Return a node's revisions, newest first."""
    query = (
        select(revisions).where(revisions.c.node_id == node_id).order_by(revisions.c.number.desc())
    )
    return [_revision(row) for row in conn.execute(query).mappings()]


def every_revision(conn: Connection) -> dict[str, list[RevisionRecord]]:
    """Return the revisions of all nodes by node id, newest first."""
    found: dict[str, list[RevisionRecord]] = {}
    for row in conn.execute(select(revisions).order_by(revisions.c.number.desc())).mappings():
        found.setdefault(row["node_id"], []).append(_revision(row))
    return found


def revision_of(conn: Connection, node_id: str, number: int) -> RevisionRecord:
    """Return one revision.

    Raises:
        NotFound: there is none of that number.
    """
    query = select(revisions).where(
        (revisions.c.node_id == node_id) & (revisions.c.number == number)
    )
    row = conn.execute(query).mappings().first()
    if row is None:
        raise NotFound(
            Message("The node has no revision {revision}.", "REVISION_NOT_FOUND", revision=number)
        )
    return _revision(row)


def _gone_or_taken(conn: Connection, node: NodeRecord) -> AlreadyExists | FailedPrecondition:
    if conn.execute(select(folders.c.id).where(folders.c.id == node.folder)).first() is None:
        return FailedPrecondition(
            Message("The folder was deleted meanwhile.", "FOLDER_DELETED_MEANWHILE")
        )
    return AlreadyExists(_taken(node.name))


def _taken(name: str) -> Message:
    return Message(
        "A node named '{name}' exists already. Choose another name, or update that node.",
        "NODE_NAME_TAKEN",
        name=name,
    )


def _info(reason: str) -> Detail | None:
    return reason.info() if isinstance(reason, Message) else None


def _node(row: RowMapping) -> NodeRecord:
    return NodeRecord(**row)


def _revision(row: RowMapping) -> RevisionRecord:
    columns = dict(row)
    return RevisionRecord(content=columns.pop("spec"), **columns)


def _columns(revision: RevisionRecord) -> dict[str, Any]:
    columns = dict(revision.__dict__)
    return {"spec": columns.pop("content"), **columns}
