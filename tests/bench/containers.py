"""From ensure to the first 200 in a container: environment made, cached; sizes of the images.

Beside it, the time of the same installation by hand: pip in a fresh virtual environment of this
machine. Takes the reference of a base image that has this Python.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

from docker import DockerClient

from jupyter_node_deploy.backends.base import CellWorkload, InstanceSpec, Resources
from jupyter_node_deploy.backends.docker.backend import DockerBackend
from jupyter_node_deploy.backends.docker.engine import connect
from jupyter_node_deploy.checkpoints.blobs import BlobStore
from jupyter_node_deploy.checkpoints.models import CellInfo, Manifest, PythonInfo
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.nodes import bundle
from jupyter_node_deploy.nodes.bundle import Identity
from jupyter_node_deploy.nodes.models import CellSpec, Variable
from jupyter_node_deploy.web.client import Client

VERSION = f"{sys.version_info[0]}.{sys.version_info[1]}.0"
CELL = "import json\ny = 1\n"


def spec(home: Home, name: str, requirements: list[str]) -> InstanceSpec:
    """Return an instance of a small cell."""
    target = home.bundles / name
    bundle.build(
        target,
        identity=Identity(name, name, 1),
        manifest=Manifest(
            id="c",
            kernel_id="k",
            operation="Cell run",
            code=CELL,
            created_at=1.0,
            python=PythonInfo(executable=sys.executable, version=VERSION),
            cell=CellInfo(source=CELL),
        ),
        spec=CellSpec(checkpoint="c", outputs=[Variable(name="y")], requirements=requirements),
        blobs=BlobStore(home.blobs),
    )
    workload = CellWorkload(target, sys.executable, VERSION, 1)
    return InstanceSpec(name, name, 1, workload, Resources(1, 1000**3))


async def first_answer(backend: DockerBackend, wanted: InstanceSpec) -> float:
    """Return the seconds until the instance has answered a request."""
    began = time.perf_counter()
    await backend.ensure(wanted)
    while True:
        [one] = await backend.observe(wanted.node_id)
        if one.exited:
            sys.exit(one.reason)
        if one.status == "HEALTHY":
            break
        await asyncio.sleep(0.01)
    client = Client(str(one.address))
    answer = await client.request("POST", "/", {"content-type": "application/json"}, b"{}")
    assert answer.status == 200, answer
    client.close()
    return time.perf_counter() - began


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


async def measure(image: str, requirements: list[str], rounds: int) -> None:
    engine = connect()
    home = Home(Path(tempfile.mkdtemp(prefix="jnd-")))
    home.create()
    backend = DockerBackend(home, connect(), image)
    try:
        print(
            f"runtime made, no packages   {await first_answer(backend, spec(home, 'a', [])):6.2f} s"
        )
        hand = by_hand(requirements)
        print(f"packages by hand            {hand:6.2f} s   {' '.join(requirements)}")
        made = await first_answer(backend, spec(home, "b", requirements))
        print(f"environment not cached      {made:6.2f} s   {made - hand:+.2f} s")
        times = [
            await first_answer(backend, spec(home, f"c{number}", requirements))
            for number in range(rounds)
        ]
        print(
            f"environment cached          {statistics.median(times):6.2f} s   median of {rounds}, "
            f"{min(times):.2f} to {max(times):.2f}"
        )
        print(f"base image                  {size(engine, image)}")
        [own] = engine.images.list(filters={"label": f"jupyter-node-deploy.build={home.id}"})
        print(f"environment image           {size(engine, str(own.id))}")
    finally:
        for one in await backend.observe():
            await backend.remove(one.instance_id, grace=0)
        await backend.close()
        for own in engine.images.list(filters={"label": f"jupyter-node-deploy.build={home.id}"}):
            engine.images.remove(str(own.id), force=True)
        engine.close()
        shutil.rmtree(home.root)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("image")
    parser.add_argument("--requirements", nargs="*", default=["requests==2.32.3"])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    asyncio.run(measure(options.image, options.requirements, options.rounds))


if __name__ == "__main__":
    main()
