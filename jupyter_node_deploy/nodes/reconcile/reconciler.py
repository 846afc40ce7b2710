"""The reconciler: compares what should be with what is, and acts. Level-triggered.

A pass reads the desired state from the catalog and everything there is from the backend, makes a
plan per node (``plan.py``), publishes the routes, starts and removes instances, and writes down
what it saw. Every step may be repeated, so a crash at any line is repaired by the next pass.
"""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import itertools
import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from ...backends.base import Backend, InstanceStatus, ObservedInstance
from ...catalog import nodes as rows
from ...catalog.engine import Catalog
from ...catalog.nodes import NodeRecord, RevisionRecord
from ...errors import CannotRun, Message, NodeDeployError, Unimplemented
from ...gateway.routes import NodeRoute
from ...home import Home
from ...specs import NodeStatus
from ..bundle.store import BundleStore
from .failures import Failures
from .instance_specs import InstanceSpecs
from .ownership import Ownership
from .plan import Plan, Start, View, plan
from .smoke_tests import SmokeTests

_TICK = 1.0
_COLLECT_EVERY = 60.0
#: Seconds that a drained instance may take beyond its requests' timeouts; at most so many if
#: its node is suspended or deleted: then somebody waits for it to be gone.
_DRAIN_MARGIN = 5.0
_DRAIN_LONGEST = 60.0
_STOP_GRACE = 10.0
_STOP_PATIENCE = 20.0

_log = logging.getLogger(__name__)


class RoutePublisher(Protocol):
    """What the reconciler needs of ``gateway.control.GatewayControl``."""

    async def publish(self, nodes: Mapping[str, NodeRoute]) -> None:
        """Make these the routes; on return no request follows the old ones."""

    async def reach(self, node_id: str) -> str:
        """Return why requests don't get to a published cell node; empty if they do."""

    async def drain(self, instance_id: str, seconds: float) -> None:
        """Return when an instance that has no route any more has answered what it was sent."""


class Reconciler:
    """Makes nodes be what the catalog says.

    Several servers of a home may each have one: one of them acts, the others look on, and one of
    them takes over when the first ends.

    Args:
        home: the data directory.
        catalog: the desired state.
        backend: where instances run.
        gateway: is told the routes.
        bundles: of the cells, to be deleted with their nodes.
        specs: makes what the backend is asked for.
    """

    def __init__(
        self,
        home: Home,
        catalog: Catalog,
        backend: Backend,
        gateway: RoutePublisher,
        bundles: BundleStore,
        specs: InstanceSpecs,
    ) -> None:
        self._catalog = catalog
        self._backend = backend
        self._gateway = gateway
        self._bundles = bundles
        self._smoke_tests = SmokeTests(catalog, bundles)
        self._specs = specs
        self._ownership = Ownership(home.owner)
        self._failures: dict[str, Failures] = {}
        self._unknown: set[str] = set()
        self._removals: dict[str, asyncio.Task[None]] = {}
        self._published: dict[str, NodeRoute] | None = None
        self._poked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._collected_at = float("-inf")
        self._stopping = False

    async def start(self) -> None:
        """Begin; returns at once."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def stop(self, *, remove_instances: bool) -> None:
        """End; with ``remove_instances`` the owner takes the instances along.

        The desired state stays as it is: the next server starts the nodes again.
        """
        if self._task is None:
            return
        # The pass at work ends first: cut off, it might start an instance behind our back.
        self._stopping = True
        self.poke()
        await asyncio.wait([self._task], timeout=_STOP_PATIENCE)
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._task = None
        self._stopping = False
        if self._ownership.held and remove_instances:
            await self._remove_all()
        for removal in self._removals.values():
            removal.cancel()
        await asyncio.gather(*self._removals.values(), return_exceptions=True)
        self._ownership.give_up()

    def retry(self, node_id: str) -> None:
        """Forget a node's failures, so that it is started at once."""
        for instance_id, failures in self._failures.items():
            if instance_id.rsplit("-", 2)[0] == node_id:
                failures.forget()
        self.poke()

    def poke(self) -> None:
        """Look at once: the desired state has changed."""
        self._poked.set()

    async def _run(self) -> None:
        while not self._stopping:
            self._poked.clear()
            pause, starting = _TICK, dict[str, list[ObservedInstance]]()
            try:
                if self._ownership.take():
                    pause, starting = await self._pass()
            except Exception:
                _log.exception("The nodes could not be reconciled; trying again.")
            await self._pause(pause, starting)

    async def _pause(self, pause: float, starting: dict[str, list[ObservedInstance]]) -> None:
        """Wait for a poke, the end of the pause, or a change of an instance that is starting."""
        until = time.monotonic() + pause
        while not self._poked.is_set() and (left := until - time.monotonic()) > 0:
            # A new instance is about to be ready: asking it often is what makes Create quick.
            step = min(left, _patience(starting))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._poked.wait(), step)
            for node_id, before in starting.items():
                now = await self._observe(node_id)
                if _statuses(now) != _statuses(before):
                    return

    async def _pass(self) -> tuple[float, dict[str, list[ObservedInstance]]]:
        """Do everything once; return when to look again and at which nodes' instances sooner."""
        nodes, revisions = await self._catalog.read(rows.every_with_revisions)
        seen: dict[str, list[ObservedInstance]] = {node.id: [] for node in nodes}
        orphans: list[ObservedInstance] = []
        for instance in await self._specs.concealed(await self._observe(), nodes, revisions):
            seen.get(instance.node_id, orphans).append(instance)
        now = time.time()
        self._note(seen, now)
        await self._smoke_tests.take(itertools.chain.from_iterable(seen.values()))
        untested = await self._smoke_tests.due(nodes)
        plans = {
            node.id: plan(
                View(
                    node,
                    revisions.get(node.id, []),
                    seen[node.id],
                    self._failures,
                    now,
                    tested=node.id not in untested,
                )
            )
            for node in nodes
        }
        starts = [start for one in plans.values() for start in one.ensure]
        # Beside each other: a start need not wait for the gateway, only a removal must.
        starting_up = asyncio.gather(*(self._ensure(start, now) for start in starts))
        trouble = await self._publish(plans)
        await starting_up
        lost = {} if trouble else await self._reach(nodes, plans)
        if not trouble:
            for node in (one for one in nodes if one.id not in lost):
                grace = _grace(node, revisions.get(node.id, []))
                self._remove(plans[node.id].remove, grace)
            await self._remove_orphans(orphans)
        for node in nodes:
            await self._write(node, plans[node.id], trouble or lost.get(node.id, ""))
        if now - self._collected_at > _COLLECT_EVERY:
            self._collected_at = now
            await self._collect()
        starting = {
            node_id: seen[node_id]
            for node_id, one in plans.items()
            if one.starting and not one.ensure
        }
        if starts or any(one.failed_revision for one in plans.values()):
            return 0.0, {}  # what was started is seen by the next pass
        return self._next_look(now), starting

    async def _observe(self, node_id: str | None = None) -> list[ObservedInstance]:
        """Return what there is; what is drained in the gateway is on its way out already."""
        return [
            dataclasses.replace(one, status=InstanceStatus.DELETING)
            if one.instance_id in self._removals
            else one
            for one in await self._backend.observe(node_id)
        ]

    def _note(self, seen: Mapping[str, Iterable[ObservedInstance]], now: float) -> None:
        """Keep count of failures."""
        there = set()
        for instances in seen.values():
            for one in instances:
                there.add(one.instance_id)
                if one.status is InstanceStatus.HEALTHY:
                    if one.instance_id in self._failures:
                        self._failures[one.instance_id].healthy(now)
                    continue
                failures = self._failures.setdefault(one.instance_id, Failures())
                if one.exited and one.status is not InstanceStatus.DELETING:
                    failures.failed(one.started_at, one.reason, now, one.tries)
                elif one.status is InstanceStatus.UNHEALTHY:
                    failures.unhealthy(one.started_at, one.reason, now)
        for gone in self._failures.keys() - there:
            # Also when an instance could not even be made; its count ends with its node.
            if gone.rsplit("-", 2)[0] not in seen:
                del self._failures[gone]

    def _next_look(self, now: float) -> float:
        """Return the pause until the next pass: a tick, or less if a start is due before."""
        due = [one.retry_at - now for one in self._failures.values() if one.retry_at > now]
        return max(0.01, min([_TICK, *due]))

    async def _publish(self, plans: Mapping[str, Plan]) -> str:
        """Bring the gateway up to date; return what went wrong, if anything did."""
        routes = {id_: one.route for id_, one in plans.items() if one.route is not None}
        if routes == self._published:
            return ""
        try:
            await self._gateway.publish(routes)
        except NodeDeployError as error:
            self._published = None
            _log.warning("The routes could not be published: %s", error.message)
            return Message(
                "The gateway did not take the new routes. {cause}",
                "ROUTES_NOT_PUBLISHED",
                cause=error.message,
            )
        self._published = routes
        return ""

    async def _reach(
        self, nodes: Iterable[NodeRecord], plans: Mapping[str, Plan]
    ) -> dict[str, str]:
        """Ask nodes with a new revision through the gateway; return which it does not reach, why.

        Images are asked by the gateway itself, as their health checks say.
        """
        new = [
            node.id
            for node in nodes
            if node.type == "cell"
            and plans[node.id].status is NodeStatus.HEALTHY
            and plans[node.id].active not in (None, node.active_revision)
        ]
        answers = await asyncio.gather(*map(self._gateway.reach, new))
        return {node_id: why for node_id, why in zip(new, answers, strict=True) if why}

    async def _ensure(self, start: Start, now: float) -> None:
        """Start an instance; that it could not even be made counts as a failed start."""
        try:
            spec = await self._specs.of(start.node, start.revision, start.instance_id)
            await self._backend.ensure(spec)
        except NodeDeployError as error:
            failures = self._failures.setdefault(start.instance_id, Failures())
            tries = 1 if isinstance(error, CannotRun | Unimplemented) else None
            failures.failed(now, error.message, now, tries)

    def _remove(self, instances: Iterable[str], grace: float) -> None:
        """Begin to remove instances; a slow drain does not hold up other nodes."""
        for instance_id in instances:
            if instance_id not in self._removals:
                task = asyncio.create_task(self._removal(instance_id, grace))
                self._removals[instance_id] = task

    async def _removal(self, instance_id: str, grace: float) -> None:
        try:
            # Fronts finish what they have by themselves, but images may not.
            await self._gateway.drain(instance_id, grace)
            await self._backend.remove(instance_id, grace=grace)
            if (failures := self._failures.get(instance_id)) is not None:
                failures.removed()
        except Exception:
            _log.exception("The instance %s could not be removed; trying again.", instance_id)
            await asyncio.sleep(_TICK)
        finally:
            del self._removals[instance_id]
            self.poke()

    async def _write(self, node: NodeRecord, todo: Plan, trouble: str) -> None:
        """Write down what was seen."""
        if todo.gone:
            with self._bundles.at_rest(node.id) as at_rest:
                if at_rest:  # else an update began before the deletion; the next pass goes on
                    # The bundles first: without its row nobody would look for them.
                    await asyncio.to_thread(self._bundles.remove, node.id)
                    await self._catalog.write(rows.remove, node.id)
            return
        status, reason = todo.status, todo.reason
        if trouble and status is NodeStatus.HEALTHY:
            status, reason = NodeStatus.UNHEALTHY, trouble
        values: dict[str, Any] = {
            "status": status.value,
            "reason": reason,
            "revision": todo.revision,
            "active_revision": node.active_revision if trouble else todo.active,
        }
        if all(getattr(node, key) == value for key, value in values.items()):
            return
        await self._catalog.write(
            rows.record_observation,
            node.id,
            seen=node,
            values=values,
            revision_reason=todo.failed_revision,
        )

    async def _remove_orphans(self, orphans: Iterable[ObservedInstance]) -> None:
        """Remove the instances of deleted nodes; those that the catalog never knew stay."""
        nodes = {one.node_id for one in orphans}
        deleted = await self._catalog.read(rows.deleted, nodes) if nodes else set[str]()
        self._remove([one.instance_id for one in orphans if one.node_id in deleted], 0.0)
        if unknown := nodes - deleted - self._unknown:
            _log.warning(
                "Instances of nodes run that the catalog does not know: %s. They are left alone: "
                "`jupyter node gc` lists and removes them.",
                ", ".join(sorted(unknown)),
            )
        self._unknown = nodes - deleted

    async def _collect(self) -> None:
        """Delete bundles that a crash has left over."""
        for node_id in await asyncio.to_thread(self._bundles.present):
            with self._bundles.at_rest(node_id) as at_rest:
                if not at_rest:
                    continue
                known = await self._catalog.read(rows.revisions_of, node_id)
                if not known and node_id in await self._catalog.read(rows.deleted, {node_id}):
                    await asyncio.to_thread(self._bundles.remove, node_id)
                else:
                    numbers = {one.number for one in known}
                    await asyncio.to_thread(self._bundles.tidy, node_id, numbers)

    async def _remove_all(self) -> None:
        nodes = await self._catalog.read(rows.every)
        instances = await self._backend.observe()
        await asyncio.gather(
            *(self._backend.remove(one.instance_id, grace=_STOP_GRACE) for one in instances)
        )
        reason = Message(
            "It was stopped together with the Jupyter server, and starts again with it.",
            "STOPPED_WITH_SERVER",
        )
        for node in nodes:
            if node.desired == "running":
                values = {"status": NodeStatus.PREPARING.value, "reason": reason}
                await self._catalog.write(
                    rows.record_observation, node.id, seen=node, values=values
                )


def _statuses(instances: Iterable[ObservedInstance]) -> set[tuple[str, str, bool]]:
    return {(one.instance_id, one.status, one.exited) for one in instances}


def _patience(starting: Mapping[str, Iterable[ObservedInstance]]) -> float:
    """Return seconds between looks at starting instances: few while the start is young."""
    starts = [one.started_at or 0.0 for many in starting.values() for one in many]
    age = time.time() - max(starts, default=0.0)
    return 0.01 if age < 3.0 else 0.1 if age < 30.0 else _TICK


def _grace(node: NodeRecord, revisions: Iterable[RevisionRecord]) -> float:
    """Return seconds that a node's instances get for requests that still wait or run."""
    timeouts = [one.spec.part.answer_timeout for one in revisions if not one.damage]
    grace = max(timeouts, default=0.0) + _DRAIN_MARGIN
    return grace if node.desired == "running" else min(grace, _DRAIN_LONGEST)
