"""Rolling updates, as properties: whatever happens meanwhile, what must never happen does not."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from jupyter_node_deploy.backends.base import InstanceStatus, ObservedInstance
from jupyter_node_deploy.catalog.nodes import NodeRecord, RevisionRecord
from jupyter_node_deploy.nodes.reconcile.failures import Failures
from jupyter_node_deploy.nodes.reconcile.plan import Plan, View, plan

from .test_plan import row, runs

HEALTHY, STARTED = InstanceStatus.HEALTHY, InstanceStatus.STARTED
DELETING, UNHEALTHY = InstanceStatus.DELETING, InstanceStatus.UNHEALTHY
STEPS = 400  # more than any rollout of a few instances takes


def revision(number: int, instances: int, limit: int = 1, timeout: float = 7.0) -> RevisionRecord:
    content = runs(instances, limit, timeout=timeout)
    return RevisionRecord("n", number, content, "c", True, "", 1.0)


@dataclass
class World:
    """A node, its instances, and what the reconciler does with its plans.

    Attributes:
        bad: ids of instances that never become healthy.
        chance: tells what happens to an instance at a step.
    """

    node: NodeRecord
    revisions: list[RevisionRecord]
    chance: Callable[[], bool]
    bad: set[str] = field(default_factory=set)
    instances: dict[str, ObservedInstance] = field(default_factory=dict)
    failures: dict[str, Failures] = field(default_factory=dict)
    now: float = 1000.0

    def step(self) -> Plan:
        """Plan and do it; then some time passes."""
        there = list(self.instances.values())
        for one in there:
            if one.exited:
                failures = self.failures.setdefault(one.instance_id, Failures())
                failures.failed(one.started_at, one.reason, self.now)
        todo = plan(View(self.node, self.revisions, there, self.failures, self.now))
        for id_ in todo.remove:
            self._set(id_, DELETING)
        for start in todo.ensure:
            self.instances[start.instance_id] = ObservedInstance(
                start.instance_id,
                "n",
                start.revision.number,
                STARTED,
                address=f"unix:/{start.instance_id}",
                started_at=self.now,
            )
        self.node = dataclasses.replace(
            self.node, revision=todo.revision, active_revision=todo.active
        )
        if todo.failed_revision is not None:
            number, reason = todo.failed_revision
            self.revisions = [
                dataclasses.replace(one, reason=reason) if one.number == number else one
                for one in self.revisions
            ]
        self._pass_time()
        return todo

    def _pass_time(self) -> None:
        self.now += 1.0
        for id_, one in list(self.instances.items()):
            if one.status is DELETING and self.chance():
                del self.instances[id_]
            elif one.status is STARTED and self.chance():
                if id_ in self.bad:
                    self._set(id_, UNHEALTHY, exited=True, reason="It ended.")
                else:
                    self._set(id_, HEALTHY)

    def _set(self, id_: str, status: InstanceStatus, **more: object) -> None:
        self.instances[id_] = dataclasses.replace(self.instances[id_], status=status, **more)  # type: ignore[arg-type]

    def number_of(self, todo: Plan) -> set[int]:
        assert todo.route is not None
        return {int(one.id.split("-")[1]) for one in todo.route.instances}

    def rising(self, number: int) -> int:
        """Return how many instances of a revision are there without being healthy."""
        return sum(
            one.revision == number and one.status in (STARTED, UNHEALTHY)
            for one in self.instances.values()
        )

    def settled(self) -> bool:
        wanted = next(one for one in self.revisions if one.number == self.node.revision)
        count = wanted.spec.provisioning.instances
        ids = {f"n-{wanted.number}-{ordinal}" for ordinal in range(count)}
        return self.instances.keys() == ids and all(
            one.status is HEALTHY for one in self.instances.values()
        )


def running(
    before: RevisionRecord, after: RevisionRecord, chance: Callable[[], bool], bad: set[str]
) -> World:
    """Return a node all of whose old instances are healthy, and that is to be updated."""
    world = World(row(active_revision=1), [before], chance, bad)
    while not world.settled():
        world.step()
    world.revisions.insert(0, after)
    world.node = dataclasses.replace(world.node, revision=after.number)
    return world


COUNTS = st.integers(1, 4)
SEEDS = st.randoms(use_true_random=False)


@given(COUNTS, COUNTS, st.integers(1, 5), SEEDS)
@settings(max_examples=150, deadline=None)
def test_an_update_takes_nothing_out_of_service(
    old: int, new: int, limit: int, random: Random
) -> None:
    world = running(
        revision(1, old),
        revision(2, new, limit),
        lambda: random.random() < 0.5,
        set(),
    )
    for _ in range(STEPS):
        todo = world.step()
        assert todo.route is not None
        assert len(todo.route.instances) >= min(old, new)
        assert world.rising(2) <= limit
        working = [one for one in world.instances.values() if one.status is not DELETING]
        assert len(working) <= max(old, new) + limit
        if world.settled():
            break
    assert world.settled()
    assert (world.node.revision, world.node.active_revision) == (2, 2)


@given(COUNTS, st.integers(1, 5), st.integers(0, 3), SEEDS)
@settings(max_examples=150, deadline=None)
def test_an_update_that_fails_half_way_is_undone(
    count: int, limit: int, ordinal: int, random: Random
) -> None:
    bad = {f"n-2-{ordinal % count}"}
    world = running(
        revision(1, count),
        revision(2, count, limit),
        lambda: random.random() < 0.5,
        bad,
    )
    for _ in range(STEPS):
        todo = world.step()
        assert todo.route is not None
        assert len(todo.route.instances) >= count
        if world.settled() and world.node.revision == 1:
            break
    assert world.settled()
    assert (world.node.revision, world.node.active_revision) == (1, 1)
    final = world.step()
    assert (world.number_of(final), final.status) == ({1}, "HEALTHY")
    assert "It ended." in final.reason


@given(COUNTS, COUNTS, SEEDS)
@settings(max_examples=50, deadline=None)
def test_instances_that_are_reached_otherwise_change_all_at_once(
    old: int, new: int, random: Random
) -> None:
    world = running(
        revision(1, old),
        revision(2, new, 1, timeout=99.0),
        lambda: random.random() < 0.5,
        set(),
    )
    for _ in range(STEPS):
        todo = world.step()
        numbers = world.number_of(todo)
        assert len(numbers) == 1
        assert todo.route is not None
        assert todo.route.timeout == {1: 14.0, 2: 198.0}[numbers.pop()]
        assert len(todo.route.instances) >= min(old, new)
        if world.settled():
            break
    assert world.node.active_revision == 2


def test_a_second_update_before_the_first_is_done() -> None:
    world = running(revision(1, 3), revision(2, 3), lambda: True, set())
    while not any(one.revision == 2 and one.status is HEALTHY for one in world.instances.values()):
        world.step()
    world.revisions.insert(0, revision(3, 3))
    world.node = dataclasses.replace(world.node, revision=3)
    for _ in range(STEPS):
        todo = world.step()
        assert todo.route is not None
        assert len(todo.route.instances) >= 3
        if world.settled():
            break
    assert (world.settled(), world.node.active_revision) == (True, 3)


def test_nothing_is_spared_where_nothing_serves() -> None:
    world = World(row(active_revision=1, revision=2), [revision(2, 3), revision(1, 3)], bool)
    todo = world.step()
    assert {one.instance_id for one in todo.ensure} >= {"n-2-0", "n-2-1", "n-2-2"}
