"""The main job: notebooks become services, called over HTTP, before and after a restart."""

import json
from typing import Any

import pytest
import requests

from ..support.randomizer import INPUT, copy_examples

# Several servers and kernels one after the other, on machines that may be busy.
pytestmark = pytest.mark.timeout(400)


@pytest.fixture
def examples(jupyter: Any) -> Any:
    """The server, with the examples in its root."""
    copy_examples(jupyter.root)
    return jupyter


def call(node: dict[str, Any], token: str, inputs: dict[str, Any]) -> requests.Response:
    return requests.post(
        node["execute_url"],
        json={"folder_id": node["folder"], "input": inputs},
        headers={"Authorization": f"Bearer {token}"},
        timeout=60,
    )


def output(node: dict[str, Any], token: str, inputs: dict[str, Any]) -> Any:
    answer = call(node, token, inputs)
    assert answer.status_code == 200, answer.text
    return answer.json()["output"]


def test_the_randomizer_answers_before_and_after_a_restart(examples: Any) -> None:
    server = examples
    done = server.cli(
        *("deploy", "randomizer.ipynb", "--cell", "2", "--name", "randomizer-node", "--json")
    )
    assert done.returncode == 0, done.stderr + server.log_end()
    node = json.loads(done.stdout)
    assert (node["name"], node["status"]) == ("randomizer-node", "HEALTHY")
    printed = server.cli("token", "create")
    assert printed.returncode == 0, printed.stderr
    token = printed.stdout.strip()
    assert printed.stdout.count("\n") == 1

    answers = [output(node, token, INPUT) for _ in range(200)]
    assert {a["output_data"]["generated_value"] for a in answers} == set(range(1, 11))
    assert {frozenset(a) for a in answers} == {frozenset({"output_data"})}

    server.stop()
    with pytest.raises(requests.ConnectionError):
        call(node, token, INPUT)
    server.start()
    back = server.node("show", "randomizer-node", "--wait", "60")
    assert (back["status"], back["execute_url"]) == ("HEALTHY", node["execute_url"])
    bounds = {"input_data": {"left_bound": 5, "right_bound": 5}}
    assert output(node, token, bounds) == {"output_data": {"generated_value": 5}}


def test_a_killed_server_takes_nothing_along(examples: Any) -> None:
    server = examples
    node = server.node("deploy", "randomizer.ipynb", "--cell", "2", "--name", "survivor")
    token = server.cli("token", "create").stdout.strip()
    bounds = {"input_data": {"left_bound": 7, "right_bound": 7}}
    server.kill()
    assert output(node, token, bounds) == {"output_data": {"generated_value": 7}}
    server.start()
    back = server.node("show", "survivor", "--wait", "60")
    assert back["status"] == "HEALTHY"
    assert [i["id"] for i in back["instances"]] == [i["id"] for i in node["instances"]]
    assert output(node, token, bounds) == {"output_data": {"generated_value": 7}}


def test_a_model_trained_in_an_earlier_cell(examples: Any) -> None:
    node = examples.node("deploy", "iris_classifier.ipynb", "--cell", "3", "--name", "iris")
    token = examples.cli("token", "create").stdout.strip()
    assert [variable["name"] for variable in node["cell"]["inputs"]][:1] == ["flowers"]
    assert node["cell"]["outputs"][0]["name"] == "predictions"
    assert any(line.startswith("scikit-learn==") for line in node["cell"]["requirements"])
    flower = {
        "sepal_length": 5.0,
        "sepal_width": 3.4,
        "petal_length": 1.5,
        "petal_width": 0.2,
    }
    answer = output(node, token, {"flowers": [flower]})
    assert [row["species"] for row in answer["predictions"]] == ["setosa"]


def test_helpers_read_the_global_that_the_request_sets(examples: Any) -> None:
    node = examples.node(
        *("deploy", "pricing.ipynb", "--cell", "4", "--name", "pricing"),
        *("--input", "order", "--output", "price"),
    )
    token = examples.cli("token", "create").stdout.strip()
    order = {"weight_kg": 10, "zone": "abroad", "express": False}
    answer = output(node, token, {"order": order})
    assert answer["price"]["total"] == pytest.approx(28.75)

    refused = call(node, token, {"order": order | {"zone": "moon"}})
    assert refused.status_code == 500
    body = refused.json()
    assert body["code"] == 13
    assert body["details"][0]["error_name"] == "ValueError"
    assert "no delivery to 'moon'" in body["details"][0]["error_message"]
    assert any("zone_factor" in line for line in body["details"][0]["traceback"])
    assert output(node, token, {"order": order})["price"]["total"] == pytest.approx(28.75)


def test_a_module_beside_the_notebook_travels_along(examples: Any) -> None:
    node = examples.node("deploy", "support_tickets.ipynb", "--cell", "3", "--name", "tickets")
    assert node["cell"]["outputs"][0]["name"] == "answer"
    (examples.root / "utils.py").unlink()
    token = examples.cli("token", "create").stdout.strip()
    answer = output(node, token, {"ticket": "the invoice is wrong"})
    assert answer["answer"]["queue"] == "billing"


def test_a_cell_that_awaits(examples: Any) -> None:
    node = examples.node("deploy", "page_checks.ipynb", "--cell", "report", "--name", "pages")
    token = examples.cli("token", "create").stdout.strip()
    inputs: dict[str, Any] = {
        "pages": [{"name": "slow", "seconds": 0.1}, {"name": "quick", "seconds": 0.0}]
    }
    declared = {variable["name"] for variable in node["cell"]["inputs"]}
    if "limit" in declared:
        inputs["limit"] = 0.05
    assert output(node, token, inputs)["report"] == {"slow": ["slow"], "checked": 2}
