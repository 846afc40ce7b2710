"""The plan: from what a node should be and what is there, what to do next. No side effects."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ...backends.base import InstanceStatus, ObservedInstance
from ...catalog.nodes import NodeRecord, RevisionRecord
from ...errors import Message
from ...gateway.routes import NodeRoute
from ...specs import NodeStatus
from .failures import Failures
from .rollout import Rollout, instance_ids, rollout
from .route import route

#: Failed starts after which a revision that was never healthy is given up.
MAX_FAILURES = 3
#: Seconds that a start may take.
START_TIMEOUT = 600.0
STARTING = Message("It is starting.", "NODE_STARTING")
#: The way up, with words for an instance that says nothing of its own.
_STARTING = {
    InstanceStatus.CREATED: Message("It is about to start.", "NODE_ABOUT_TO_START"),
    InstanceStatus.STARTED: STARTING,
    InstanceStatus.PREPARING: Message("It is getting ready.", "NODE_GETTING_READY"),
}


@dataclass(frozen=True)
class View:
    """A node as it should be and as it is.

    Attributes:
        revisions: newest first.
        instances: what the backend shows of it.
        failures: by instance id.
        tested: no smoke test of the node's revision is due.
    """

    node: NodeRecord
    revisions: Sequence[RevisionRecord]
    instances: Sequence[ObservedInstance]
    failures: Mapping[str, Failures]
    now: float
    tested: bool = True

    def revision(self, number: int) -> RevisionRecord | None:
        """Return a revision of the node; None if it is missing or can't be read."""
        readable = (one for one in self.revisions if not one.damage)
        return next((one for one in readable if one.number == number), None)


@dataclass(frozen=True)
class Start:
    """An instance to start."""

    instance_id: str
    node: NodeRecord
    revision: RevisionRecord


@dataclass(frozen=True)
class Plan:
    """What to do, in this order: publish the route, then act, then write the row.

    Attributes:
        route: None when the gateway is to know nothing of the node.
        revision: the one that should serve; another than the row's after a failed update.
        active: the revision that serves.
        failed_revision: number and reason of a revision that is given up.
        ensure: instances to start.
        remove: instances to remove, once the route is published.
        starting: something is on its way up, so look again soon.
        gone: nothing of a deleted node is left but its bundle and row.
    """

    route: NodeRoute | None
    status: NodeStatus
    reason: str = ""
    revision: int = 0
    active: int | None = None
    failed_revision: tuple[int, str] | None = None
    ensure: list[Start] = field(default_factory=list)
    remove: list[str] = field(default_factory=list)
    starting: bool = False
    gone: bool = False


def deleting(node: str) -> Message:
    """Return what a node says, by its name, while it is being deleted."""
    return Message("It is being deleted.", "NODE_IS_BEING_DELETED", node=node)


def plan(view: View) -> Plan:
    """Return what to do about a node."""
    node = view.node
    if node.desired == "deleted":
        return Plan(
            route=None,
            status=NodeStatus.DELETING,
            revision=node.revision,
            active=node.active_revision,
            remove=[one.instance_id for one in view.instances],
            gone=not view.instances,
        )
    if node.desired == "suspended":
        reason = Message(
            "The node is suspended. Resume it to take requests.", "NODE_SUSPENDED", node=node.name
        )
        return Plan(
            route=_route(view, NodeStatus.SUSPENDED, reason, []),
            status=NodeStatus.SUSPENDED,
            reason=reason,
            revision=node.revision,
            active=node.active_revision,
            remove=[one.instance_id for one in view.instances],
        )
    return _run(view)


def _run(view: View) -> Plan:
    node = view.node
    target = view.revision(node.revision)
    if target is None:  # cannot happen while the catalog is whole
        damages = (one.damage for one in view.revisions if one.number == node.revision)
        reason = next(damages, "") or Message(
            "Revision {revision} is missing from the catalog. Update the node.",
            "REVISION_MISSING",
            revision=node.revision,
        )
        return Plan(
            route=_route(view, NodeStatus.FAILED, reason, []),
            status=NodeStatus.FAILED,
            reason=reason,
            revision=node.revision,
            active=node.active_revision,
        )
    active = None if node.active_revision is None else view.revision(node.active_revision)
    previous = active if active is not None and active.number != target.number else None
    roll = rollout(node, view.revisions, target, previous, view.instances, tested=view.tested)
    if roll.complete:
        return Plan(
            route=_route(view, NodeStatus.HEALTHY, "", roll.ready),
            status=NodeStatus.HEALTHY,
            reason=_kept_reason(view),
            revision=target.number,
            active=target.number,
            remove=[
                one.instance_id for one in view.instances if one.instance_id not in roll.wanted
            ],
        )
    if previous is not None:
        return _update(view, target, previous, roll)
    ensure = _due(view, roll.next, target)
    starting = _starting(view, roll.wanted, ensure)
    status, reason = _unready(view, roll, starting=starting, serves=active is not None)
    return Plan(
        route=_route(view, status, reason, roll.serving),
        status=status,
        reason=reason,
        revision=target.number,
        active=node.active_revision,
        ensure=ensure,
        remove=_leftover(view, {*roll.wanted, *roll.kept}),
        starting=starting,
    )


def _update(view: View, target: RevisionRecord, active: RevisionRecord, roll: Rollout) -> Plan:
    """The old revision serves until the new one is ready, and on if that never happens."""
    old = instance_ids(active)
    ensure_active = _due(view, [id_ for id_ in roll.kept if id_ in old], active)
    failure = _given_up(view, roll.wanted)
    status = NodeStatus.HEALTHY if roll.serving else NodeStatus.PREPARING
    if failure:
        reason = Message(
            "It did not become healthy, so revision {kept} was kept. {cause}",
            "REVISION_GIVEN_UP",
            kept=active.number,
            cause=failure,
        )
        kept = _of_revision(target.number, reason)
        return Plan(
            route=_route(view, status, kept, roll.serving),
            status=status,
            reason=kept,
            revision=active.number,
            active=active.number,
            failed_revision=(target.number, reason),
            ensure=ensure_active,
            starting=True,
        )
    reason = _progress(target, active, roll, _trouble(view, roll.wanted))
    return Plan(
        route=_route(view, status, reason, roll.serving),
        status=status,
        reason=reason,
        revision=target.number,
        active=active.number,
        ensure=[*_due(view, roll.next, target), *ensure_active],
        remove=_leftover(view, {*roll.wanted, *roll.kept}),
        starting=True,
    )


def _progress(
    target: RevisionRecord, active: RevisionRecord, roll: Rollout, trouble: str
) -> Message:
    """Say how far an update is."""
    if not any(one in roll.serving for one in roll.ready):
        return Message(
            "Revision {revision} is starting; revision {serving} serves. {cause}",
            "REVISION_STARTING",
            revision=target.number,
            serving=active.number,
            cause=trouble,
        )
    return Message(
        "Revision {revision} replaces revision {replaced}: {ready} of {wanted} instances. {cause}",
        "REVISION_REPLACING",
        revision=target.number,
        replaced=active.number,
        ready=len(roll.ready),
        wanted=len(roll.wanted),
        cause=trouble,
    )


def _unready(view: View, roll: Rollout, *, starting: bool, serves: bool) -> tuple[NodeStatus, str]:
    """Return status and reason of a node not all of whose instances are healthy."""
    wanted = roll.wanted
    trouble = _trouble(view, wanted)
    if serves and len(roll.serving) >= len(wanted):
        # After a failed update, healthy instances of the newer revision stand in for now.
        return NodeStatus.HEALTHY, _kept_reason(view) or trouble
    if serves and roll.serving:
        return NodeStatus.HEALTHY, Message(
            "{healthy} of {wanted} instances are healthy. {cause}",
            "SOME_INSTANCES_HEALTHY",
            healthy=len(roll.serving),
            wanted=len(wanted),
            cause=trouble,
        )
    if failure := _given_up(view, wanted):
        if not serves and _is_final(view, wanted):
            return NodeStatus.FAILED, Message(
                "{cause}\nIt is not tried again by itself; update, resume or delete the node.",
                "NODE_FAILED_FINALLY",
                cause=failure,
            )
        return NodeStatus.FAILED, Message(
            "{cause} It is tried again from time to time; update, resume or delete the node.",
            "NODE_FAILED",
            cause=failure,
        )
    if trouble and serves:
        return NodeStatus.UNHEALTHY, Message(
            "No instance is healthy. {cause}", "NO_INSTANCE_HEALTHY", cause=trouble
        )
    what = _step(view, wanted) if starting or not trouble else ""
    if not what or not trouble:
        return NodeStatus.PREPARING, what or trouble
    return NodeStatus.PREPARING, Message(
        "{step} {cause}", "NODE_STARTING_AGAIN", step=what, cause=trouble
    )


def _step(view: View, wanted: list[str]) -> str:
    """Return what the instance does that is the least far on its way up."""
    rising = [
        one for one in view.instances if one.instance_id in wanted and one.status in _STARTING
    ]
    if not rising:
        return _STARTING[InstanceStatus.CREATED]
    last = min(rising, key=lambda one: list(_STARTING).index(one.status))
    return last.reason or _STARTING[last.status]


def _due(view: View, wanted: list[str], revision: RevisionRecord) -> list[Start]:
    """Return the instances to start now: those that are not there, or ended and may try again."""
    there = {one.instance_id: one for one in view.instances}
    found = []
    served = revision.number == view.node.active_revision  # so it can; what hinders it may pass
    for id_ in wanted:
        seen = there.get(id_)
        if seen is not None and (not seen.exited or seen.status is InstanceStatus.DELETING):
            continue
        failures = view.failures.get(id_)
        if failures is None or (
            failures.retry_at <= view.now and (served or not failures.is_final)
        ):
            found.append(Start(id_, view.node, revision))
    return found


def _starting(view: View, wanted: list[str], ensure: list[Start]) -> bool:
    there = {one.instance_id: one for one in view.instances}
    return bool(ensure) or any(id_ in there and there[id_].status in _STARTING for id_ in wanted)


def _leftover(view: View, wanted: set[str]) -> list[str]:
    """Return instances to remove: of no use any more, removal cut off, or stuck."""
    return [
        one.instance_id
        for one in view.instances
        if one.instance_id not in wanted
        or one.status is InstanceStatus.DELETING
        or _is_stuck(view, one)
    ]


def _is_stuck(view: View, one: ObservedInstance) -> bool:
    failures = view.failures.get(one.instance_id)
    return not one.exited and failures is not None and failures.is_stuck(view.now)


def _given_up(view: View, wanted: list[str]) -> str:
    """Say why a revision does not come up; empty while it still may."""
    for one in view.instances:
        if one.instance_id not in wanted:
            continue
        age = view.now - (one.started_at or view.now)
        if one.status in _STARTING and age > START_TIMEOUT:
            return Message(
                "It was not ready after {seconds} seconds.",
                "INSTANCE_NOT_READY",
                seconds=START_TIMEOUT,
            )
    for id_ in wanted:
        failures = view.failures.get(id_)
        if failures is not None and failures.is_final and failures.count < MAX_FAILURES:
            return failures.reason
        if failures is not None and failures.count >= MAX_FAILURES:
            return Message(
                "It failed {count} times. {cause}",
                "INSTANCE_FAILED",
                count=failures.count,
                cause=failures.reason,
            )
    return ""


def _is_final(view: View, wanted: list[str]) -> bool:
    return any(view.failures[id_].is_final for id_ in wanted if id_ in view.failures)


def _trouble(view: View, wanted: list[str]) -> str:
    """Return what the first unhealthy instance says, or said before it was started again."""
    for one in view.instances:
        if one.instance_id in wanted and one.status is InstanceStatus.UNHEALTHY:
            return one.reason
    for id_ in wanted:
        failures = view.failures.get(id_)
        if failures is not None and failures.count:
            return failures.reason
    return ""


def _kept_reason(view: View) -> str:
    """While the newest revision is one that failed, its reason stays in sight."""
    newest = view.revisions[0]
    if newest.number == view.node.revision or not newest.reason:
        return ""
    return _of_revision(newest.number, newest.reason)


def _of_revision(number: int, reason: str) -> Message:
    return Message("Revision {revision}: {cause}", "REVISION_SAYS", revision=number, cause=reason)


def _route(
    view: View, status: NodeStatus, reason: str, instances: list[ObservedInstance]
) -> NodeRoute:
    # While an update is under way, the old revision's instances are to be reached as it says.
    number = instances[0].revision if instances else view.node.revision
    return route(view.node, view.revision(number), status, reason, instances)
