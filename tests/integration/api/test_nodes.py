"""Nodes through the control API of a real server, from a checkpoint that a real kernel made."""

import io
import json
import tarfile
import time
from typing import Any

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook


@pytest.fixture(scope="module")
def checkpoint(hub_user: Any) -> dict[str, Any]:
    """A pinned checkpoint of ``y = 100 // x``, after ``x = 3``; its node is deleted again."""
    notebook = new_notebook(cells=[new_code_cell("x = 3"), new_code_cell("y = 100 // x\ny")])
    nbformat.write(notebook, hub_user.root / "divide.ipynb")
    node = hub_user.node("deploy", "divide.ipynb", "--cell", "2", "--name", "first")
    hub_user.node("delete", "first", "--yes")
    hub_user.request("GET", f"nodes/{node['id']}?wait=60")  # answers when it is gone
    found: dict[str, Any] = hub_user.request(
        "GET", f"checkpoints/{node['cell']['checkpoint']}"
    ).json()
    return found


@pytest.fixture
def form(hub_user: Any, checkpoint: dict[str, Any]) -> dict[str, Any]:
    """The node form as the server suggests it."""
    answer = hub_user.request("POST", f"checkpoints/{checkpoint['id']}:suggest")
    suggested: dict[str, Any] = answer.json()
    assert suggested["input"] == {"x": 3}
    node: dict[str, Any] = suggested["node"]
    return node


def failure(answer: Any, status: int, code: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, body
    return body


def healthy(server: Any, name: str) -> dict[str, Any]:
    node: dict[str, Any] = server.request("GET", f"nodes/{name}?wait=60").json()
    assert node["status"] == "HEALTHY", node
    return node


def test_a_slice_follows_the_form(hub_user: Any, checkpoint: dict[str, Any]) -> None:
    path = f"checkpoints/{checkpoint['id']}:slice"

    def carried(**form: list[str]) -> list[str]:
        answer = hub_user.request("POST", path, form)
        assert answer.status_code == 200, answer.text
        return [
            name for group in answer.json()["groups"] if group["carried"] for name in group["names"]
        ]

    assert carried(inputs=["x"]) == ["x"]
    assert carried(inputs=["x"], leave_out=["x"]) == []
    body = failure(hub_user.request("POST", path, {"carry": ["none"]}), 400, 3)
    assert body["details"][0]["path"] == "cell.carry.0"


def test_the_suggestion_can_be_created_as_it_is(hub_user: Any, form: dict[str, Any]) -> None:
    created = hub_user.request("POST", "nodes", form | {"name": "as-suggested"})
    assert created.status_code == 201, created.text
    node = healthy(hub_user, created.json()["id"])
    assert hub_user.request("GET", "nodes/as-suggested").json()["id"] == node["id"]
    assert node["cell"]["inputs"][0]["default"] == 3

    execute = f"nodes/{node['id']}:execute"
    assert hub_user.request("POST", execute, {"input": {"x": 7}}).json() == {"output": {"y": 14}}
    body = failure(hub_user.request("POST", execute, {"input": {"x": 0}}), 500, 13)
    assert body["details"][0]["error_name"] == "ZeroDivisionError"
    failure(hub_user.request("POST", execute, {"input": {"x": "7"}}), 400, 3)
    assert hub_user.request("POST", execute, {"input": {}}).json() == {"output": {"y": 33}}
    failure(hub_user.request("POST", execute, {"input": {"misspelt": 7}}), 400, 3)

    anything = f"nodes/{node['id']}:request"
    whole = hub_user.request("POST", anything, {"path": "/", "body": '{"x": 7}'}).json()
    assert (whole["status"], whole["body"]) == (200, '{"y":14}')
    assert whole["headers"]["content-type"] == "application/json"
    whole = hub_user.request("POST", anything, {"path": "/", "body": '{"x": 0}'}).json()
    assert whole["status"] == 500
    failure(hub_user.request("POST", anything, {"path": "/ HTTP/1.1\r\nX: y"}), 400, 3)
    failure(hub_user.request("POST", anything, {"path": "/", "headers": {"a": "b\nc"}}), 400, 3)

    failure(hub_user.request("POST", "nodes", form | {"name": "as-suggested"}), 409, 6)

    document = hub_user.request("GET", f"nodes/{node['id']}/openapi.json").json()
    assert document["openapi"].startswith("3.")
    page = hub_user.request("GET", f"nodes/{node['id']}/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert (
        "script-src 'unsafe-inline'; connect-src 'self'" in page.headers["content-security-policy"]
    )
    assert "openapi.json" in page.text
    metrics = hub_user.request("GET", f"nodes/{node['id']}/metrics")
    assert metrics.headers["content-type"].startswith("text/plain"), metrics.text
    assert metrics.text.strip()
    log = hub_user.request("GET", f"nodes/{node['id']}/logs?tail=3")
    assert log.headers["content-type"].startswith("text/plain")
    assert len(log.text.splitlines()) == 3
    failure(hub_user.request("GET", f"nodes/{node['id']}/logs?instance=x"), 404, 5)

    archive = hub_user.request("GET", f"nodes/{node['id']}/export")
    assert archive.headers["content-disposition"] == 'attachment; filename="as-suggested-1.tar.gz"'
    with tarfile.open(fileobj=io.BytesIO(archive.content)) as bundle:
        assert any(name.endswith("node.json") for name in bundle.getnames())

    hub_user.request("DELETE", f"nodes/{node['id']}")
    failure(hub_user.request("GET", f"nodes/{node['id']}?wait=60"), 404, 5)


def test_a_dry_run_creates_nothing(hub_user: Any, form: dict[str, Any]) -> None:
    before = hub_user.request("GET", "nodes").json()
    kept = hub_user.request("POST", "nodes:validate", {"node": form}).json()
    assert (kept["ok"], kept["output"]) == (True, {"y": 33})
    given = hub_user.request("POST", "nodes:validate", {"node": form, "input": {"x": 4}}).json()
    assert (given["ok"], given["output"]) == (True, {"y": 25})
    raised = hub_user.request("POST", "nodes:validate", {"node": form, "input": {"x": 0}}).json()
    assert not raised["ok"]
    assert raised["error"]["error_name"] == "ZeroDivisionError"
    assert hub_user.request("GET", "nodes").json() == before


def test_what_can_not_be_created(
    hub_user: Any, form: dict[str, Any], checkpoint: dict[str, Any]
) -> None:
    docker = {
        "name": "whale",
        "type": "docker",
        "docker": {"image": "x", "endpoint": {"port": 80}},
    }
    body = failure(hub_user.request("POST", "nodes", docker), 501, 12)
    assert "Docker" in body["message"]

    unknown = form | {"cell": form["cell"] | {"checkpoint": "none"}}
    body = failure(hub_user.request("POST", "nodes", unknown), 400, 3)
    assert body["details"][0]["path"] == "cell.checkpoint"
    failure(hub_user.request("POST", "nodes", form | {"folder": "none"}), 400, 3)
    body = failure(hub_user.request("POST", "nodes", form | {"acl": ["none"]}), 400, 3)
    assert body["details"][0]["path"] == "acl.0"

    outputs = [{"name": "never_set", "type": "int"}]
    other = form | {"cell": form["cell"] | {"outputs": outputs}}
    body = failure(hub_user.request("POST", "nodes", other), 400, 9)
    assert "never_set" in json.dumps(body)

    hub_user.request("POST", f"checkpoints/{checkpoint['id']}:unpin")
    try:
        body = failure(hub_user.request("POST", "nodes", form | {"name": "loose"}), 400, 9)
        assert "pin" in body["message"]
    finally:
        hub_user.request(
            "POST", f"checkpoints/{checkpoint['id']}:pin", {"name": checkpoint["name"]}
        )


def test_revisions(hub_user: Any, form: dict[str, Any]) -> None:
    hub_user.request("POST", "nodes", form | {"name": "revised"})
    healthy(hub_user, "revised")
    cell = form["cell"] | {"timeout": 5}
    patched = hub_user.request("PATCH", "nodes/revised", {"cell": cell}).json()
    assert patched["revision"] == 2
    assert healthy(hub_user, "revised")["cell"]["timeout"] == 5
    same = hub_user.request("PATCH", "nodes/revised", {"description": "other words"}).json()
    assert same["revision"] == 2

    body = failure(
        hub_user.request("PATCH", "nodes/revised", {"cell": cell | {"timeout": -1}}), 400, 3
    )
    assert body["details"][0]["path"] == "cell.timeout"

    assert hub_user.request("POST", "nodes/revised:rollback").json()["revision"] == 1
    node = healthy(hub_user, "revised")
    revisions = hub_user.request("GET", "nodes/revised/revisions").json()["revisions"]
    assert [(one["number"], one["active"]) for one in revisions] == [(2, False), (1, True)]
    failure(hub_user.request("POST", "nodes/revised:rollback", {"revision": 9}), 404, 5)
    hub_user.request("DELETE", f"nodes/{node['id']}")


def test_changes_are_told_on_jupyters_event_stream(hub_user: Any, form: dict[str, Any]) -> None:
    import websocket

    url = hub_user.url.replace("http", "ws", 1) + f"api/events/subscribe?token={hub_user.token}"
    stream = websocket.create_connection(url, timeout=60)
    try:
        node = hub_user.request("POST", "nodes", form | {"name": "told"}).json()
        seen = []
        until = time.monotonic() + 60
        while "HEALTHY" not in seen and time.monotonic() < until:
            event = json.loads(stream.recv())
            if event["schema_id"].endswith("/events/node/v1") and event["id"] == node["id"]:
                seen.append(event["status"])
        assert seen[-1] == "HEALTHY"
    finally:
        stream.close()
        hub_user.request("DELETE", f"nodes/{node['id']}")
