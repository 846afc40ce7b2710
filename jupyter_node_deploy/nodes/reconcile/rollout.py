"""A rollout: how a node goes over to another revision, a few instances at a time.

For each new instance that is healthy an old one goes, and no more new ones are on their way up at
a time than the maintenance limit says. So whatever becomes of the new revision, as many instances
serve as before.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...backends.base import InstanceStatus, ObservedInstance
from ...catalog.nodes import NodeRecord, RevisionRecord
from ...gateway.routes import NodeRoute
from ...specs import NodeStatus
from .route import route


@dataclass(frozen=True)
class Rollout:
    """How far a node is on its way to a revision.

    Attributes:
        wanted: ids of the revision's instances.
        ready: those of them that are healthy.
        kept: ids of other instances that stay for now, those to be started again among them.
        serving: what should get requests.
        next: ids of wanted instances that may be on their way up now.
    """

    wanted: list[str]
    ready: list[ObservedInstance]
    kept: list[str]
    serving: list[ObservedInstance]
    next: list[str]

    @property
    def complete(self) -> bool:
        """Whether nothing of other revisions is needed any more."""
        return len(self.ready) == len(self.wanted)


def instance_id(node_id: str, revision: int, ordinal: int) -> str:
    """Return the id of a copy of a revision: always the same, so that starting is idempotent."""
    return f"{node_id}-{revision}-{ordinal}"


def instance_ids(revision: RevisionRecord) -> list[str]:
    """Return the ids of all of a revision's instances."""
    count = revision.spec.provisioning.instances
    return [instance_id(revision.node_id, revision.number, ordinal) for ordinal in range(count)]


def rollout(
    node: NodeRecord,
    revisions: Sequence[RevisionRecord],
    target: RevisionRecord,
    active: RevisionRecord | None,
    instances: Sequence[ObservedInstance],
    *,
    tested: bool = True,
) -> Rollout:
    """Return how far the node is on its way to ``target``.

    Args:
        revisions: all of the node's.
        active: another revision, which serves and is to serve on if ``target`` never does.
        instances: all that there are of the node.
        tested: an instance of ``target`` has passed the smoke test; if not, the first is to do so
            before there are others.
    """
    by_number = {one.number: one for one in revisions}
    there = {one.instance_id: one for one in instances}
    wanted = instance_ids(target)
    ready = [there[id_] for id_ in wanted if id_ in there and _is_healthy(there[id_])]
    others = [one for one in instances if one.instance_id not in wanted and _is_healthy(one)]
    old = instance_ids(active) if active is not None else []
    # The active revision's first: they are what is gone back to.
    others.sort(key=lambda one: (one.instance_id not in old, one.instance_id))

    shapes = {one.revision: _shape(node, by_number.get(one.revision)) for one in others}
    if active is not None:
        shapes[active.number] = _shape(node, active)
    own = _shape(node, target)
    mixable = all(shape == own for shape in shapes.values())
    if not mixable:
        # The gateway reaches all instances of a node in one way: all change at once, at the end.
        basis = next(iter([active.number] if active is not None else shapes))
        others = [one for one in others if shapes[one.revision] == shapes[basis]]

    places = max(len(wanted), len(old))
    replaced = len(ready) if mixable else 0
    healthy = [one.instance_id for one in others]
    rest = [id_ for id_ in old if id_ not in healthy]
    kept = [*healthy, *_begun_first(rest, there)][: places - replaced]
    serving_others = [one for one in others if one.instance_id in kept]
    serving = [*ready, *serving_others] if mixable or not serving_others else serving_others

    limited = mixable and bool(serving_others)  # else nothing is to be spared
    limit = target.spec.provisioning.maintenance_limit if limited else len(wanted)
    limit = limit if tested else 1
    rising = [id_ for id_ in wanted if id_ not in there or not _is_healthy(there[id_])]
    return Rollout(wanted, ready, kept, serving, _begun_first(rising, there)[:limit])


def _begun_first(ids: Sequence[str], there: Mapping[str, ObservedInstance]) -> list[str]:
    return sorted(ids, key=lambda id_: id_ not in there)


def _shape(node: NodeRecord, revision: RevisionRecord | None) -> NodeRoute | None:
    """Return how instances of a revision are reached; None if nobody knows any more."""
    if revision is None or revision.damage:
        return None
    return route(node, revision, NodeStatus.HEALTHY, "", [])


def _is_healthy(seen: ObservedInstance) -> bool:
    return seen.status is InstanceStatus.HEALTHY
