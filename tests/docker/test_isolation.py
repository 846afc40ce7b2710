"""Whom nodes can reach: never each other, and others only with egress."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import docker
import pytest

from jupyter_node_deploy.backends.base import (
    Endpoint,
    Healthcheck,
    ImageWorkload,
    InstanceSpec,
    ObservedInstance,
    RegistryImage,
)
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.web.client import Client

from .conftest import PATIENCE, RESOURCES, MakeSpec, state

#: Of a network for documentation, so nobody's: the machine's end of the cable, and the stand-in's.
NETWORK = "198.51.100.0/24"
MACHINE, OUTSIDE = "198.51.100.1", "198.51.100.2"
PORT = 8080
REACH = """
import socket
def reach(host, port):
    try:
        with socket.create_connection((host, port), timeout=1):
            return "reached"
    except OSError as error:
        return type(error).__name__
"""
CELL = f"{REACH}\ny = [reach(host, port) for host, port in targets]\n"
IMAGE = f"""{REACH}
import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Attacker(BaseHTTPRequestHandler):
    def do_GET(self):
        self.answer([])
    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.answer([reach(host, port) for host, port in json.loads(body)["targets"]])
    def answer(self, found):
        body = json.dumps({{"y": found}}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

ThreadingHTTPServer(("0.0.0.0", {PORT}), Attacker).serve_forever()
"""
STAND_IN = f"""
import socket
print("ready", flush=True)
input()
server = socket.create_server(("{OUTSIDE}", {PORT}))
print("listening", flush=True)
while True:
    server.accept()[0].close()
"""


@pytest.fixture
def outside() -> Iterator[tuple[str, int]]:
    """A host outside: a network namespace at the other end of a cable to this machine."""
    if os.getuid() != 0 or shutil.which("ip") is None:
        pytest.skip("only root can lay a cable, and needs ip")
    for used in ("ip route show root", "ip address show to"):
        assert not subprocess.check_output([*used.split(), NETWORK]), "in use"
    command = ["unshare", "--net", sys.executable, "-c", STAND_IN]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            # It becomes unshare's own process, and goes with its namespace.
            cable = f"jndtest{process.pid}"
            there = ["nsenter", "--net", "--target", str(process.pid), "ip"]
            for words in (
                f"ip link add {cable} type veth peer name eth0 netns {process.pid}",
                f"ip address add {MACHINE}/30 dev {cable}",
                f"ip link set {cable} up",
            ):
                subprocess.run(words.split(), check=True)
            for words in (
                f"address add {OUTSIDE}/30 dev eth0",
                "link set eth0 up",
                f"route add default via {MACHINE}",
            ):
                subprocess.run([*there, *words.split()], check=True)
            process.stdin.write("\n")
            process.stdin.flush()
            assert process.stdout.readline() == "listening\n"
            yield OUTSIDE, PORT
        finally:
            process.kill()


async def test_nodes_reach_no_node_and_others_only_with_egress(
    backend: DockerBackend,
    make_spec: MakeSpec,
    base_image: str,
    home: Home,
    engine: docker.DockerClient,
    outside: tuple[str, int],
) -> None:
    def image(name: str, **more: Any) -> InstanceSpec:
        workload = ImageWorkload(
            RegistryImage(base_image),
            Endpoint("http", PORT, 60, 300),
            None,
            Healthcheck("http", PORT, "/", 2.0, 0.2, 2, 1),
            ("python3", "-c", IMAGE),
        )
        return InstanceSpec(name, name.partition("-")[0], 1, workload, RESOURCES, **more)

    cell = {"inputs": ["targets"]}
    specs = [
        image("victim-1-0"),
        image("image-1-0"),
        image("imageout-1-0", egress=True),
        make_spec(CELL, "cell-1-0", **cell),
        make_spec(CELL, "cellout-1-0", egress=True, **cell),
    ]
    for spec in specs:
        await backend.ensure(spec)
    nodes = {spec.node_id: await state(backend, "HEALTHY", spec.instance_id) for spec in specs}
    mine = f"jupyter-node-deploy.home={home.id}"
    addresses = {
        (node, network["IPAddress"])
        for container in engine.containers.list(filters={"label": mine})
        for node in [container.labels["jupyter-node-deploy.node"]]
        for network in container.attrs["NetworkSettings"]["Networks"].values()
        if network["IPAddress"]
    }
    # An image with egress has two addresses, and a cell with it has one.
    assert sorted(node for node, _ in addresses) == [
        *("cellout", "image", "imageout", "imageout", "victim")
    ]
    for attacker, one in nodes.items():
        if attacker == "victim":
            continue
        others = [address for node, address in sorted(addresses) if node != attacker]
        targets = [*((address, PORT) for address in others), outside]
        *reached, out = await attack(one, targets)
        assert "reached" not in reached, (attacker, targets, reached)
        assert (out == "reached") == attacker.endswith("out"), (attacker, out)
    for one in nodes.values():
        assert await attack(one, []) == []


async def attack(one: ObservedInstance, targets: list[tuple[str, int]]) -> list[str]:
    """Have an instance connect to addresses; return what came of each."""
    client = Client(str(one.address))
    try:
        headers = {"content-type": "application/json"}
        body = json.dumps({"targets": targets}).encode()
        answer = await asyncio.wait_for(client.request("POST", "/", headers, body), PATIENCE)
        found: list[str] = json.loads(answer.body)["y"]
        return found
    finally:
        client.close()
