"""Nodes of a real Jupyter server while Jupyter, the engine and the machine end."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import docker
import pytest
import requests

from jupyter_node_deploy.backends.base import CellWorkload
from jupyter_node_deploy.backends.docker.environments.environments import Environments
from jupyter_node_deploy.backends.docker.owner import Owner
from jupyter_node_deploy.home import Home

from ..integration.conftest import JupyterServer
from ..support.randomizer import INPUT
from ..support.waiting import until
from .conftest import PATIENCE, MakeSpec, set_up
from .dockerd import Dockerd, own_network

pytestmark = [
    pytest.mark.timeout(400),
    pytest.mark.skipif(os.getuid() != 0, reason="only root can start an engine"),
]


@pytest.fixture
def dockerd(
    engine: docker.DockerClient, base_image: str, home: Home, make_spec: MakeSpec
) -> Iterator[Dockerd]:
    """An engine that may be treated badly, in whose network the test runs, too."""
    # No package can be had in that network: the runtime, which homes share, is made before.
    spec = make_spec()
    assert isinstance(spec.workload, CellWorkload)
    environments = Environments(engine, home, Owner.current(), base_image)
    environments.ensure(spec, spec.workload, print)
    with own_network():
        dockerd = Dockerd()
        dockerd.start().close()
        dockerd.load(engine, base_image)
        yield dockerd
        dockerd.remove()


@pytest.fixture
def site(dockerd: Dockerd, shared: Path, base_image: str) -> Iterator[JupyterServer]:
    """A Jupyter server on that engine."""
    directory = Path(tempfile.mkdtemp(prefix="jnd-"))
    server = JupyterServer(directory / "u")
    set_up(server, shared, base_image=base_image)
    server.env["DOCKER_HOST"] = dockerd.url
    server.start()
    yield server
    if server.process is not None:
        server.kill()
    shutil.rmtree(directory)


def test_nodes_answer_whatever_ends(site: JupyterServer, dockerd: Dockerd) -> None:
    node = site.node("deploy", "randomizer.ipynb", "--cell", "2", "--name", "randomizer")
    token = site.cli("token", "create").stdout.strip()
    assert ask(node, token) == 200

    site.kill()
    for _ in range(3):
        assert ask(node, token) == 200
    assert ask(node, "no-token") == 401
    assert ask(node, token, folder="b1gothers") == 403

    dockerd.stop()
    with pytest.raises(requests.ConnectionError):
        ask(node, token)
    dockerd.start().close()
    answers(node, token)  # nobody asked for it
    assert ask(node, "no-token") == 401

    dockerd.cut_power()
    home = Home(site.data_dir)
    assert list((home.gateway / "haproxy" / "run").iterdir())  # sockets that nobody listens at
    dockerd.start().close()
    answers(node, token)
    assert ask(node, "no-token") == 401

    before = containers(dockerd)
    site.start()
    back = site.node("show", "randomizer", "--wait", "60")
    assert (back["status"], back["execute_url"]) == ("HEALTHY", node["execute_url"])
    assert ask(back, token) == 200
    assert containers(dockerd) == before  # adopted, none made anew


def ask(node: dict[str, Any], token: str, folder: str = "") -> int:
    """Call a node; return the status."""
    answer = requests.post(
        node["execute_url"],
        json={"input": INPUT},
        headers={
            "Authorization": f"Bearer {token}",
            "x-folder-id": folder or node["folder"],
        },
        timeout=60,
    )
    return answer.status_code


def answers(node: dict[str, Any], token: str) -> None:
    """Wait until a node answers."""
    last: list[object] = []

    def answered() -> bool:
        try:
            last[:] = [ask(node, token)]
        except requests.ConnectionError as error:
            last[:] = [error]
        return last == [200]

    until(answered, lambda: f"200, not {last}", seconds=PATIENCE, pause=0.1)


def containers(dockerd: Dockerd) -> set[tuple[str, str]]:
    """Return the running containers, each with the time of its start."""
    client = docker.DockerClient(base_url=dockerd.url)
    found = {(str(one.id), one.attrs["State"]["StartedAt"]) for one in client.containers.list()}
    client.close()
    return found
