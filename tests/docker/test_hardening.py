"""Containers are hardened, and what a cell does in one stays in it."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import docker
import pytest

from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.specs.configuration import Resources

from .conftest import MakeSpec, ask, state

HOG = """
import resource
try:
    kept = []
    while True:
        kept.append(bytearray(10_000_000))
except MemoryError:
    pass
y = len(kept)
"""
BOMB = """
import os, time
children = []
why = "none"
try:
    for _ in range(100_000):
        child = os.fork()
        if not child:
            time.sleep(1000)
        children.append(child)
except OSError as error:
    why = type(error).__name__
for child in children:
    os.kill(child, 9)
    os.waitpid(child, 0)
y = [why, len(children) < 10_000]
"""
FILLER = """
import os
found = {}
for place in ("/tmp", "/dev/shm", "/opt", "/bundle", "/runtime", "/etc"):
    written = 0
    try:
        with open(f"{place}/filler", "wb") as file:
            while written < 4_000_000_000:
                written += file.write(b"x" * 1_000_000)
                file.flush()
        found[place] = "no limit"
    except OSError as error:
        found[place] = type(error).__name__
    try:
        os.unlink(f"{place}/filler")
    except OSError:
        pass
y = found
"""
REACH = """
import socket
def reach(*address):
    try:
        with socket.create_connection(address, timeout=1):
            return "reached"
    except OSError as error:
        return type(error).__name__
y = [reach(host, port) for host, port in targets]
"""
STATUS = """
import os
status = dict(line.split(":", 1) for line in open("/proc/self/status"))
y = {
    "uid": os.getuid(), "gid": os.getgid(), "groups": os.getgroups(),
    "capabilities": [status[f"Cap{kind}"].strip() for kind in ("Inh", "Prm", "Eff", "Bnd", "Amb")],
    "no_new_privs": status["NoNewPrivs"].strip(), "seccomp": status["Seccomp"].strip(),
    "engine": os.path.exists("/var/run/docker.sock") or os.path.exists("/run/docker.sock"),
    "interfaces": sorted(os.listdir("/sys/class/net")),
}
"""


async def test_a_cell_has_no_rights(
    backend: DockerBackend, make_spec: MakeSpec, engine: docker.DockerClient, home: Home
) -> None:
    await backend.ensure(make_spec(STATUS))
    found = json.loads(await ask(await state(backend, "HEALTHY")))["y"]
    assert found["uid"] != 0
    assert found["gid"] != 0
    assert set(found["groups"]) <= {found["gid"]}
    assert set(found["capabilities"]) == {"0" * 16}
    assert (found["no_new_privs"], found["seccomp"]) == ("1", "2")
    assert found["engine"] is False
    assert found["interfaces"] == ["lo"]

    mine = f"jupyter-node-deploy.home={home.id}"
    [container] = engine.containers.list(filters={"label": mine})
    made = container.attrs["HostConfig"]
    assert made["ReadonlyRootfs"]
    assert not made["Privileged"]
    assert made["RestartPolicy"]["Name"] == "unless-stopped"
    assert made["LogConfig"]["Config"]["max-file"] == "3"
    assert made["Memory"] == made["MemorySwap"] == 500 * 1000**2
    assert container.attrs["Config"]["Healthcheck"]["Test"][0] == "CMD"


async def test_limits_beyond_the_machine_are_clamped(
    backend: DockerBackend, make_spec: MakeSpec, engine: docker.DockerClient
) -> None:
    await backend.ensure(make_spec(resources=Resources(10_000, 10**15)))
    one = await state(backend, "HEALTHY")
    cores = engine.info()["NCPU"]
    assert one.notes[0] == f"limited to the machine's {cores} cores"
    assert "GB of memory" in one.notes[1]


async def test_a_memory_hog_hits_its_own_limit(backend: DockerBackend, make_spec: MakeSpec) -> None:
    await backend.ensure(make_spec(HOG))
    await backend.ensure(make_spec(name="other-1-0"))
    hog, other = await asyncio.gather(
        state(backend, "HEALTHY"), state(backend, "HEALTHY", "other-1-0")
    )
    answer = json.loads(await ask(hog))
    assert "memory" in answer["message"]
    assert await ask(other) == b'{"y":1}'
    for _ in range(100):
        if "memory limit was reached" in " ".join((await _seen(backend, "node-1-0")).notes):
            break
        await asyncio.sleep(0.2)
    else:
        pytest.fail("no note says it")
    await state(backend, "HEALTHY")  # its worker was replaced


async def test_a_fork_bomb_stays_in_its_container(
    backend: DockerBackend, make_spec: MakeSpec
) -> None:
    await backend.ensure(make_spec(BOMB))
    await backend.ensure(make_spec(name="other-1-0"))
    bomb, other = await asyncio.gather(
        state(backend, "HEALTHY"), state(backend, "HEALTHY", "other-1-0")
    )
    answer, fine = await asyncio.gather(ask(bomb), ask(other))
    assert json.loads(answer) == {"y": ["BlockingIOError", True]}
    assert fine == b'{"y":1}'
    assert await ask(await state(backend, "HEALTHY"))


async def test_a_disk_filler_fills_only_its_own_memory(
    backend: DockerBackend, make_spec: MakeSpec
) -> None:
    await backend.ensure(make_spec(FILLER))
    found = json.loads(await ask(await state(backend, "HEALTHY")))["y"]
    assert set(found.values()) == {"OSError"}, found


async def test_who_fills_the_socket_directory_is_ended(
    backend: DockerBackend, make_spec: MakeSpec
) -> None:
    cell = "open('/run/node/filler', 'wb').write(b'x' * 2_000_000)\ny = 1\n"
    await backend.ensure(make_spec(cell))
    await ask(await state(backend, "HEALTHY"))
    one = await state(backend, "UNHEALTHY")
    assert "wrote files where only its socket belongs" in one.reason
    await backend.ensure(make_spec(cell))
    await state(backend, "HEALTHY")


async def test_nothing_is_reached_without_egress(
    backend: DockerBackend, make_spec: MakeSpec, outside: dict[str, Any]
) -> None:
    cell = REACH.replace("targets]", f"{outside['targets']!r}]")
    await backend.ensure(make_spec(cell))
    answer = json.loads(await ask(await state(backend, "HEALTHY")))["y"]
    assert "reached" not in answer


async def test_egress_reaches_out_but_not_to_loopback_or_other_nodes(
    backend: DockerBackend, make_spec: MakeSpec, outside: dict[str, Any], home: Home
) -> None:
    await backend.ensure(make_spec(name="other-1-0", egress=True))
    await state(backend, "HEALTHY", "other-1-0")
    cell = REACH.replace("targets]", f"{outside['targets']!r}]")
    await backend.ensure(make_spec(cell, egress=True))
    loopback, host, engine_port = json.loads(await ask(await state(backend, "HEALTHY")))["y"]
    assert loopback != "reached"
    assert engine_port != "reached"
    assert host == "reached"
    await backend.remove("node-1-0", grace=0)
    await backend.remove("other-1-0", grace=0)
    networks = docker.from_env().networks.list(
        filters={"label": f"jupyter-node-deploy.home={home.id}"}
    )
    assert networks == []


@pytest.fixture
def outside(engine: docker.DockerClient) -> Any:
    """Stand-ins: a server on this machine's loopback, one elsewhere, the engine's TCP port."""
    server = socket.create_server(("127.0.0.1", 0))
    network = engine.networks.create("jnd-test-outside", labels={"jnd-test": "outside"})
    elsewhere = None
    try:
        network.reload()
        gateway = network.attrs["IPAM"]["Config"][0]["Gateway"]
        elsewhere = socket.create_server((gateway, 0))
        yield {
            "targets": [
                ("127.0.0.1", server.getsockname()[1]),
                (gateway, elsewhere.getsockname()[1]),
                (gateway, 2375),
            ]
        }
    finally:
        server.close()
        if elsewhere is not None:
            elsewhere.close()
        network.remove()


async def _seen(backend: DockerBackend, instance_id: str) -> Any:
    return next(one for one in await backend.observe() if one.instance_id == instance_id)
