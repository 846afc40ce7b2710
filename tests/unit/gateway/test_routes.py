import json
import threading

import pytest

from jupyter_node_deploy.gateway.routes import (
    AliasRoute,
    InstanceRoute,
    NodeRoute,
    Routes,
    TargetRoute,
)
from jupyter_node_deploy.specs import Healthcheck


def sample(generation=3):
    return Routes(
        generation=generation,
        nodes={
            "n1": NodeRoute(
                "cell", ("f1",), "HEALTHY", "", 60.0, (InstanceRoute("i1", "unix:/tmp/s"),)
            ),
            "n2": NodeRoute(
                "docker", ("f2", "f3"), "FAILED", "no engine", healthcheck=Healthcheck(port=80)
            ),
        },
        aliases={"a": AliasRoute(("f4",), (TargetRoute("n1", 90), TargetRoute("n2", 10)))},
        revoked={"t1": 1.5},
    )


def test_documented_form(tmp_path):
    path = tmp_path / "routes.json"
    sample().write(path)
    assert json.loads(path.read_text()) == {
        "generation": 3,
        "audience": "jupyter-node-deploy",
        "limits": {"body": 16777216, "rate": 0, "connections": 0},
        "nodes": {
            "n1": {
                "type": "cell",
                "acl": ["f1"],
                "status": "HEALTHY",
                "reason": "",
                "timeout": 60.0,
                "instances": [{"id": "i1", "address": "unix:/tmp/s"}],
                "protocol": "http",
                "idle_timeout": 300.0,
                "healthcheck": None,
                "concurrency": None,
            },
            "n2": {
                "type": "docker",
                "acl": ["f2", "f3"],
                "status": "FAILED",
                "reason": "no engine",
                "timeout": 60.0,
                "instances": [],
                "protocol": "http",
                "idle_timeout": 300.0,
                "healthcheck": {
                    "type": "http",
                    "port": 80,
                    "path": "/",
                    "timeout": 1.0,
                    "interval": 15.0,
                    "fails_threshold": 3,
                    "passes_threshold": 3,
                },
                "concurrency": None,
            },
        },
        "aliases": {
            "a": {
                "acl": ["f4"],
                "targets": [{"node": "n1", "weight": 90}, {"node": "n2", "weight": 10}],
            }
        },
        "revoked": {"t1": 1.5},
    }


def test_read_gives_what_was_written(tmp_path):
    path = tmp_path / "routes.json"
    sample().write(path)
    assert Routes.read(path) == sample()


def test_folders_with_any_access():
    assert sample().folders == {"f1", "f2", "f3", "f4"}


def change(path, value):
    content = json.loads(sample().encode())
    *way, last = path
    place = content
    for key in way:
        place = place[key]
    place[last] = value
    return json.dumps(content).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"{}",
        b"\xff",
        b'{"generation": 1}',
        change(["nodes"], []),
        change(["nodes", "n1"], None),
        change(["nodes", "n1", "acl"], "f1"),
        change(["nodes", "n1", "acl"], [1]),
        change(["nodes", "n1", "timeout"], "soon"),
        change(["nodes", "n1", "instances", 0, "address"], "nowhere"),
        change(["nodes", "n2", "healthcheck"], {}),
        change(["nodes", "n2", "healthcheck", "port"], 0),
        change(["aliases", "a", "targets", 0, "weight"], 0),
        change(["aliases", "a", "targets", 0, "weight"], -1),
        change(["revoked"], None),
    ],
)
def test_anything_else_is_refused(content):
    with pytest.raises(ValueError):  # noqa: PT011 - of whatever kind
        Routes.decode(content)


def test_reader_never_sees_half(tmp_path):
    path = tmp_path / "routes.json"
    sample(0).write(path)
    done = threading.Event()

    def write():
        for generation in range(100):
            sample(generation).write(path)
        done.set()

    writer = threading.Thread(target=write)
    writer.start()
    while not done.is_set():
        Routes.read(path)
    writer.join()
    assert [place.name for place in tmp_path.iterdir()] == ["routes.json"]
