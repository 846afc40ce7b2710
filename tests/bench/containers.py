"""From *Create* to the first answer, with everything between; sizes of the images.

A Jupyter server of its own makes nodes of the randomizer's cell in containers, behind HAProxy in
its container. The time starts when the control API is asked for the node (which first runs the cell
once) and ends with a 200 through the gateway. Beside it, the same packages installed by hand: pip
without a cache in a fresh virtual environment of this machine. What the gateways cost is measured
by ``gateway.py``.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
from pathlib import Path
from typing import Any

from docker import DockerClient

from jupyter_node_deploy.backends.docker import labels
from jupyter_node_deploy.backends.docker.engine import connect
from jupyter_node_deploy.cli import servers
from jupyter_node_deploy.cli.connection import Connection
from jupyter_node_deploy.cli.console import Console
from jupyter_node_deploy.gateway.launchers.container import HOME as GATEWAY
from jupyter_node_deploy.home import Home

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.support.randomizer import INPUT, NOTEBOOK

PATIENCE = 600.0


class Site:
    """A Jupyter server with an example's checkpoint, and a token for its nodes."""

    def __init__(self, home: Home, image: str) -> None:
        for place in ("data", "runtime", "config"):
            os.environ[f"JUPYTER_{place.upper()}_DIR"] = str(home.root / place)
        config = home.root / "config" / "jupyter_node_deploy_config.json"
        config.parent.mkdir()
        settings = {
            "backend": "docker",
            "gateway": "container",
            "base_image": image,
        }
        config.write_text(json.dumps({"NodeDeployApp": settings}))
        self._server = servers.start(home.root, Console(False), exact=True)
        self._api = Connection(self._server)
        began = time.perf_counter()
        notebook = ("deploy", str(NOTEBOOK), "--cell", "2", "--name", "first")
        first = json.loads(self._jupyter_node(*notebook, "--json"))
        self.first = time.perf_counter() - began
        self._token = json.loads(self._jupyter_node("token", "create", "--json"))["token"]
        path = f"checkpoints/{first['cell']['checkpoint']}:suggest"
        self._form = self._api.call("POST", path)["node"]

    def create(self, name: str, requirements: list[str]) -> float:
        """Make a node; return the seconds until it has answered."""
        form = self._form | {"name": name}
        form["cell"] = form["cell"] | {"requirements": requirements}
        began = time.perf_counter()
        node = self._api.call("POST", "nodes", form)
        while not self._answers(node):
            assert time.perf_counter() - began < PATIENCE, self._api.call("GET", f"nodes/{name}")
            time.sleep(0.01)
        return time.perf_counter() - began

    def close(self) -> None:
        """Delete the nodes and stop the server."""
        for node in self._api.call("GET", "nodes")["nodes"]:
            self._api.call("DELETE", f"nodes/{node['id']}")
        servers.stop(self._server)

    def _answers(self, node: dict[str, Any]) -> bool:
        request = urllib.request.Request(
            node["execute_url"],
            json.dumps({"folder_id": node["folder"], "input": INPUT}).encode(),
            {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return bool(answer.status == 200)
        except urllib.error.HTTPError as error:
            if error.code not in (404, 503):
                raise
            return False

    def _jupyter_node(self, *arguments: str) -> str:
        command = [sys.executable, "-m", "jupyter_node_deploy.cli", *arguments]
        return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def by_hand(requirements: list[str]) -> float:
    """Return the seconds that pip needs without a cache."""
    with tempfile.TemporaryDirectory() as directory:
        venv.create(directory, with_pip=True)
        began = time.perf_counter()
        command = [f"{directory}/bin/python", "-m", "pip", "install", "--quiet", "--no-cache-dir"]
        subprocess.run([*command, *requirements], check=True)
        return time.perf_counter() - began


def size(engine: DockerClient, reference: str) -> str:
    """Return an image's size in words."""
    return f"{engine.images.get(reference).attrs['Size'] / 1e6:.0f} MB"


def measure(home: Home, image: str, requirements: list[str], rounds: int) -> None:
    """Print it all."""
    with contextlib.closing(connect()) as engine:
        site = Site(home, image)
        try:
            print(f"notebook run, runtime made      {site.first:6.2f} s   once per base image")
            hand = by_hand(requirements)
            print(f"packages by hand                {hand:6.2f} s   {' '.join(requirements)}")
            made = site.create("made", requirements)
            print(f"environment not cached          {made:6.2f} s   {made - hand:+.2f} s")
            for kind, wanted in (("environment cached", requirements), ("no packages", [])):
                name = kind.replace(" ", "-")
                times = [site.create(f"{name}-{number}", wanted) for number in range(rounds)]
                print(
                    f"{kind:<32}{statistics.median(times):6.2f} s   median of {rounds}, "
                    f"{min(times):.2f} to {max(times):.2f}"
                )
            own = {"label": f"{labels.BUILD}={home.id}"}
            environments = engine.images.list(filters=own)
            if not environments:
                sys.exit("Another home had made this environment: choose other --requirements.")
            print(f"base image                      {size(engine, image)}")
            print(f"environment image               {size(engine, str(environments[0].id))}")
        finally:
            site.close()
            remove(engine, home)


def remove(engine: DockerClient, home: Home) -> None:
    """Remove what the home has made on the engine."""
    for label in (labels.HOME, GATEWAY):
        for one in engine.containers.list(all=True, filters={"label": f"{label}={home.id}"}):
            one.remove(force=True)
    for network in engine.networks.list(filters={"label": f"{labels.HOME}={home.id}"}):
        network.remove()
    for image in engine.images.list(filters={"label": f"{labels.BUILD}={home.id}"}):
        engine.images.remove(str(image.id), force=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image", help="base image with this Python")
    parser.add_argument("--requirements", nargs="*", default=["requests==2.32.3"])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    home = Home(Path(tempfile.mkdtemp(prefix="jnd-")))
    home.create()
    try:
        measure(home, options.image, options.requirements, options.rounds)
    finally:
        shutil.rmtree(home.root)


if __name__ == "__main__":
    main()
