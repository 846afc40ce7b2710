"""What the reconciler decides, from what should be and what is."""

from __future__ import annotations

import dataclasses
from typing import Any

from jupyter_node_deploy.backends.base import InstanceStatus, ObservedInstance
from jupyter_node_deploy.catalog.nodes import NodeRecord, RevisionRecord
from jupyter_node_deploy.nodes.reconcile.failures import STEADY, STUCK_AFTER, Failures
from jupyter_node_deploy.nodes.reconcile.plan import MAX_FAILURES, Plan, View, plan
from jupyter_node_deploy.nodes.reconcile.route import route
from jupyter_node_deploy.specs import Healthcheck, NodeStatus, RevisionSpec

NOW = 1000.0
HEALTHY, STARTED = InstanceStatus.HEALTHY, InstanceStatus.STARTED


def row(**more: Any) -> NodeRecord:
    return NodeRecord(
        **{
            "id": "n",
            "name": "node",
            "type": "cell",
            "description": "",
            "folder": "f",
            "acl": ["f"],
            "desired": "running",
            "revision": 1,
            "active_revision": None,
            "status": "CREATED",
            "reason": "",
            "created_at": 1.0,
            "updated_at": 1.0,
            "created_by": None,
            **more,
        }
    )


def runs(instances: int = 1, limit: int = 1, **cell: Any) -> RevisionSpec:
    variables = {"checkpoint": "c", "outputs": [{"name": "y"}]}
    return RevisionSpec.model_validate(
        {
            "cell": {**variables, "timeout": 7.0, **cell},
            "provisioning": {"instances": instances, "maintenance_limit": limit},
        }
    )


def revision(number: int, instances: int = 1, reason: str = "") -> RevisionRecord:
    return RevisionRecord("n", number, runs(instances), "c", True, reason, 1.0)


def seen(
    number: int, status: InstanceStatus = HEALTHY, ordinal: int = 0, **more: Any
) -> ObservedInstance:
    id_ = f"n-{number}-{ordinal}"
    return ObservedInstance(
        **{
            "instance_id": id_,
            "node_id": "n",
            "revision": number,
            "status": status,
            "address": f"unix:/{id_}",
            "started_at": NOW - 1,
            **more,
        }
    )


def ended(number: int, ordinal: int = 0) -> ObservedInstance:
    return seen(number, InstanceStatus.UNHEALTHY, ordinal, exited=True, reason="It ended.")


def decide(
    node: NodeRecord,
    instances: list[ObservedInstance],
    revisions: list[RevisionRecord] | None = None,
    failures: dict[str, Failures] | None = None,
) -> Plan:
    return plan(View(node, revisions or [revision(1)], instances, failures or {}, NOW))


def started(todo: Plan) -> list[str]:
    return [one.instance_id for one in todo.ensure]


def routed(todo: Plan) -> list[str]:
    assert todo.route is not None
    return [one.id for one in todo.route.instances]


def test_a_new_node_is_started() -> None:
    todo = decide(row(), [], [revision(1, instances=2)])
    assert started(todo) == ["n-1-0", "n-1-1"]
    assert todo.status is NodeStatus.PREPARING
    assert routed(todo) == []
    assert todo.starting


def test_a_healthy_node_needs_nothing() -> None:
    todo = decide(row(), [seen(1)])
    assert (todo.status, todo.reason, todo.active) == (NodeStatus.HEALTHY, "", 1)
    assert (todo.ensure, todo.remove, todo.starting) == ([], [], False)
    assert todo.route is not None
    assert (todo.route.acl, todo.route.timeout) == (("f",), 14.0)
    assert routed(todo) == ["n-1-0"]


def test_one_of_two_serves_before_all_are_there() -> None:
    todo = decide(row(), [seen(1), seen(1, STARTED, 1)], [revision(1, instances=2)])
    assert routed(todo) == ["n-1-0"]
    assert todo.status is NodeStatus.PREPARING


def test_an_ended_instance_is_started_again() -> None:
    failures = {"n-1-0": Failures()}
    failures["n-1-0"].failed(1.0, "It ended.", NOW)
    todo = decide(row(active_revision=1), [ended(1)], failures=failures)
    assert started(todo) == ["n-1-0"]
    assert todo.status is NodeStatus.UNHEALTHY
    assert "It ended." in todo.reason


def test_but_not_before_its_time() -> None:
    failures = {"n-1-0": Failures(count=2, reason="It ended.", retry_at=NOW + 5)}
    todo = decide(row(active_revision=1), [ended(1)], failures=failures)
    assert started(todo) == []


def test_a_degraded_node_is_healthy_and_says_so() -> None:
    todo = decide(row(active_revision=1), [seen(1), ended(1, 1)], [revision(1, instances=2)])
    assert todo.status is NodeStatus.HEALTHY
    assert todo.reason == "1 of 2 instances are healthy. It ended."
    assert started(todo) == ["n-1-1"]


def test_a_node_that_never_starts_fails_with_the_reason_and_advice() -> None:
    failures = {"n-1-0": Failures(count=MAX_FAILURES, reason="No memory.", retry_at=NOW + 5)}
    todo = decide(row(), [ended(1)], failures=failures)
    assert todo.status is NodeStatus.FAILED
    assert "No memory." in todo.reason
    assert "update, resume or delete" in todo.reason


def test_a_stuck_instance_is_replaced() -> None:
    stuck = seen(1, InstanceStatus.UNHEALTHY, reason="It did not answer.")
    failures = {"n-1-0": Failures(unhealthy_since=NOW - STUCK_AFTER - 1)}
    assert decide(row(active_revision=1), [stuck], failures=failures).remove == ["n-1-0"]
    failures["n-1-0"].unhealthy_since = NOW - 1
    assert decide(row(active_revision=1), [stuck], failures=failures).remove == []


def test_a_removal_that_was_cut_off_is_gone_on_with() -> None:
    todo = decide(row(active_revision=1), [seen(1, InstanceStatus.DELETING, exited=True)])
    assert todo.remove == ["n-1-0"]
    assert started(todo) == []


def test_the_old_revision_serves_until_the_new_one_is_ready() -> None:
    node, both = row(revision=2, active_revision=1), [revision(2), revision(1)]
    first = decide(node, [seen(1)], both)
    assert started(first) == ["n-2-0"]
    assert (routed(first), first.remove, first.active) == (["n-1-0"], [], 1)
    assert first.status is NodeStatus.HEALTHY
    assert "Revision 2 is starting; revision 1 serves." in first.reason

    then = decide(node, [seen(1), seen(2, STARTED)], both)
    assert (routed(then), then.remove, then.ensure) == (["n-1-0"], [], [])

    last = decide(node, [seen(1), seen(2)], both)
    assert (routed(last), last.remove, last.active) == (["n-2-0"], ["n-1-0"], 2)
    assert last.reason == ""


def test_during_an_update_the_old_revision_is_repaired() -> None:
    node, both = row(revision=2, active_revision=1), [revision(2), revision(1)]
    assert started(decide(node, [ended(1), seen(2, STARTED)], both)) == ["n-1-0"]


def test_a_revision_that_fails_is_given_up_and_the_old_one_kept() -> None:
    node, both = row(revision=2, active_revision=1), [revision(2), revision(1)]
    failures = {"n-2-0": Failures(count=MAX_FAILURES, reason="No module.", retry_at=NOW + 1)}
    todo = decide(node, [seen(1), ended(2)], both, failures)
    assert (todo.revision, todo.active, todo.status) == (1, 1, NodeStatus.HEALTHY)
    assert todo.failed_revision is not None
    assert todo.failed_revision[0] == 2
    assert "No module." in todo.failed_revision[1]
    assert routed(todo) == ["n-1-0"]

    kept = [revision(2, reason=todo.failed_revision[1]), revision(1)]
    after = decide(row(revision=1, active_revision=1), [seen(1), ended(2)], kept)
    assert after.remove == ["n-2-0"]
    assert after.status is NodeStatus.HEALTHY
    assert "No module." in after.reason


def test_suspended_and_deleted_take_no_requests_and_lose_their_instances() -> None:
    suspended = decide(row(desired="suspended", active_revision=1), [seen(1)])
    assert (suspended.status, suspended.remove) == (NodeStatus.SUSPENDED, ["n-1-0"])
    assert routed(suspended) == []
    deleted = decide(row(desired="deleted"), [seen(1)])
    assert (deleted.route, deleted.remove, deleted.gone) == (None, ["n-1-0"], False)
    assert decide(row(desired="deleted"), []).gone


def test_fewer_instances_by_the_same_revision() -> None:
    todo = decide(row(active_revision=1), [seen(1), seen(1, HEALTHY, 1)])
    assert (routed(todo), todo.remove) == (["n-1-0"], ["n-1-1"])


def test_failures_count_once_per_start_and_back_off() -> None:
    failures = Failures()
    failures.failed(1.0, "a", NOW)
    failures.failed(1.0, "a", NOW + 1)
    assert (failures.count, failures.retry_at) == (1, NOW)
    pauses = []
    for start in range(2, 12):
        failures.failed(float(start), "b", NOW)
        pauses.append(failures.retry_at - NOW)
    assert pauses[:3] == [0.5, 1.0, 2.0]
    assert max(pauses) == 60.0
    failures.healthy(NOW)
    assert failures.count == 11
    failures.healthy(NOW + STEADY)
    assert failures.count == 0


def test_a_revision_that_can_not_be_read_fails_its_node_with_the_reason() -> None:
    damaged = dataclasses.replace(revision(1), content="cell.timeout: too long")
    todo = decide(row(active_revision=1), [seen(1)], [damaged])
    assert todo.status is NodeStatus.FAILED
    assert "Revision 1 can't be read from the catalog: cell.timeout: too long." in todo.reason
    assert (routed(todo), todo.ensure, todo.remove) == ([], [], [])
    assert decide(row(desired="deleted"), [seen(1)], [damaged]).remove == ["n-1-0"]


def test_an_old_one_does_no_harm() -> None:
    damaged = dataclasses.replace(revision(1), content="cell.timeout: too long")
    todo = decide(row(revision=2, active_revision=2), [seen(2)], [revision(2), damaged])
    assert (todo.status, routed(todo)) == (NodeStatus.HEALTHY, ["n-2-0"])
    then = decide(row(revision=2, active_revision=1), [seen(1), seen(2)], [revision(2), damaged])
    assert (then.active, routed(then), then.remove) == (2, ["n-2-0"], ["n-1-0"])


def test_the_route_to_a_docker_node_says_how_it_is_reached() -> None:
    docker = {
        "image": "echo:1",
        "endpoint": {"type": "grpc", "port": 50051, "timeout": 5, "idle_timeout": 7},
        "healthcheck": {"type": "grpc", "port": 50051, "path": "echo.v1.Echo", "interval": 2},
    }
    spec = RevisionSpec.model_validate({"docker": docker, "provisioning": {}})
    given = dataclasses.replace(revision(1), content=spec)
    made = route(row(type="docker"), given, NodeStatus.HEALTHY, "", [])
    assert (made.protocol, made.timeout, made.idle_timeout) == ("grpc", 5, 7)
    assert made.healthcheck == Healthcheck.model_validate(docker["healthcheck"])
    assert made.concurrency is None


def test_an_instance_is_given_what_all_its_workers_run_at_a_time() -> None:
    spec = runs(workers=2, concurrency=8)
    given = dataclasses.replace(revision(1), content=spec)
    made = route(row(), given, NodeStatus.HEALTHY, "", [])
    assert made.concurrency == 16


def final(reason: str = "No library.") -> dict[str, Failures]:
    failures = Failures()
    failures.failed(NOW - 1, reason, NOW - 1, tries=1)
    return {"n-1-0": failures}


def test_what_would_fail_again_is_given_up_at_once_and_for_good() -> None:
    todo = decide(row(), [ended(1)], failures=final())
    assert todo.status is NodeStatus.FAILED
    assert started(todo) == []
    assert "No library." in todo.reason
    assert "not tried again by itself" in todo.reason


def test_what_served_before_is_started_again_whatever_it_failed_at() -> None:
    todo = decide(row(active_revision=1), [ended(1)], failures=final())
    assert started(todo) == ["n-1-0"]


def test_an_update_that_would_fail_again_is_given_up_at_once() -> None:
    failures = {"n-2-0": final()["n-1-0"]}
    node = row(revision=2, active_revision=1)
    todo = decide(node, [seen(1), ended(2)], [revision(2), revision(1)], failures)
    assert todo.revision == 1
    assert todo.failed_revision is not None
    assert "No library." in todo.failed_revision[1]


def test_one_instance_makes_the_smoke_test_before_there_are_others() -> None:
    def decided(instances: list[ObservedInstance], *, tested: bool) -> list[str]:
        view = View(row(), [revision(1, instances=3)], instances, {}, NOW, tested=tested)
        return started(plan(view))

    assert decided([], tested=False) == ["n-1-0"]
    assert decided([seen(1, STARTED)], tested=False) == []
    assert decided([seen(1)], tested=True) == ["n-1-1", "n-1-2"]
    assert decided([], tested=True) == ["n-1-0", "n-1-1", "n-1-2"]
