"""From a pinned checkpoint to an answered request, and what is refused on the way."""

from __future__ import annotations

import asyncio
import json
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.errors import (
    AlreadyExists,
    DataLoss,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    Unavailable,
    Unimplemented,
)
from jupyter_node_deploy.nodes.instances.exchange import NodeRequest
from jupyter_node_deploy.specs import (
    DockerSpec,
    Endpoint,
    KernelImage,
    NodeCreate,
    NodePatch,
    Provisioning,
    Variable,
    Zone,
)

from ...support.randomizer import INPUT, RANDOMIZER
from .conftest import ControlPlane, control_plane, form


async def refused(plane: ControlPlane, create: NodeCreate, error: type[Exception]) -> Any:
    """Create must fail, and leave nothing."""
    with pytest.raises(error) as caught:
        await plane.nodes.create(create)
    assert await plane.nodes.list() == []
    assert list(plane.home.bundles.iterdir()) == []
    return caught.value


async def test_the_randomizer_answers_through_the_gateway(plane: ControlPlane) -> None:
    created = await plane.nodes.create(await plane.randomizer(), "me")
    node = await plane.nodes.wait(created.id, timeout=60)
    token = (await plane.tokens.issue()).token
    values = set()
    for _ in range(40):
        answer = await plane.call(node.id, INPUT, token)
        assert answer.status_code == 200, answer.text
        values.add(answer.json()["output"]["output_data"]["generated_value"])
    assert values <= set(range(1, 11))
    assert len(values) > 5
    assert (node.status, node.reason, node.created_by) == ("HEALTHY", "", "me")
    assert node.acl == [node.folder] == [(await plane.folders.default()).id]
    assert node.execute_url == f"{plane.gateway.url}/v1/nodes/{node.id}:execute"
    assert [one.status for one in node.instances] == ["HEALTHY"]
    assert node.backend == "process"


async def test_a_test_request_gives_what_the_gateway_would(plane: ControlPlane) -> None:
    node = await plane.nodes.create(await plane.randomizer())
    await plane.nodes.wait(node.id, timeout=60)
    given = {"input_data": {"left_bound": 7, "right_bound": 7}}
    status, body = await plane.nodes.instances.execute("randomizer", given)
    assert (status, body) == (200, {"output": {"output_data": {"generated_value": 7}}})
    status, body = await plane.nodes.instances.execute(node.id, {"input_data": [1]})
    assert status == 400
    assert body["code"] == 3


async def test_an_answer_of_the_cells_own(plane: ControlPlane) -> None:
    cell = "page = f'<p>{x}</p>'\nresponse_status = 202\nresponse_headers = {'x-kind': 'page'}"
    checkpoint = await plane.checkpoint(cell, {"x": 1})
    response = {"body": "page", "content_type": "text/html"}
    create = form("page", checkpoint, ["x:int"], ["page:str"], response=response)
    node = await plane.nodes.create(create)
    await plane.nodes.wait(node.id, timeout=60)
    answer = await plane.call(node.id, {"x": 5})
    assert (answer.status_code, answer.text, answer.headers["x-kind"]) == (202, "<p>5</p>", "page")
    expected = {"content_type": "text/html; charset=utf-8", "body": "<p>6</p>"}
    assert await plane.nodes.instances.execute(node.id, {"x": 6}) == (202, expected)
    wanted = NodeRequest(
        path="/", headers={"Host": "evil", "X-Folder-Id": "other"}, body='{"x": 7}'
    )
    whole = await plane.nodes.instances.request(node.id, wanted)
    assert (whole.status, whole.body, whole.encoding) == (202, "<p>7</p>", "text")
    assert whole.headers["x-kind"] == "page"
    assert whole.seconds > 0
    for outputs in (["page:dict"], ["page:str", "x:int"], ["x:str"]):
        with pytest.raises(ValueError, match="response body"):
            form("no", checkpoint, [], outputs, response=response)


async def test_isolation_is_chosen_by_the_dry_run(plane: ControlPlane) -> None:
    checkpoint = await plane.checkpoint("seen.append(x)\nn = len(seen)", {"x": 1, "seen": []})
    create = form("counter", checkpoint, ["x:int"], ["n:int"])
    tried = await plane.nodes.validate(create)
    node = await plane.nodes.create(create)
    assert tried.isolation == node.isolation
    assert node.isolation is not None
    assert (node.isolation.chosen, node.cell and node.cell.isolation) == ("request", "auto")
    assert "'seen'" in node.isolation.reason
    await plane.nodes.wait(node.id, timeout=60)
    for _ in range(2):
        assert await plane.nodes.instances.execute(node.id, {"x": 1}) == (200, {"output": {"n": 1}})
    more = await plane.nodes.patch(node.id, NodePatch(provisioning=Provisioning(instances=2)))
    assert more.isolation == node.isolation  # the same cell, another revision
    shared = NodeCreate.model_validate(create.model_dump(by_alias=True) | {"name": "shared"})
    assert shared.cell is not None
    shared.cell.isolation = "shared"
    assert (await plane.nodes.create(shared)).isolation is None


async def test_a_dry_run_that_was_looked_at_is_not_made_again(
    plane: ControlPlane, tmp_path: Path
) -> None:
    log = tmp_path / "runs"
    checkpoint = await plane.checkpoint(f"y = open({str(log)!r}, 'a').write('.')", {"x": 1})
    create = form("once", checkpoint, [], ["y:int"])
    assert create.cell is not None
    create.cell.isolation = "shared"
    create.cell.smoke_test = False  # it would be another run
    await plane.nodes.validate(create)
    runs = len(log.read_text())
    await plane.nodes.create(create)
    assert len(log.read_text()) == runs
    await plane.nodes.create(create.model_copy(update={"name": "twice"}))
    assert len(log.read_text()) == 2 * runs  # of that one nobody has looked at one


@pytest.mark.parametrize("changed", ["taken along", "read outside", "missing"])
async def test_a_dry_run_is_made_again_when_what_it_read_has_changed(
    plane: ControlPlane, tmp_path: Path, changed: str
) -> None:
    beside, outside, later = (tmp_path / name for name in ("beside.txt", "outside.txt", "later"))
    beside.write_text("1")
    outside.write_text("1")
    cell = (
        "import os\n"
        f"y = int(open('beside.txt').read()) + int(open({str(outside)!r}).read())\n"
        f"try: y += int(open({str(later)!r}).read())\n"
        "except FileNotFoundError: pass"
    )
    checkpoint = await plane.checkpoint(cell, {"x": 1}, cwd=tmp_path)
    create = form("edited", checkpoint, [], ["y:int"])
    assert create.cell is not None
    create.cell.files = ["beside.txt"]
    assert (await plane.nodes.validate(create)).output == {"y": 2}
    place = {"taken along": beside, "read outside": outside, "missing": later}[changed]
    place.write_text("no number")
    with pytest.raises(FailedPrecondition):
        await plane.nodes.create(create)


async def test_what_has_failed_is_tried_again_when_the_cause_is_gone(
    plane: ControlPlane, tmp_path: Path
) -> None:
    rates = tmp_path / "rates"
    checkpoint = await plane.checkpoint(f"y = int(open({str(rates)!r}).read())", {"x": 1})
    create = form("rates", checkpoint, [], ["y:int"])
    assert not (await plane.nodes.validate(create)).ok
    rates.write_text("1")
    await plane.nodes.create(create)


async def test_what_a_running_node_shows(plane: ControlPlane, tmp_path: Path) -> None:
    create = await plane.randomizer(instances=2, description="Random numbers.")
    node = await plane.nodes.create(create)
    node = await plane.nodes.wait(node.id, timeout=60)
    assert [one.id for one in node.instances] == [f"{node.id}-1-0", f"{node.id}-1-1"]
    await plane.nodes.instances.execute(node.id, INPUT)

    metrics = await plane.nodes.instances.metrics(node.id)
    assert metrics.count("# TYPE") == len(set(metrics.split("# TYPE"))) - 1
    for one in node.instances:
        assert f'instance_id="{one.id}"' in metrics
    document = await plane.nodes.instances.openapi(node.id)
    assert document["openapi"].startswith("3.")
    lines = [line async for line in plane.nodes.instances.logs(node.id)]
    assert all(line.startswith(f"[{node.id}-1-") for line in lines)
    lines = [
        line
        async for line in plane.nodes.instances.logs(node.id, instance=f"{node.id}-1-0", tail=1)
    ]
    assert len(lines) == 1
    with pytest.raises(NotFound):
        await anext(plane.nodes.instances.logs(node.id, instance="other"))

    packed = await plane.nodes.export(node.id)
    with tarfile.open(packed) as archive:
        archive.extractall(tmp_path / "exported")
    packed.unlink()
    about = json.loads((tmp_path / "exported" / "randomizer-1" / "node.json").read_text())
    assert about["node"]["id"] == node.id
    [revision] = await plane.nodes.revisions(node.id)
    assert (revision.number, revision.active) == (1, True)
    assert revision.cell is not None
    assert not revision.cell.inputs[0].has_default


async def test_followed_logs_show_what_comes_and_end_with_the_node(plane: ControlPlane) -> None:
    node = await plane.nodes.create(await plane.randomizer())
    await plane.nodes.wait(node.id, timeout=60)
    lines: AsyncIterator[str] = plane.nodes.instances.logs(node.id, follow=True)
    seen = [await anext(lines)]
    await plane.nodes.delete(node.id)
    async with asyncio.timeout(60):
        seen += [line async for line in lines]
    assert any("listening" in line for line in seen)
    assert any("stopped" in line for line in seen)


async def test_state_files_and_environment_of_the_cell(plane: ControlPlane, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("from the notebook's folder")
    cell = (
        "import os, utils\n"
        "found = [utils.double(base + x), open('table.csv').read(),\n"
        "         sorted(n for n in os.environ if n.startswith(('JUPYTER', 'JPY')))]\n"
    )
    checkpoint = await plane.checkpoint(
        cell,
        {"base": 40, "x": 1},
        files={"utils.py": "def double(n):\n    return 2 * n\n"},
        cwd=tmp_path,
    )
    create = form("state", checkpoint, ["x:int"], ["found:list"], files=["table.csv"])
    node = await plane.nodes.create(create)
    (tmp_path / "table.csv").unlink()
    await plane.nodes.wait(node.id, timeout=60)
    answer = await plane.call(node.id, {"x": 2})
    assert answer.json() == {"output": {"found": [84, "from the notebook's folder", []]}}


async def test_an_optional_input_keeps_the_value_of_the_checkpoint(plane: ControlPlane) -> None:
    checkpoint = await plane.checkpoint("y = a + b\n", {"a": 1, "b": 10})
    create = form("optional", checkpoint, ["a:int", "b:int"], ["y:int"])
    assert create.cell is not None
    create.cell.inputs[1] = Variable(name="b", type="int", required=False)
    node = await plane.nodes.create(create)
    await plane.nodes.wait(node.id, timeout=60)
    assert (await plane.call(node.id, {"a": 5})).json() == {"output": {"y": 15}}
    assert (await plane.call(node.id, {"a": 5, "b": 1})).json() == {"output": {"y": 6}}
    assert (await plane.call(node.id, {"a": 5})).json() == {"output": {"y": 15}}


async def test_a_suggestion_can_be_created_as_it_is(plane: ControlPlane) -> None:
    checkpoint = await plane.checkpoint(
        RANDOMIZER,
        INPUT,
        info={"assigns": ["output_data"], "modules": ["random"]},
        results={"output_data": {"generated_value": 3}},
        notebook="work/Random Numbers.ipynb",
    )
    suggestion = await plane.forms.suggest("pinned")
    assert suggestion.node.cell is not None
    assert suggestion.node.cell.checkpoint == checkpoint
    assert suggestion.node.name == "random-numbers"
    assert suggestion.input == INPUT
    node = await plane.nodes.create(suggestion.node.model_copy(deep=True))
    await plane.nodes.wait(node.id, timeout=60)
    assert (await plane.call(node.id, suggestion.input)).status_code == 200
    assert (await plane.forms.suggest(checkpoint)).node.name == "random-numbers-2"


class TestRefused:
    async def test_an_unpinned_checkpoint(self, plane: ControlPlane) -> None:
        checkpoint = await plane.checkpoint("y = 1\n", name=None)
        error = await refused(plane, form("n", checkpoint, [], ["y:int"]), FailedPrecondition)
        assert "is not pinned" in error.message
        assert f"pin {checkpoint}" in error.message

    async def test_an_unknown_checkpoint(self, plane: ControlPlane) -> None:
        error = await refused(plane, form("n", "gone", [], ["y:int"]), InvalidArgument)
        assert error.details[0]["path"] == "cell.checkpoint"

    async def test_a_cell_that_raises(self, plane: ControlPlane) -> None:
        cell = "def helper(x):\n    return 1 / x\n\nprint('so far')\ny = helper(x)\n"
        checkpoint = await plane.checkpoint(cell, {"x": 0})
        error = await refused(
            plane, form("n", checkpoint, ["x:int"], ["y:float"]), FailedPrecondition
        )
        assert "ZeroDivisionError: division by zero" in error.message
        [detail] = error.details
        assert detail["error_name"] == "ZeroDivisionError"
        assert any("return 1 / x" in line for line in detail["traceback"])
        assert detail["stdout"] == "so far\n"

    async def test_an_output_that_the_cell_does_not_set(self, plane: ControlPlane) -> None:
        checkpoint = await plane.checkpoint("y = 1\n", {"z": 3})
        error = await refused(plane, form("n", checkpoint, [], ["z:int"]), FailedPrecondition)
        assert "z" in error.message

    async def test_a_needed_variable_that_was_not_saved(self, plane: ControlPlane) -> None:
        checkpoint = await plane.checkpoint(
            "y = conn.query()\n",
            lost={"conn": "a database connection: open it in the cell"},
            info={"free": ["conn"]},
        )
        error = await refused(plane, form("n", checkpoint, [], ["y:int"]), FailedPrecondition)
        assert "conn (a database connection: open it in the cell)" in error.message

    async def test_a_corrupted_blob(self, plane: ControlPlane) -> None:
        checkpoint = await plane.checkpoint("y = x\n", {"x": 1})
        [blob] = (await plane.checkpoints.manifest(checkpoint)).blobs()
        plane.checkpoints.blobs.path(blob).write_bytes(b"something else")
        error = await refused(plane, form("n", checkpoint, [], ["y:int"]), DataLoss)
        assert blob in error.message
        assert "variables x" in error.message

    async def test_fields_are_named(self, plane: ControlPlane) -> None:
        checkpoint = await plane.checkpoint("y = x\n", {"x": 1})
        create = form("n", checkpoint, ["x:int"], ["y:int"])
        cell = create.cell
        assert cell is not None

        def with_cell(**changes: Any) -> NodeCreate:
            return create.model_copy(update={"cell": cell.model_copy(update=changes)})

        bad = Variable(name="y", json_schema={"type": "nonsense"})
        cases = {
            "cell.outputs.0.schema.type": with_cell(outputs=[bad]),
            "cell.inputs.0.name": with_cell(inputs=[Variable(name="class")]),
            "cell.files.0": with_cell(files=["../x"]),
            "folder": create.model_copy(update={"folder": "nowhere"}),
            "acl.1": create.model_copy(
                update={"acl": [(await plane.folders.default()).id, "nowhere"]}
            ),
            "provisioning.zones.0.zone": create.model_copy(
                update={"provisioning": Provisioning(zones=[Zone(zone="mars")])}
            ),
        }
        for path, changed in cases.items():
            error = await refused(plane, changed, InvalidArgument)
            assert error.details[0]["path"] == path

    async def test_what_this_backend_lacks(self, plane: ControlPlane) -> None:
        docker = DockerSpec(image="nginx", endpoint=Endpoint(port=80))
        create = NodeCreate(name="n", type="docker", docker=docker)
        error = await refused(plane, create, Unimplemented)
        assert "Docker engine" in error.message
        checkpoint = await plane.checkpoint("y = 1\n")
        create = form("n", checkpoint, [], ["y:int"], image=KernelImage(image="x"))
        assert "Docker engine" in (await refused(plane, create, Unimplemented)).message

    async def test_a_name_that_is_taken(self, plane: ControlPlane) -> None:
        await plane.nodes.create(await plane.randomizer("same"))
        with pytest.raises(AlreadyExists, match="'same' exists already"):
            await plane.nodes.create(await plane.randomizer("same"))
        assert len(list(plane.home.bundles.iterdir())) == 1

    async def test_two_at_once_with_one_name(self, plane: ControlPlane) -> None:
        forms = [await plane.randomizer("same") for _ in range(2)]
        results = await asyncio.gather(*map(plane.nodes.create, forms), return_exceptions=True)
        assert sorted(type(one).__name__ for one in results) == ["AlreadyExists", "Node"]
        assert len(list(plane.home.bundles.iterdir())) == 1


async def test_validate_runs_the_cell_and_keeps_nothing(plane: ControlPlane) -> None:
    checkpoint = await plane.checkpoint("print('hello')\ny = 10 // x\n", {"x": 2}, name=None)
    create = form("n", checkpoint, ["x:int"], ["y:int"])
    result = await plane.nodes.validate(create)
    assert (result.ok, result.output, result.stdout) == (True, {"y": 5}, "hello\n")
    assert (await plane.nodes.validate(create, {"x": 5})).output == {"y": 2}
    failed = await plane.nodes.validate(create, {"x": 0})
    assert not failed.ok
    assert failed.error is not None
    assert failed.error["error_name"] == "ZeroDivisionError"
    wrong = await plane.nodes.validate(create, {"x": "five"})
    assert not wrong.ok
    assert list(plane.home.bundles.iterdir()) == []


async def test_a_node_that_is_not_there(plane: ControlPlane) -> None:
    for ask in (plane.nodes.get, plane.nodes.suspend, plane.nodes.delete, plane.nodes.revisions):
        with pytest.raises(NotFound):
            await ask("nothing")


async def test_no_gateway_no_healthy_node(tmp_path: Path) -> None:
    async with control_plane(tmp_path / "home", gateway=False) as plane:
        node = await plane.nodes.create(await plane.randomizer())
        node = await plane.nodes.wait(node.id, timeout=60)
        # No gateway runs: nothing can follow old routes, and the next one starts with the new.
        assert node.status == "HEALTHY"
        assert node.execute_url is None
        await plane.nodes.suspend(node.id)
        with pytest.raises(Unavailable, match="suspended"):
            await plane.nodes.instances.execute(node.id, {})
