"""Goes the whole way once, as a user would: from a notebook's cell to an answered request.

Deploys the example with the command line, calls the node over HTTP, stops and starts the Jupyter
server, calls it again. Works in a directory of its own that is deleted at the end.
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).resolve().parents[1] / "examples"
BOUNDS = {"left_bound": 1, "right_bound": 10}
CALLS = 200


def jupyter_node(*arguments: str) -> str:
    """Run a command and return what it prints."""
    print(f"$ jupyter node {' '.join(arguments)}", flush=True)
    done = subprocess.run(
        [sys.executable, "-m", "jupyter_node_deploy.cli", *arguments],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"check: the command failed with status {done.returncode}")
    return done.stdout.strip()


def call(node: dict[str, Any], token: str) -> Any:
    """Send the example's request; return the decoded answer."""
    body = {"folder_id": node["folder"], "input": {"input_data": BOUNDS}}
    request = urllib.request.Request(  # noqa: S310 - the URL is ours
        node["execute_url"],
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310
        return json.load(answer)


def call_often(node: dict[str, Any], token: str) -> None:
    """Call until the values must have covered their range; show one request and its answer."""
    answers = [call(node, token) for _ in range(CALLS)]
    values = sorted({answer["output"]["output_data"]["generated_value"] for answer in answers})
    print(f"POST {node['execute_url']}\n{json.dumps(answers[0])}")
    print(f"{CALLS} calls gave the values {values}", flush=True)
    if values != list(range(1, 11)):  # by chance: once in 140 million runs
        sys.exit("check: these are not the values from 1 to 10")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="node-deploy-check-") as directory:
        for place in ("DATA", "RUNTIME", "CONFIG"):
            os.environ[f"JUPYTER_{place}_DIR"] = str(Path(directory, place.lower()))
        config = Path(directory, "config", "jupyter_node_deploy_config.json")
        config.parent.mkdir()
        config.write_text(json.dumps({"NodeDeployApp": {"backend": "process"}}))
        try:
            notebook = os.path.relpath(EXAMPLES / "randomizer.ipynb")
            node = json.loads(
                jupyter_node(
                    "deploy", notebook, "--cell", "2", "--name", "randomizer-node", "--json"
                )
            )
            print(f"{node['name']} ({node['id']}) is {node['status']}")
            token = jupyter_node("token", "create")
            call_often(node, token)
            print(jupyter_node("server", "stop", "--yes"))
            jupyter_node("server", "start")
            back = json.loads(jupyter_node("show", "randomizer-node", "--wait", "60", "--json"))
            print(f"{back['name']} ({back['id']}) is {back['status']}")
            call_often(back, token)
        finally:
            jupyter_node("server", "stop", "--yes")
    print("check: all is well")


if __name__ == "__main__":
    main()
