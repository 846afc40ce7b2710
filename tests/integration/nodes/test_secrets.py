"""Secrets that nodes use."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from jupyter_node_deploy.catalog import tables
from jupyter_node_deploy.errors import FailedPrecondition, InvalidArgument, Message
from jupyter_node_deploy.nodes.secret_values import concealed
from jupyter_node_deploy.specs import CellSpec, EnvironmentVariable, NodeCreate, NodePatch

from .conftest import ControlPlane, form

VALUE = "s3cr3t-value-of-a-test"


async def made(plane: ControlPlane, secret: str = "api-key") -> NodeCreate:
    checkpoint = await plane.checkpoint(
        "import os\ny = len(os.environ['API_KEY'])\n", name="with-key"
    )
    env = [EnvironmentVariable(name="API_KEY", secret=secret)]
    return form("keyed", checkpoint, [], ["y:int"], env=env)


async def test_a_secret_that_is_not_there_is_refused_at_its_field(plane: ControlPlane) -> None:
    create = await made(plane)
    for refuse in (plane.nodes.create, plane.nodes.validate):
        with pytest.raises(InvalidArgument, match="secret put") as caught:
            await refuse(create)
        assert caught.value.details[0]["path"] == "cell.env.0.secret"


async def test_the_dry_run_has_the_value(plane: ControlPlane) -> None:
    await plane.secrets.put("api-key", VALUE)
    assert (await plane.nodes.validate(await made(plane))).output == {"y": len(VALUE)}


async def test_a_secret_in_use_is_kept(plane: ControlPlane, caplog: Any) -> None:
    secrets = plane.secrets
    await secrets.put("api-key", VALUE)
    node = await plane.nodes.create(await made(plane))
    with pytest.raises(FailedPrecondition, match="used by the nodes keyed"):
        await secrets.delete("api-key")
    folder = await plane.folders.create("other")
    with pytest.raises(InvalidArgument):  # the other folder has no such secret
        await plane.nodes.patch(node.id, NodePatch(folder=folder.id))

    # Nothing that is kept, shown or told has the value.
    def rows(conn: Any) -> str:
        shown = [conn.execute(select(table)).all() for table in tables.metadata.sorted_tables]
        return repr(shown)

    told = [node.model_dump_json(), await plane.catalog.read(rows), repr(plane.events), caplog.text]
    assert not any(VALUE in text for text in told)
    for file in plane.home.root.rglob("*"):
        assert not file.is_file() or VALUE.encode() not in file.read_bytes(), file

    without = CellSpec.model_validate((await made_without(plane)).cell)
    await plane.nodes.patch(node.id, NodePatch(cell=without))
    await plane.nodes.wait(node.id, timeout=60)
    await secrets.delete("api-key")  # the old revision is one to go back to, but does not run
    with pytest.raises(FailedPrecondition, match="secrets that are gone: api-key"):
        await plane.nodes.rollback(node.id)


async def test_a_smoke_test_that_fails_tells_no_value(plane: ControlPlane, caplog: Any) -> None:
    await plane.secrets.put("api-key", VALUE)
    cell = (
        "import os, sys\nkey = os.environ['API_KEY']\n"
        "if '/instances/' in os.environ.get('NODE_DEPLOY_INSTANCE', ''):\n"
        "    print('with', key, file=sys.stderr)\n"
        "    raise ValueError('no such key: ' + key)\n"
        "y = 1"
    )
    checkpoint = await plane.checkpoint(cell, name="telling")
    env = [EnvironmentVariable(name="API_KEY", secret="api-key")]
    node = await plane.nodes.create(form("telling", checkpoint, [], ["y:int"], env=env))
    node = await plane.nodes.wait(node.id, timeout=60)
    assert node.status == "FAILED"
    assert "ValueError: no such key: ****" in node.reason
    assert "with ****" in node.reason

    def rows(conn: Any) -> str:
        shown = [conn.execute(select(table)).all() for table in tables.metadata.sorted_tables]
        return repr(shown)

    answer = await plane.call(node.id, {})
    assert answer.status_code == 503
    assert "Traceback" not in answer.text  # for who has made the node, not for who calls it
    info = node.reason_info
    assert info is not None
    told = [info.model_dump_json(), await plane.catalog.read(rows), repr(plane.events), caplog.text]
    assert not any(VALUE in text for text in [*told, node.reason, answer.text])


def test_values_are_concealed_in_all_forms() -> None:
    key = "-----BEGIN KEY-----\nMIIEpQIBAAKCAQEA\n-----END KEY-----"
    values = [key, 'it\'s\ta "word"', "no", "abcd", "abcdef"]
    said = Message(
        "{cause} {more} {lines}",
        "TOLD",
        cause=f"bad: {values[1]!r} and abcdef, no",
        more=Message("{key}", "KEY", key=key),
        lines=["at MIIEpQIBAAKCAQEA"],
    )
    told = concealed(said, values)
    assert told == "bad: '****' and ****, no **** at ****"
    assert isinstance(told, Message)
    assert told.metadata["more"].reason == "KEY"


async def made_without(plane: ControlPlane) -> NodeCreate:
    checkpoint = await plane.checkpoint("y = 3\n", name="without-key")
    return form("keyed", checkpoint, [], ["y:int"])


async def test_restart_makes_new_instances_of_the_same(plane: ControlPlane) -> None:
    node = await plane.nodes.create(await made_without(plane))
    await plane.nodes.wait(node.id, timeout=60)
    before = {one.id for one in (await plane.nodes.get(node.id)).instances}
    assert (await plane.nodes.restart(node.id)).revision == 2
    after = await plane.nodes.wait(node.id, timeout=60)
    assert after.cell == (await plane.nodes.revisions(node.id))[1].cell
    assert not before & {one.id for one in after.instances if one.revision == 2}
    assert (await plane.nodes.instances.execute(node.id, {}))[1] == {"output": {"y": 3}}
    await plane.nodes.suspend(node.id)
    with pytest.raises(FailedPrecondition, match="suspended"):
        await plane.nodes.restart(node.id)
