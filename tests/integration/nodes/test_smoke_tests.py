"""Smoke tests: a revision's cell runs once where it is to serve, before it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_node_deploy.errors import FailedPrecondition
from jupyter_node_deploy.specs import NodePatch, Provisioning

from ...support.waiting import until_async
from .conftest import ControlPlane, form

#: Tells where it runs: the dry run's directory is none of an instance.
SERVES = "import os\nserves = '/instances/' in os.environ.get('NODE_DEPLOY_INSTANCE', '')\n"
FAILS = SERVES + "if serves:\n    open('/data/rates.csv')\ny = x\n"


def counting(place: Path, cell: str) -> str:
    """Return a cell that leaves a line of each of its runs in a file."""
    return (
        SERVES + f"if serves:\n    with open({str(place)!r}, 'a') as f: f.write('ran\\n')\n" + cell
    )


def runs(place: Path) -> int:
    return len(place.read_text().splitlines()) if place.exists() else 0


async def failed(plane: ControlPlane, node_id: str) -> str:
    """Wait until a node has failed; return why."""

    async def is_failed() -> str:
        node = await plane.nodes.get(node_id)
        assert node.status != "HEALTHY"
        return node.reason if node.status == "FAILED" else ""

    return await until_async(is_failed)


async def test_a_cell_that_fails_where_it_serves_is_refused_with_cause_and_advice(
    plane: ControlPlane,
) -> None:
    checkpoint = await plane.checkpoint(FAILS, {"x": 1})
    created = await plane.nodes.create(form("node", checkpoint, ["x:int"], ["y:int"]))
    reason = await failed(plane, created.id)
    assert "FileNotFoundError" in reason
    assert "/data/rates.csv is not there where the node serves" in reason
    assert "open('/data/rates.csv')" in reason  # the traceback
    assert "not tried again by itself" in reason
    answer = await plane.call(created.id, {"x": 2})
    assert answer.status_code == 503


async def test_what_can_not_run_is_not_started_again_until_somebody_asks(
    plane: ControlPlane, tmp_path: Path
) -> None:
    place = tmp_path / "runs"
    checkpoint = await plane.checkpoint(
        counting(
            place,
            "if serves: raise ImportError('libgomp.so.1: cannot open shared object file')\ny = x\n",
        ),
        {"x": 1},
    )
    created = await plane.nodes.create(form("node", checkpoint, ["x:int"], ["y:int"]))
    reason = await failed(plane, created.id)
    assert "libgomp1" in reason
    plane.reconciler.poke()
    with pytest.raises(AssertionError):
        await until_async(lambda: _more(place, 1), seconds=3)
    await plane.nodes.resume(created.id)
    await until_async(lambda: _more(place, 1))
    await failed(plane, created.id)
    assert runs(place) == 2


async def _more(place: Path, count: int) -> bool:
    return runs(place) > count


async def test_an_update_that_fails_where_it_serves_is_held_back(plane: ControlPlane) -> None:
    good = await plane.checkpoint("y = x\n", {"x": 1}, name="good")
    node = await plane.nodes.create(form("node", good, ["x:int"], ["y:int"]))
    await plane.nodes.wait(node.id, timeout=60)
    bad = await plane.checkpoint(FAILS, {"x": 1}, name="bad")
    cell = form("node", bad, ["x:int"], ["y:int"]).cell
    await plane.nodes.patch(node.id, NodePatch(cell=cell))

    async def given_up() -> bool:
        return (await plane.nodes.get(node.id)).revision == 1

    await until_async(given_up)
    shown = await plane.nodes.get(node.id)
    assert shown.status == "HEALTHY"
    assert "/data/rates.csv is not there" in shown.reason
    assert (await plane.call(node.id, {"x": 7})).json()["output"] == {"y": 7}


async def test_another_answer_than_the_dry_runs_is_told(plane: ControlPlane) -> None:
    checkpoint = await plane.checkpoint(SERVES + "y = ['UTC' if serves else 'MSK', x]\n", {"x": 1})
    created = await plane.nodes.create(form("node", checkpoint, ["x:int"], ["y:any"]))
    node = await plane.nodes.wait(created.id, timeout=60)
    assert node.status == "HEALTHY"
    told = [one for one in node.warnings if "where the node serves" in one]
    assert len(told) == 1
    assert '\'y[0]\' is "MSK" in the dry run on this machine, and "UTC"' in told[0]


@pytest.mark.parametrize(
    "cell",
    [
        "import random, time\ny = [random.random(), time.time_ns()]\n",
        "y = float('nan')\n",
        "y = 'half \\ud800'\n",
    ],
)
async def test_what_is_another_in_each_run_is_not_told(plane: ControlPlane, cell: str) -> None:
    checkpoint = await plane.checkpoint(cell, {"x": 1})
    created = await plane.nodes.create(
        form("node", checkpoint, ["x:int"], ["y:any"], allow_nan=True)
    )
    node = await plane.nodes.wait(created.id, timeout=60)
    assert not [one for one in node.warnings if "where the node serves" in one]


async def test_it_is_made_once_per_revision_and_kind_of_instance(
    plane: ControlPlane, tmp_path: Path
) -> None:
    place = tmp_path / "runs"
    checkpoint = await plane.checkpoint(counting(place, "y = x\n"), {"x": 1})
    created = await plane.nodes.create(form("node", checkpoint, ["x:int"], ["y:int"], instances=3))
    await plane.nodes.wait(created.id, timeout=60)
    assert runs(place) == 1
    await plane.nodes.suspend(created.id)
    await plane.nodes.resume(created.id)
    await plane.nodes.wait(created.id, timeout=60)
    await plane.nodes.patch(created.id, NodePatch(provisioning=Provisioning(instances=4)))
    await plane.nodes.wait(created.id, timeout=60)
    assert runs(place) == 1
    await plane.nodes.restart(created.id)  # may be another image, and has other secrets
    await plane.nodes.wait(created.id, timeout=60)
    assert runs(place) == 2


async def test_it_leaves_nothing_to_requests(plane: ControlPlane) -> None:
    checkpoint = await plane.checkpoint(
        "seen.append(x)\ny = len(seen)\n", {"x": 1, "seen": []}, info={"free": ["x", "seen"]}
    )
    create = form("node", checkpoint, ["x:int"], ["y:int"], isolation="shared")
    created = await plane.nodes.create(create)
    await plane.nodes.wait(created.id, timeout=60)
    assert (await plane.call(created.id, {"x": 7})).json()["output"] == {"y": 1}


async def test_it_can_be_left_out(plane: ControlPlane, tmp_path: Path) -> None:
    place = tmp_path / "runs"
    checkpoint = await plane.checkpoint(counting(place, "y = x\n"), {"x": 1})
    created = await plane.nodes.create(
        form("node", checkpoint, ["x:int"], ["y:int"], smoke_test=False)
    )
    await plane.nodes.wait(created.id, timeout=60)
    assert runs(place) == 0


async def test_no_request_comes_before_it(plane: ControlPlane) -> None:
    checkpoint = await plane.checkpoint(
        SERVES + "import time\nif serves: time.sleep(2)\ny = x\n", {"x": 1}
    )
    created = await plane.nodes.create(form("node", checkpoint, ["x:int"], ["y:int"]))

    async def tested() -> bool:
        node = await plane.nodes.get(created.id)
        return "runs once" in node.reason

    await until_async(tested)
    assert (await plane.call(created.id, {"x": 7})).status_code == 503
    await plane.nodes.wait(created.id, timeout=60)


async def test_a_dry_run_that_fails_creates_nothing(plane: ControlPlane) -> None:
    checkpoint = await plane.checkpoint("open('/data/rates.csv')\ny = x\n", {"x": 1})
    with pytest.raises(FailedPrecondition):
        await plane.nodes.create(form("node", checkpoint, ["x:int"], ["y:int"]))
    assert await plane.nodes.list() == []


async def test_who_is_not_reached_through_the_gateway_is_not_healthy(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await plane.checkpoint("y = [x, 1]\n", {"x": 0}, name="first")
    node = await plane.nodes.create(form("node", first, ["x:int"], ["y:any"]))
    await plane.nodes.wait(node.id, timeout=60)
    reach = plane.gateway.reach

    async def lost(node_id: str) -> str:
        return "Requests do not get through the gateway to it: 503"

    monkeypatch.setattr(plane.gateway, "reach", lost)
    second = await plane.checkpoint("y = [x, 2]\n", {"x": 0}, name="second")
    await plane.nodes.patch(
        node.id, NodePatch(cell=form("node", second, ["x:int"], ["y:any"]).cell)
    )

    async def told() -> bool:
        return "do not get through the gateway" in (await plane.nodes.get(node.id)).reason

    await until_async(told)
    assert (await plane.nodes.get(node.id)).status == "UNHEALTHY"
    revisions = await plane.nodes.revisions(node.id)
    assert [one.number for one in revisions if one.active] == [1]
    # What served until now is still there to be gone back to.
    assert {one.revision for one in await plane.backend.observe(node.id)} == {1, 2}
    monkeypatch.setattr(plane.gateway, "reach", reach)
    healthy = await plane.nodes.wait(node.id, timeout=60)
    assert healthy.status == "HEALTHY"
    assert (await plane.call(node.id, {"x": 7})).json()["output"] == {"y": [7, 2]}
