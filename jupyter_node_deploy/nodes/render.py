"""Rows of the catalog as the API shows them."""

from __future__ import annotations

from collections.abc import Iterable

from ..backends.base import ObservedInstance
from ..catalog.nodes import NodeRecord, RevisionRecord
from ..specs import Instance, Node, NodeStatus, ReasonInfo, Revision
from ..web import execute_path
from . import touched
from .differences import words


def node(
    row: NodeRecord,
    revision: RevisionRecord,
    instances: Iterable[ObservedInstance],
    *,
    backend: str,
    gateway: str,
) -> Node:
    """Return a node.

    Args:
        revision: the one that should serve.
        gateway: the gateway's URL; empty while unknown.
    """
    shown = show(revision, active=False, backend=backend)
    return Node(
        id=row.id,
        name=row.name,
        type="docker" if row.type == "docker" else "cell",
        description=row.description,
        status=NodeStatus(row.status),
        reason=row.reason,
        reason_info=ReasonInfo.of(row.reason),
        folder=row.folder,
        acl=row.acl,
        revision=row.revision,
        cell=shown.cell,
        isolation=shown.isolation,
        verification=shown.verification,
        touched=shown.touched,
        warnings=shown.warnings,
        warnings_info=shown.warnings_info,
        docker=shown.docker,
        provisioning=shown.provisioning,
        backend=backend,
        instances=[
            Instance(
                id=one.instance_id,
                revision=one.revision,
                status=one.status.value,
                reason=one.reason,
                notes=list(one.notes),
                reason_info=ReasonInfo.of(one.reason),
                started_at=one.started_at,
                checked_at=one.checked_at,
            )
            for one in instances
        ],
        execute_url=f"{gateway}{execute_path.of_node(row.id)}" if gateway else None,
        created_at=row.created_at,
        updated_at=row.updated_at,
        created_by=row.created_by,
    )


def show(revision: RevisionRecord, *, active: bool, backend: str) -> Revision:
    """Return a revision; ``active`` when it is the one that serves, on that backend.

    Of one that can't be read nothing is known but what is wrong.
    """
    if revision.damage:
        return Revision(
            number=revision.number,
            created_at=revision.created_at,
            active=active,
            reason=revision.damage,
        )
    spec = revision.spec
    found = spec.verification
    warnings = words(found.differences) if found is not None else []
    if spec.cell is not None:
        warnings += touched.words(spec.touched, spec.cell, backend)
    return Revision(
        number=revision.number,
        created_at=revision.created_at,
        active=active,
        reason=revision.reason,
        reason_info=ReasonInfo.of(revision.reason),
        cell=spec.cell,
        isolation=spec.isolation,
        verification=found,
        touched=spec.touched,
        warnings=warnings,
        warnings_info=[ReasonInfo.of(one) for one in warnings],
        docker=spec.docker,
        provisioning=spec.provisioning,
    )
