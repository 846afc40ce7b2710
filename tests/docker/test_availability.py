"""Requests while everything around them changes, before containers of a real Jupyter server."""

from __future__ import annotations

import json
from typing import Any

import docker
import pytest

from jupyter_node_deploy.home import Home

from ..integration.conftest import JupyterServer
from ..integration.gateway.load import CONCURRENCY, Load
from ..support.randomizer import INPUT

pytestmark = pytest.mark.timeout(300)
REQUESTS = 10_000


def test_no_request_fails_that_was_not_in_a_killed_container(
    server: JupyterServer, engine: docker.DockerClient
) -> None:
    words = ("randomizer.ipynb", "--cell", "2", "--name", "randomizer", "--instances", "2")
    node = server.node("deploy", *words)
    token = server.cli("token", "create").stdout.strip()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    body = json.dumps({"folder_id": node["folder"], "input": INPUT}).encode()
    load = Load(node["execute_url"], headers, body)
    seen: dict[str, int] = {}

    def changed(name: str) -> None:
        """Go on when so many requests have met a change that all have their share."""
        load.wait(load.answers.total() + REQUESTS // 20)
        seen[name] = load.answers.total() - sum(seen.values())
        assert not load.failed, (name, load.failed)

    with load.running():
        changed("begin")
        server.node("restart", "randomizer")
        changed("restart")
        updated = server.node("deploy", *words, "--update")
        changed("update")
        assert updated["revision"] == 3
        server.node("gateway", "reload")
        changed("reload")
        server.stop()
        changed("stop")
        server.start()
        changed("start")
        server.kill()
        changed("kill")
        server.start()
        load.wait(REQUESTS * 9 // 10)
        changed("start after kill")
        [victim, _] = instances(engine, server)
        killed = victim.labels["jupyter-node-deploy.instance"]
        victim.kill()
        load.wait(load.answers.total() + REQUESTS // 10)
    print(seen, dict(load.answers))
    assert load.answers.total() >= REQUESTS
    assert load.failed.total() <= CONCURRENCY
    assert set(load.failed) <= {503, "RemoteDisconnected", "ConnectionResetError"}
    assert lost_in(engine, server) <= {killed}


def instances(engine: docker.DockerClient, server: JupyterServer) -> list[Any]:
    mine = f"jupyter-node-deploy.home={Home(server.data_dir).id}"
    return list(engine.containers.list(filters={"label": mine}))


def lost_in(engine: docker.DockerClient, server: JupyterServer) -> set[str]:
    """Return the instances that the gateway sent requests to which failed."""
    gateway = engine.containers.get(f"jupyter-node-{Home(server.data_dir).id}-gateway")
    lines = gateway.logs().decode().splitlines()
    rows = [json.loads(line) for line in lines if line.startswith('{"at"')]
    return {row["instance"].rpartition(".")[0] for row in rows if row["code"] != 200}
