"""Nodes over time: updates, rollback, suspend, delete, restarts, several servers."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Connection

from jupyter_node_deploy.access.models import AliasCreate, AliasTarget
from jupyter_node_deploy.catalog import nodes as rows
from jupyter_node_deploy.errors import AlreadyExists, DeadlineExceeded, FailedPrecondition, NotFound
from jupyter_node_deploy.ids import new_id
from jupyter_node_deploy.nodes.bundle.store import BundleStore
from jupyter_node_deploy.nodes.reconcile import reconciler
from jupyter_node_deploy.specs import CellSpec, Node, NodePatch, Provisioning, Variable

from ...support.randomizer import INPUT
from ...support.waiting import until_async
from .conftest import Census, ControlPlane, control_plane, form


async def healthy(plane: ControlPlane, source: str = "y = 1\n", name: str = "node") -> Node:
    """Return a node that serves a cell without inputs."""
    checkpoint = await plane.checkpoint(source, name=new_id())
    node = await plane.nodes.create(form(name, checkpoint, [], ["y:any"]))
    return await plane.nodes.wait(node.id, timeout=60)


async def cell(plane: ControlPlane, source: str) -> CellSpec:
    """Return the spec of another cell without inputs."""
    checkpoint = await plane.checkpoint(source, name=new_id())
    return CellSpec(checkpoint=checkpoint, outputs=[Variable(name="y")], workers=1)


def no_instances(plane: ControlPlane) -> Callable[[], Awaitable[bool]]:
    async def check() -> bool:
        return not await plane.backend.observe()

    return check


async def gone(plane: ControlPlane, node_id: str) -> bool:
    try:
        await plane.nodes.get(node_id)
    except NotFound:
        return True
    return False


async def test_update_is_rolling_and_loses_no_request(plane: ControlPlane) -> None:
    node = await healthy(plane, "y = 1\n")
    token = (await plane.tokens.issue()).token
    answers: list[tuple[int, str]] = []
    stop = asyncio.Event()

    async def load() -> None:
        while not stop.is_set():
            answer = await plane.call(node.id, {}, token)
            answers.append((answer.status_code, answer.text))

    clients = [asyncio.create_task(load()) for _ in range(3)]
    patched = await plane.nodes.patch(node.id, NodePatch(cell=await cell(plane, "y = 2\n")))
    assert patched.revision == 2
    node = await plane.nodes.wait(node.id, timeout=60)
    await until_async(lambda: len(answers) > 50)
    stop.set()
    await asyncio.gather(*clients)
    assert {status for status, _ in answers} == {200}
    assert {text for _, text in answers} == {'{"output":{"y":1}}', '{"output":{"y":2}}'}
    assert (await plane.call(node.id, {}, token)).json() == {"output": {"y": 2}}

    async def only_new() -> bool:
        return [one.revision for one in (await plane.nodes.get(node.id)).instances] == [2]

    await until_async(only_new)
    revisions = await plane.nodes.revisions(node.id)
    assert [(one.number, one.active) for one in revisions] == [(2, True), (1, False)]


async def test_no_more_instances_are_replaced_at_a_time_than_the_maintenance_limit_says(
    plane: ControlPlane,
) -> None:
    first = await plane.checkpoint("y = 1\n", name=new_id())
    node = await plane.nodes.create(form("node", first, [], ["y:any"], instances=3))
    await plane.nodes.wait(node.id, timeout=60)
    census, done = Census(), asyncio.Event()
    counting = asyncio.create_task(census.take(plane.backend, node.id, done))
    limits = Provisioning(instances=3, maintenance_limit=1)
    patch = NodePatch(cell=await cell(plane, "y = 2\n"), provisioning=limits)
    await plane.nodes.patch(node.id, patch)
    token = (await plane.tokens.issue()).token
    answers: set[str] = set()

    async def replaced() -> bool:
        answers.add((await plane.call(node.id, {}, token)).text)
        return {one.revision for one in await plane.backend.observe(node.id)} == {2}

    await until_async(replaced)
    done.set()
    await counting
    assert answers == {'{"output":{"y":1}}', '{"output":{"y":2}}'}
    assert (census.fewest, census.rising) == (3, {2: 1})


async def test_a_revision_that_fails_its_dry_run_changes_nothing(plane: ControlPlane) -> None:
    node = await healthy(plane)
    with pytest.raises(FailedPrecondition, match="NameError"):
        await plane.nodes.patch(node.id, NodePatch(cell=await cell(plane, "y = missing\n")))
    assert len(await plane.nodes.revisions(node.id)) == 1
    assert (await plane.nodes.get(node.id)).revision == 1


async def test_a_revision_that_does_not_start_keeps_the_old_one_serving(
    plane: ControlPlane,
) -> None:
    node = await healthy(plane, "y = 1\n")
    # It passes its dry run; then its state is lost before an instance could load it.
    spec = await cell(plane, "y = 2\n")
    await plane.reconciler.stop(remove_instances=False)
    await plane.nodes.patch(node.id, NodePatch(cell=spec))
    (plane.home.bundles / node.id / "2" / "node.json").write_text("{")
    await plane.reconciler.start()

    async def given_up() -> Node | None:
        found = await plane.nodes.get(node.id)
        return found if found.revision == 1 else None

    found: Node = await until_async(given_up)
    assert found.status == "HEALTHY"
    assert "Revision 2" in found.reason
    assert "node.json is broken" in found.reason
    assert (await plane.call(node.id, {})).json() == {"output": {"y": 1}}
    [failed, kept] = await plane.nodes.revisions(node.id)
    assert "node.json is broken" in failed.reason
    assert kept.active

    # The next one gets a number of its own, and the reason is gone with it.
    await plane.nodes.patch(node.id, NodePatch(cell=await cell(plane, "y = 3\n")))
    found = await plane.nodes.wait(node.id, timeout=60)
    assert (found.revision, found.reason) == (3, "")


async def test_provisioning_makes_a_revision_without_the_checkpoint(plane: ControlPlane) -> None:
    checkpoint = await plane.checkpoint("y = x\n", {"x": 5})
    node = await plane.nodes.create(form("n", checkpoint, [], ["y:int"]))
    await plane.nodes.wait(node.id, timeout=60)
    await plane.checkpoints.unpin(checkpoint)
    await plane.checkpoints.delete(checkpoint)
    await plane.checkpoints.collect()
    await plane.nodes.patch(node.id, NodePatch(provisioning=Provisioning(instances=2)))
    node = await plane.nodes.wait(node.id, timeout=60)
    assert node.revision == 2
    assert {one.revision for one in node.instances if one.status == "HEALTHY"} >= {2}
    assert (await plane.call(node.id, {})).json() == {"output": {"y": 5}}


async def test_updates_at_once_get_revisions_of_their_own(plane: ControlPlane) -> None:
    node = await healthy(plane)
    cells = [await cell(plane, f"y = {number}\n") for number in (1, 2, 3)]
    await asyncio.gather(*(plane.nodes.patch(node.id, NodePatch(cell=one)) for one in cells))
    revisions = await plane.nodes.revisions(node.id)
    assert [one.number for one in revisions] == [4, 3, 2, 1]
    for one in revisions:
        assert (plane.home.bundles / node.id / str(one.number) / "node.json").exists()
    last = await plane.nodes.wait(node.id, timeout=60)
    assert last.cell is not None
    assert revisions[0].cell == last.cell


async def test_words_and_access_change_without_a_revision(plane: ControlPlane) -> None:
    node = await healthy(plane)
    other = await plane.folders.create("other")
    patched = await plane.nodes.patch(
        node.id, NodePatch(name="renamed", description="Words.", acl=[other.id])
    )
    assert (patched.name, patched.description, patched.revision) == ("renamed", "Words.", 1)
    theirs = (await plane.tokens.issue(other.id)).token

    async def answered() -> bool:
        return (await plane.call(node.id, {}, theirs)).status_code == 200

    await until_async(answered)
    assert (await plane.call(node.id, {})).status_code in (403, 404)
    await healthy(plane, name="another")
    with pytest.raises(AlreadyExists):
        await plane.nodes.patch("another", NodePatch(name="renamed"))


async def test_rollback(plane: ControlPlane) -> None:
    node = await healthy(plane, "y = 1\n")
    with pytest.raises(FailedPrecondition, match="no revision to go back to"):
        await plane.nodes.rollback(node.id)
    await plane.nodes.patch(node.id, NodePatch(cell=await cell(plane, "y = 2\n")))
    await plane.nodes.wait(node.id, timeout=60)
    await plane.nodes.rollback(node.id)
    node = await plane.nodes.wait(node.id, timeout=60)
    assert node.revision == 1
    assert (await plane.call(node.id, {})).json() == {"output": {"y": 1}}
    await plane.nodes.rollback(node.id, 2)
    await plane.nodes.wait(node.id, timeout=60)
    assert (await plane.call(node.id, {})).json() == {"output": {"y": 2}}
    with pytest.raises(NotFound):
        await plane.nodes.rollback(node.id, 9)
    with pytest.raises(FailedPrecondition, match="current one already"):
        await plane.nodes.rollback(node.id, 2)


async def test_suspend_and_resume(plane: ControlPlane) -> None:
    node = await healthy(plane)
    suspended = await plane.nodes.suspend(node.id)
    assert suspended.status == "SUSPENDED"
    answer = await plane.call(node.id, {})
    assert answer.status_code == 503
    assert "suspended" in answer.json()["message"].lower()

    async def no_instances() -> bool:
        return not (await plane.nodes.get(node.id)).instances

    await until_async(no_instances)
    assert not await plane.processes()
    await plane.nodes.resume(node.id)
    await plane.nodes.wait(node.id, timeout=60)
    assert (await plane.call(node.id, {})).status_code == 200


async def test_resume_while_the_suspended_instance_still_drains(plane: ControlPlane) -> None:
    node = await healthy(plane)
    await plane.nodes.suspend(node.id)
    await plane.nodes.resume(node.id)
    await plane.nodes.wait(node.id, timeout=60)
    assert (await plane.call(node.id, {})).status_code == 200


async def test_delete_leaves_nothing(plane: ControlPlane) -> None:
    node = await healthy(plane)
    deleted = await plane.nodes.delete(node.id)
    assert deleted.status == "DELETING"
    await until_async(lambda: gone(plane, node.id))
    assert list(plane.home.bundles.iterdir()) == []
    assert list(plane.home.instances.iterdir()) == []
    assert not await plane.processes()
    assert (await plane.call(node.id, {})).status_code in (403, 404)
    await healthy(plane)  # the name is free
    actions = [(one["action"], one["id"] == node.id) for one in plane.events]
    assert actions[0] == ("created", True)
    assert ("changed", True) in actions
    assert ("deleted", True) in actions


async def test_a_deletion_waits_for_the_bundle_that_is_being_made(plane: ControlPlane) -> None:
    node = await healthy(plane)
    with BundleStore(plane.home.bundles).reserve(node.id) as update:
        update.build.mkdir()
        await plane.nodes.delete(node.id)
        await until_async(no_instances(plane))
        for _ in range(3):
            plane.reconciler.poke()
            await asyncio.sleep(0.3)
        assert update.build.is_dir()
        assert not await gone(plane, node.id)
    await until_async(lambda: gone(plane, node.id))
    assert list(plane.home.bundles.iterdir()) == []


async def test_a_node_that_aliases_use_is_not_deleted(plane: ControlPlane) -> None:
    node = await healthy(plane)
    target = AliasTarget(node=node.id, weight=1)
    await plane.aliases.create(AliasCreate(name="stable", targets=[target]))
    with pytest.raises(FailedPrecondition, match="stable"):
        await plane.nodes.delete(node.id)
    assert (await plane.nodes.get(node.id)).status == "HEALTHY"


@pytest.mark.parametrize("victim", ["front", "all"])
async def test_a_killed_instance_is_repaired(plane: ControlPlane, victim: str) -> None:
    node = await healthy(plane, "import os\ny = os.getpid()\n")
    pids = await plane.processes()
    [front] = [
        pid for pid in pids if "jupyter_node_deploy.runtime" in psutil.Process(pid).cmdline()
    ]
    for pid in [front] if victim == "front" else pids:
        os.kill(pid, signal.SIGKILL)

    async def answers() -> bool:
        return (await plane.call(node.id, {})).status_code == 200

    await until_async(answers)
    again = await plane.nodes.wait(node.id, timeout=60)
    assert again.instances[0].id == node.instances[0].id

    async def old_are_gone() -> bool:
        return not pids & await plane.processes()

    await until_async(old_are_gone)


async def test_a_first_revision_that_cannot_start_says_why(plane: ControlPlane) -> None:
    await plane.reconciler.stop(remove_instances=False)
    node = await plane.nodes.create(await plane.randomizer())
    path = plane.home.bundles / node.id / "1" / "node.json"
    whole = path.read_text()
    path.write_text("{")
    await plane.reconciler.start()
    node = await plane.nodes.wait(node.id, timeout=60)
    assert node.status == "FAILED"
    assert "node.json is broken" in node.reason
    path.write_text(whole)
    await plane.nodes.resume(node.id)

    async def is_healthy() -> bool:
        return (await plane.nodes.get(node.id)).status == "HEALTHY"

    await until_async(is_healthy)


async def test_wait_gives_up(plane: ControlPlane) -> None:
    await plane.reconciler.stop(remove_instances=False)
    node = await plane.nodes.create(await plane.randomizer())
    with pytest.raises(DeadlineExceeded, match="CREATED"):
        await plane.nodes.wait(node.id, timeout=0.1)


@asynccontextmanager
async def served_before(
    root: Path, *, killed: bool
) -> AsyncIterator[tuple[ControlPlane, str, int]]:
    """Yield a second server of a home whose first was stopped, or killed, with a node."""
    first = ControlPlane(root)
    await first.start()
    node = await first.nodes.create(await first.randomizer())
    await first.nodes.wait(node.id, timeout=60)
    [front] = [
        pid
        for pid in await first.processes()
        if "jupyter_node_deploy.runtime" in psutil.Process(pid).cmdline()
    ]
    await first.stop(remove_instances=not killed)
    async with control_plane(root) as second:
        yield second, node.id, front


async def test_nodes_come_back_after_a_restart(tmp_path: Path) -> None:
    async with served_before(tmp_path / "home", killed=False) as (plane, node, front):
        assert not psutil.pid_exists(front)
        shown = await plane.nodes.wait(node, timeout=60)
        assert shown.status == "HEALTHY"

        async def answers() -> bool:
            return (await plane.call(node, INPUT)).status_code == 200

        await until_async(answers)


async def test_running_instances_are_adopted(tmp_path: Path) -> None:
    async with served_before(tmp_path / "home", killed=True) as (plane, node, front):
        await plane.nodes.wait(node, timeout=60)
        assert (await plane.call(node, INPUT)).status_code == 200
        assert front in await plane.processes()
        assert len(list(plane.home.instances.iterdir())) == 1


async def forget_everything(plane: ControlPlane) -> None:
    """Empty the catalog's tables of nodes, as one does that was lost."""

    def forget(conn: Connection) -> None:
        for table in ("revisions", "nodes"):
            conn.exec_driver_sql(f"DELETE FROM {table}")

    await plane.catalog.write(forget)


async def test_what_the_catalog_does_not_know_is_left_alone(
    plane: ControlPlane, caplog: pytest.LogCaptureFixture
) -> None:
    node = await plane.nodes.create(await plane.randomizer())
    await plane.nodes.wait(node.id, timeout=60)
    running = await plane.processes()
    await forget_everything(plane)
    plane.reconciler._collected_at = float("-inf")
    plane.reconciler.poke()
    await until_async(lambda: "jupyter node gc" in caplog.text)
    await plane.reconciler.stop(remove_instances=False)  # with its last pass
    assert await plane.processes() == running
    assert plane.bundles.revisions(node.id) == [1]

    [stray] = await plane.strays.list()
    assert (stray.node, len(stray.instances), stray.revisions) == (node.id, 1, [1])
    await plane.strays.remove(node.id)
    assert await plane.strays.list() == []
    assert not await plane.processes()
    with pytest.raises(NotFound):
        await plane.strays.remove(node.id)


async def test_known_and_deleted_nodes_are_no_strays(plane: ControlPlane) -> None:
    node = await plane.nodes.create(await plane.randomizer())
    with plane.bundles.reserve("being-made") as reservation:
        reservation.build.mkdir()
        reservation.place(1)
        assert await plane.strays.list() == []
    with pytest.raises(NotFound):
        await plane.strays.remove(node.id)
    await plane.nodes.delete(node.id)
    await until_async(lambda: not plane.bundles.present())
    assert await plane.strays.list() == []


async def test_orphans_are_removed(tmp_path: Path) -> None:
    async with served_before(tmp_path / "home", killed=True) as (plane, node, _):
        await plane.nodes.wait(node, timeout=60)
        await plane.catalog.write(rows.remove, node)
        plane.reconciler.poke()

        async def removed() -> bool:
            return not await plane.processes()

        await until_async(removed)


async def test_of_two_servers_one_acts_and_the_other_takes_over(plane: ControlPlane) -> None:
    second = ControlPlane(plane.home.root)
    await second.start()
    try:
        assert plane.reconciler._ownership.held
        assert not second.reconciler._ownership.held
        node = await second.nodes.create(await second.randomizer())
        await second.nodes.wait(node.id, timeout=60)
        assert (await second.call(node.id, INPUT)).status_code == 200
        await until_async(lambda: any(one["action"] == "created" for one in second.events))

        await plane.reconciler.stop(remove_instances=False)
        await until_async(lambda: second.reconciler._ownership.held)
        await second.nodes.suspend(node.id)
        await until_async(lambda: _no_processes(second))
    finally:
        await second.stop()


async def test_another_servers_wish_does_not_wait_for_the_next_pass(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = await healthy(plane)
    monkeypatch.setattr(reconciler, "_TICK", 1000.0)
    second = ControlPlane(plane.home.root)
    await second.start()
    try:
        await asyncio.sleep(1.5)  # the last short pause
        await second.nodes.suspend(node.id)
        assert (await second.nodes.wait(node.id, timeout=20)).status == "SUSPENDED"
        await until_async(lambda: _no_processes(second))
    finally:
        await second.stop()


async def _no_processes(plane: ControlPlane) -> bool:
    return not await plane.processes()


async def test_a_crash_loop_turns_the_node_unhealthy_with_the_reason(
    plane: ControlPlane, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    node = await healthy(
        plane, f"import os\nif os.path.exists({str(mark)!r}): os._exit(9)\ny = 1\n"
    )
    mark.touch()

    async def is_ill() -> bool:
        answer = await plane.call(node.id, {})  # keeps it crashing
        assert answer.status_code in (500, 503)
        found = await plane.nodes.get(node.id)
        if found.status != "UNHEALTHY":
            return False
        assert "keeps crashing" in found.reason, found.reason
        assert "exit code 9" in found.reason
        return True

    await until_async(is_ill)
    mark.unlink()

    async def is_well() -> bool:
        return (await plane.nodes.get(node.id)).status == "HEALTHY"

    await until_async(is_well)
    assert (await plane.call(node.id, {})).json() == {"output": {"y": 1}}
