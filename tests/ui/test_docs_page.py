"""A node's own page: what it shows works, on the node itself and through Jupyter."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import Page, expect

from ..support.waiting import until
from .server import Server


@pytest.fixture(scope="module")
def node(server: Server) -> Iterator[dict[str, Any]]:
    """Return the randomizer as a node."""
    command = [sys.executable, "-m", "jupyter_node_deploy.cli", "deploy", "--json"]
    command += [str(server.notebooks / "randomizer.ipynb"), "--cell", "2", "--name", "documented"]
    places = {
        f"JUPYTER_{k}_DIR": str(server.root / k.lower()) for k in ("DATA", "RUNTIME", "CONFIG")
    }
    done = subprocess.run(
        command, env=os.environ | places, capture_output=True, text=True, check=True
    )
    made = json.loads(done.stdout)
    yield made
    server.delete(f"nodes/{made['id']}")


def _works(page: Page, **environment: str) -> None:
    curl = page.locator("#curl")
    expect(curl).to_contain_text("left_bound")
    command = ["bash", "-c", curl.text_content() or ""]
    done = subprocess.run(
        command, env=os.environ | environment, capture_output=True, text=True, check=True
    )
    assert re.search(r'"generated_value": ?\d', done.stdout), done.stdout + done.stderr
    page.get_by_role("button").first.click()
    expect(page.locator("#status")).to_contain_text("200")
    expect(page.locator("#answer")).to_contain_text("generated_value")


def test_through_jupyter(page: Page, server: Server, node: dict[str, Any]) -> None:
    page.goto(f"{server.url}/jupyter-node-deploy/v1/nodes/{node['id']}/docs?token={server.token}")
    _works(page, JUPYTER_TOKEN=server.token)


def test_on_the_node_itself(
    page: Page, server: Server, node: dict[str, Any], tmp_path: Path
) -> None:
    bundle = server.data_dir / "bundles" / node["id"] / "1"
    command = [sys.executable, "-m", "jupyter_node_deploy.runtime", str(bundle)]
    command += ["--listen", "127.0.0.1:0", "--directory", str(tmp_path / "instance")]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        address = tmp_path / "instance" / "address"
        until(address.exists)
        until(lambda: requests.get(f"http://{address.read_text()}/readyz", timeout=10).ok)
        page.goto(f"http://{address.read_text()}/docs")
        _works(page)
    finally:
        process.terminate()
        process.wait()
