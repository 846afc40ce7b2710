"""Nodes in containers under the reconciler: updates, failures, suspension."""

from __future__ import annotations

import asyncio

import httpx

from jupyter_node_deploy.specs import NodePatch, Provisioning

from ..integration.nodes.conftest import Census, ControlPlane, form
from ..support.randomizer import INPUT
from ..support.waiting import until_async


async def test_updates_lose_no_request(plane: ControlPlane) -> None:
    first = await plane.checkpoint("y = [x, 1]\n", {"x": 0}, name="first")
    second = await plane.checkpoint("y = [x, 2]\n", {"x": 0}, name="second")
    created = await plane.nodes.create(form("node", first, ["x:int"], ["y:any"], instances=2))
    node = await plane.nodes.wait(created.id, timeout=60)
    token = (await plane.tokens.issue()).token
    url = f"{plane.gateway.url}/v1/nodes/{node.id}:execute"
    answers: list[int] = []
    done = asyncio.Event()

    async def call() -> None:
        async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}) as client:
            while not done.is_set():
                answer = await client.post(url, json={"input": {"x": 7}}, timeout=60)
                assert answer.status_code == 200, answer.text
                answers.append(answer.json()["output"]["y"][1])

    calls = [asyncio.create_task(call()) for _ in range(4)]
    census = Census()
    calls.append(asyncio.create_task(census.take(plane.backend, node.id, done)))
    await asyncio.sleep(0.5)
    spec = form("node", second, ["x:int"], ["y:any"]).cell
    await plane.nodes.patch(node.id, NodePatch(cell=spec))
    await plane.nodes.wait(node.id, timeout=60)

    async def replaced() -> bool:
        return {one.revision for one in await plane.backend.observe(node.id)} == {2}

    await until_async(replaced)
    await asyncio.sleep(0.5)
    done.set()
    await asyncio.gather(*calls)
    assert set(answers) == {1, 2}
    assert answers[-1] == 2
    assert len(await plane.backend.observe(node.id)) == 2
    # The maintenance limit is one.
    assert (census.fewest, census.rising) == (2, {2: 1})


async def test_a_revision_that_does_not_start_is_rolled_back(plane: ControlPlane) -> None:
    create = await plane.randomizer("node")
    node = await plane.nodes.wait((await plane.nodes.create(create)).id, timeout=60)
    assert create.cell is not None
    cell = create.cell.model_copy(update={"requirements": ["no-such-package-at-all==1.0"]})
    await plane.nodes.patch(node.id, NodePatch(cell=cell))

    async def given_up() -> bool:
        return (await plane.nodes.get(node.id)).revision == 1

    await until_async(given_up)
    shown = await plane.nodes.get(node.id)
    assert shown.status == "HEALTHY"
    assert "no-such-package-at-all==1.0" in shown.reason
    answer = await plane.call(node.id, INPUT)
    assert answer.status_code == 200, answer.text


async def test_suspended_nodes_have_no_container(plane: ControlPlane) -> None:
    create = await plane.randomizer("node")
    node = await plane.nodes.wait((await plane.nodes.create(create)).id, timeout=60)
    await plane.nodes.suspend(node.id)

    async def stopped() -> bool:
        return await plane.backend.observe() == []

    await until_async(stopped)
    answer = await plane.call(node.id, INPUT)
    assert answer.status_code == 503
    assert "suspended" in answer.json()["message"]
    await plane.nodes.resume(node.id)
    await plane.nodes.wait(node.id, timeout=60)
    answer = await plane.call(node.id, INPUT)
    assert answer.status_code == 200, answer.text
    await plane.nodes.patch(node.id, NodePatch(provisioning=Provisioning(instances=2)))
    await plane.nodes.wait(node.id, timeout=60)

    async def two() -> bool:
        return len(await plane.backend.observe(node.id)) == 2

    await until_async(two)
