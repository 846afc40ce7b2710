"""What the gateway is told of a node, made from a revision's row."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable

from ...backends.base import ObservedInstance
from ...catalog.nodes import NodeRecord, RevisionRecord
from ...gateway.routes import InstanceRoute, NodeRoute
from ...specs import CellSpec, NodeStatus


def workers(cell: CellSpec) -> int:
    """Return how many processes of an instance run a cell."""
    return cell.workers or min(2, os.cpu_count() or 1)


def route(
    node: NodeRecord,
    revision: RevisionRecord | None,
    status: NodeStatus,
    reason: str,
    instances: Iterable[ObservedInstance],
) -> NodeRoute:
    """Return the route to some instances.

    Args:
        revision: that of the instances.
        reason: why the node is not healthy. Callers are told its first line: tracebacks and logs
            are for who has made the node.
    """
    common = NodeRoute(
        type=node.type,
        acl=tuple(node.acl),
        status=status.value,
        reason=reason.partition("\n")[0],
        instances=tuple(
            InstanceRoute(one.instance_id, one.address)
            for one in sorted(instances, key=lambda one: one.instance_id)
            if one.address
        ),
    )
    if revision is None:
        return common
    part = revision.spec.part
    common = dataclasses.replace(common, timeout=part.answer_timeout)
    if isinstance(part, CellSpec):
        return dataclasses.replace(common, concurrency=workers(part) * part.concurrency)
    return dataclasses.replace(
        common,
        protocol=part.endpoint.type,
        idle_timeout=part.endpoint.idle_timeout,
        healthcheck=part.healthcheck,
    )
