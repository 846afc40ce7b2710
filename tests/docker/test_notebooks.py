"""Notebooks end to end in containers, through Jupyter, the gateway, and without Jupyter."""

from __future__ import annotations

import json
import re
from typing import Any

import docker
import pytest
import requests

from ..integration.conftest import JupyterServer
from ..support.randomizer import INPUT

pytestmark = pytest.mark.timeout(600)


def output(node: dict[str, Any], token: str, inputs: dict[str, Any]) -> Any:
    answer = requests.post(
        node["execute_url"],
        json={"folder_id": node["folder"], "input": inputs},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )
    assert answer.status_code == 200, answer.text
    return answer.json()["output"]


def test_notebooks_answer_in_containers_also_without_jupyter(server: JupyterServer) -> None:
    randomizer = server.node(
        "deploy", "randomizer.ipynb", "--cell", "2", "--name", "randomizer-node"
    )
    assert (randomizer["backend"], randomizer["status"]) == ("docker", "HEALTHY")
    token = server.cli("token", "create").stdout.strip()
    assert output(randomizer, token, INPUT)["output_data"]["generated_value"] in range(1, 11)

    started = _instances(server.node("show", "randomizer-node"))

    server.stop()
    assert output(randomizer, token, INPUT)["output_data"]["generated_value"] in range(1, 11)
    server.start()
    back = server.node("show", "randomizer-node", "--wait", "60")
    assert back["status"] == "HEALTHY"
    assert _instances(back) == started
    assert output(back, token, INPUT)["output_data"]["generated_value"] in range(1, 11)


def _instances(node: dict[str, Any]) -> list[tuple[str, float]]:
    """Which instances there are, and since when they run."""
    return [(one["id"], one["started_at"]) for one in node["instances"]]


def test_a_model_with_its_packages(server: JupyterServer) -> None:
    words = ("deploy", "iris_classifier.ipynb", "--cell", "3", "--name", "iris", "--timeout", "500")
    done = server.cli(*words, "--json")
    node = json.loads(done.stdout)
    assert node["backend"] == "docker"
    # Who waits is told what it is doing.
    steps = r"^  (Collecting|Downloading|Installing|Preparing|Saving)"
    assert re.search(steps, done.stderr, re.MULTILINE)
    token = server.cli("token", "create").stdout.strip()
    flower = {
        "sepal_length": 5.0,
        "sepal_width": 3.4,
        "petal_length": 1.5,
        "petal_width": 0.2,
    }
    answer = output(node, token, {"flowers": [flower]})
    assert [row["species"] for row in answer["predictions"]] == ["setosa"]
    image = f"jupyter-node-deploy.node={node['id']}"
    [container] = docker.from_env().containers.list(filters={"label": image})
    assert container.image is not None
    assert container.image.tags[0].startswith("jupyter-node-deploy/environment:")
