"""What the gateway is told of a node, made from a revision's row."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Iterable, Mapping
from typing import Any

from ...backends.base import ObservedInstance
from ...catalog.nodes import NodeRecord, RevisionRecord
from ...gateway.routes import HealthcheckRoute, InstanceRoute, NodeRoute
from ...specs import DockerSpec, Healthcheck, NodeStatus


def workers(cell: Mapping[str, Any]) -> int:
    """Return how many requests an instance carries out at a time, from a cell's spec as written."""
    return cell.get("workers") or min(2, os.cpu_count() or 1)


def longest(revision: RevisionRecord) -> float:
    """Return seconds that a request may take, waiting included."""
    if (docker := revision.spec.get("docker")) is not None:
        return DockerSpec.model_validate(docker).endpoint.timeout
    # A request may wait in the instance's queue as long as it may run.
    return 2 * float((revision.spec.get("cell") or {}).get("timeout", 60.0))


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
        reason: why the node is not healthy.
    """
    common = NodeRoute(
        type=node.type,
        acl=tuple(node.acl),
        status=status.value,
        reason=reason,
        instances=tuple(
            InstanceRoute(one.instance_id, one.address)
            for one in sorted(instances, key=lambda one: one.instance_id)
            if one.address
        ),
    )
    if revision is None:
        return common
    common = dataclasses.replace(common, timeout=longest(revision))
    if (docker := revision.spec.get("docker")) is None:
        return dataclasses.replace(common, concurrency=workers(revision.spec.get("cell") or {}))
    spec = DockerSpec.model_validate(docker)
    return dataclasses.replace(
        common,
        protocol=spec.endpoint.type,
        idle_timeout=spec.endpoint.idle_timeout,
        healthcheck=None if spec.healthcheck is None else _health(spec.healthcheck),
    )


def _health(check: Healthcheck) -> HealthcheckRoute:
    return HealthcheckRoute(
        type=check.type,
        port=check.port,
        path=check.service if check.type == "grpc" else check.path,
        timeout=check.timeout,
        interval=check.interval,
        fails=check.fails_threshold,
        passes=check.passes_threshold,
    )
