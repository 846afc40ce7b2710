"""A revision's row that can't be read: its node says so, and the others do not notice."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, text

from jupyter_node_deploy.errors import DataLoss, NotFound
from jupyter_node_deploy.specs import Node, NodePatch, Provisioning

from ...support.randomizer import INPUT
from ...support.waiting import until_async
from .conftest import ControlPlane


async def healthy(plane: ControlPlane, name: str) -> Node:
    node = await plane.nodes.create(await plane.randomizer(name))
    return await plane.nodes.wait(node.id, timeout=60)


def damage(conn: Connection, node_id: str) -> None:
    """Spoil a node's newest revision, as a downgrade of the package may."""
    newest = "node_id = :id AND number = (SELECT max(number) FROM revisions WHERE node_id = :id)"
    conn.execute(
        text(f"UPDATE revisions SET spec = json_set(spec, '$.cell.timeout', -1) WHERE {newest}"),
        {"id": node_id},
    )


async def status(plane: ControlPlane, node: Node, wanted: str) -> None:
    async def is_so() -> bool:
        return (await plane.nodes.get(node.id)).status == wanted

    await until_async(is_so)


async def test_it_fails_its_node_alone(plane: ControlPlane) -> None:
    bad, good = await healthy(plane, "bad"), await healthy(plane, "good")
    await plane.catalog.write(damage, bad.id)
    await status(plane, bad, "FAILED")

    found = {node.name: node for node in await plane.nodes.list()}
    assert found["good"].status == "HEALTHY"
    assert "Revision 1 can't be read from the catalog: cell.timeout: " in found["bad"].reason
    assert "delete it" in found["bad"].reason
    (revision,) = await plane.nodes.revisions(bad.id)
    assert (revision.cell, revision.reason) == (None, found["bad"].reason)
    token = (await plane.tokens.issue()).token
    assert (await plane.call(good.id, INPUT, token)).status_code == 200
    assert (await plane.call(bad.id, {}, token)).status_code == 503

    for refused in (
        plane.nodes.patch(bad.id, NodePatch(provisioning=Provisioning(instances=2))),
        plane.nodes.restart(bad.id),
        plane.nodes.export(bad.id),
        plane.nodes.instances.execute(bad.id, {}),
    ):
        with pytest.raises(DataLoss, match="can't be read"):
            await refused

    await plane.nodes.delete(bad.id)

    async def is_gone() -> bool:
        try:
            await plane.nodes.get(bad.id)
        except NotFound:
            return not [one for one in await plane.backend.observe() if one.node_id == bad.id]
        return False

    await until_async(is_gone)
    await status(plane, good, "HEALTHY")


async def test_an_earlier_revision_is_gone_back_to(plane: ControlPlane) -> None:
    node = await healthy(plane, "node")
    await plane.nodes.restart(node.id)
    node = await plane.nodes.wait(node.id, timeout=60)
    assert node.revision == 2
    await plane.catalog.write(damage, node.id)
    await status(plane, node, "FAILED")

    back = await plane.nodes.rollback(node.id)
    assert back.revision == 1
    assert (await plane.nodes.wait(node.id, timeout=60)).status == "HEALTHY"
    assert (await plane.nodes.get(node.id)).cell == node.cell
    with pytest.raises(DataLoss, match="Revision 2 can't be read"):
        await plane.nodes.rollback(node.id, 2)
