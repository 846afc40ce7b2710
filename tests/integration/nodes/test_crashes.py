"""Servers and instances that are killed at random moments leave nothing that is not repaired."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from jupyter_node_deploy.backends.process.backend import ProcessBackend
from jupyter_node_deploy.catalog import nodes as rows
from jupyter_node_deploy.catalog.nodes import NodeRecord
from jupyter_node_deploy.errors import NotFound
from jupyter_node_deploy.gateway.routes import Routes
from jupyter_node_deploy.specs import Provisioning

from ...support.waiting import until_async
from .conftest import ControlPlane, control_plane

ROOT = Path(__file__).parents[3]
TURMOIL = "tests.integration.nodes.turmoil"
ROUNDS = 6


def instance_processes(home: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            mark = process.environ().get("NODE_DEPLOY_INSTANCE", "")
            if mark.startswith(str(home / "instances")):
                found.append(process)
    return found


def one_round(home: Path, chance: random.Random) -> None:
    """Run a server for a random time, kill instances meanwhile, then kill the server."""
    server = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "tests.integration.nodes.turmoil",
            home,
            str(chance.getrandbits(30)),
        ],
        stdout=subprocess.PIPE,
        cwd=ROOT,
    )
    try:
        assert server.stdout is not None
        assert server.stdout.readline() == b"ready\n"
        for _ in range(chance.randint(1, 3)):
            time.sleep(chance.random() * 1.5)
            processes = instance_processes(home)
            if processes and chance.random() < 0.6:
                with contextlib.suppress(psutil.NoSuchProcess):
                    chance.choice(processes).kill()
        assert server.poll() is None
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()
        assert server.stdout is not None
        server.stdout.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_everything_is_consistent_after_crashes(tmp_path: Path, seed: int) -> None:
    root = tmp_path / "home"
    chance = random.Random(seed)
    for _ in range(ROUNDS):
        one_round(root, chance)
    async with control_plane(root) as plane:
        plane.reconciler.poke()
        await until_async(lambda: settled(plane))
        nodes = await plane.catalog.read(rows.every)
        # It was no walk in the park: things were made, and made again.
        checkpoints = await plane.checkpoints.list(limit=10_000)
        assert len(checkpoints) > ROUNDS
        for node in nodes:
            if node.desired == "running":
                await check_answer(plane, node)
        await check_disk(plane)
        # Nothing is stuck: each can be deleted, and then nothing is left.
        for node in nodes:
            await plane.nodes.delete(node.id)
        await until_async(lambda: empty(plane))
        assert list(plane.home.instances.iterdir()) == []
        assert list(plane.home.bundles.iterdir()) == []


async def settled(plane: ControlPlane) -> bool:
    """Whether every wish is fulfilled and nothing else is there."""
    wanted = set()
    for node in await plane.catalog.read(rows.every):
        if node.desired == "deleted":
            return False
        if node.desired == "suspended":
            if node.status != "SUSPENDED":
                return False
            continue
        if node.status != "HEALTHY" or node.active_revision != node.revision:
            return False
        revision = await plane.catalog.read(rows.revision_of, node.id, node.revision)
        count = Provisioning.model_validate(revision.spec["provisioning"]).instances
        wanted |= {f"{node.id}-{node.revision}-{ordinal}" for ordinal in range(count)}
    there = await plane.backend.observe()
    return {one.instance_id for one in there if one.status == "HEALTHY"} == wanted and len(
        there
    ) == len(wanted)


async def empty(plane: ControlPlane) -> bool:
    nodes = await plane.catalog.read(rows.every)
    return not nodes and not instance_processes(plane.home.root)


async def check_answer(plane: ControlPlane, node: NodeRecord) -> None:
    revision = await plane.catalog.read(rows.revision_of, node.id, node.revision)
    checkpoint = await plane.checkpoints.get(str(revision.checkpoint_id))
    answer = await plane.call(node.id, {})
    assert (answer.status_code, answer.json()) == (200, {"output": {"y": checkpoint.name}})


async def check_disk(plane: ControlPlane) -> None:
    """Catalog, bundles, blobs, instances, processes and routes tell the same story."""
    nodes, revisions = await plane.catalog.read(rows.every_with_revisions)
    known = {(one.node_id, str(one.number)) for many in revisions.values() for one in many}
    assert {node.id for node in nodes} == revisions.keys()

    async def bundles_match() -> bool:
        plane.reconciler._collected_at = float("-inf")
        plane.reconciler.poke()
        return known == {
            (node.name, bundle.name)
            for node in plane.home.bundles.iterdir()
            for bundle in node.iterdir()
            if bundle.name != ".lock"
        }

    await until_async(bundles_match)
    for node_id, number in known:
        bundle = plane.home.bundles / node_id / number
        about = json.loads((bundle / "node.json").read_text())
        assert (about["node"]["id"], str(about["node"]["revision"])) == (node_id, number)
        for blob in (bundle / "state" / "blobs").iterdir():
            assert hashlib.sha256(blob.read_bytes()).hexdigest() == blob.name

    for place in plane.home.instances.glob(".*"):  # cut off while it was made: ten minutes later
        os.utime(place, (0, 0))
    assert isinstance(plane.backend, ProcessBackend)
    plane.backend._tidied = float("-inf")
    instances = {one.instance_id for one in await plane.backend.observe()}
    assert {place.name for place in plane.home.instances.iterdir()} == instances
    fronts = [
        os.path.basename(process.environ()["NODE_DEPLOY_INSTANCE"])  # noqa: PTH119
        for process in instance_processes(plane.home.root)
        if "jupyter_node_deploy.runtime" in process.cmdline()
    ]
    assert sorted(fronts) == sorted(instances)
    assert {
        os.path.basename(process.environ()["NODE_DEPLOY_INSTANCE"])  # noqa: PTH119
        for process in instance_processes(plane.home.root)
    } == instances

    async def routes_match() -> bool:  # an instance is routed by the pass that sees it healthy
        routes = Routes.read(plane.home.gateway / "routes.json")
        routed = {one.id for route in routes.nodes.values() for one in route.instances}
        return routes.nodes.keys() == {node.id for node in nodes} and routed == instances

    await until_async(routes_match)

    for summary in await plane.checkpoints.list(limit=10_000):
        manifest = await plane.checkpoints.manifest(summary.id)
        for sha in manifest.blobs():
            plane.checkpoints.blobs.verify(sha)
    with pytest.raises(NotFound):
        await plane.nodes.get("never-made")
