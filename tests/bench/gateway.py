"""What the gateway costs: requests per second and latency before the same instance.

Contenders on the randomizer cell, two workers: through the gateway (a process; with ``--image`` a
container, too, whose log goes through the engine), the instance called directly (it checks no
token), and FastAPI written by hand, called directly. Behind the gateway the instance listens at a
Unix socket, as cells' instances do. Then what an unknown token costs more than a known one, what
the gateway takes while nothing happens, and the time that a change of its routes takes.
"""

from __future__ import annotations

import argparse
import asyncio
import http.client
import json
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from jupyter_node_deploy.access.folders import FolderService
from jupyter_node_deploy.access.keys import public_key_path
from jupyter_node_deploy.access.tokens import TokenService
from jupyter_node_deploy.backends.docker.engine import connect
from jupyter_node_deploy.backends.docker.owner import Owner
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.gateway.configuration import document
from jupyter_node_deploy.gateway.control import GatewayControl
from jupyter_node_deploy.gateway.launchers.container import ContainerLauncher
from jupyter_node_deploy.gateway.launchers.launcher import Launcher
from jupyter_node_deploy.gateway.launchers.process import ProcessLauncher
from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute
from jupyter_node_deploy.home import Home

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.bench.instance import bundle, free_port
from tests.bench.serving import Target, fastapi, running, throughput
from tests.support.randomizer import INPUT, RANDOMIZER

TOKENS = 300
IDLE = 10.0  # seconds
CHANGES = 20


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="*", default=[1, 16, 64])
    parser.add_argument("--binary", default="", help="HAProxy's program; the wheel's if not given")
    parser.add_argument("--threads", type=int, default=document.THREADS)
    parser.add_argument("--image", help="for a container, on this machine's Docker engine")
    args = parser.parse_args()
    document.THREADS = args.threads
    if shutil.which("wrk") is None:
        sys.exit("wrk is needed: install Debian's package of that name")
    async with AsyncExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        near = f"127.0.0.1:{free_port()}"
        served = bundle(scratch / "bundle", RANDOMIZER, ["input_data"], "output_data")
        command = [sys.executable, "-m", "jupyter_node_deploy.runtime", str(served)]
        home = Home(scratch / "home")
        home.create()
        socket = home.instances / "i" / "http.sock"
        socket.parent.mkdir()
        for place in (near, f"unix:{socket}"):
            stack.enter_context(running([*command, "--listen", place, "--workers", "2"]))
        await asyncio.to_thread(hand_over, socket)

        catalog = Catalog(f"sqlite:///{home.catalog}")
        stack.callback(catalog.close)
        await catalog.upgrade()
        folders = FolderService(catalog)
        folder = (await folders.default()).id
        tokens = TokenService(catalog, home, folders)
        token = (await tokens.issue()).token
        body = json.dumps({"folder_id": folder, "input": INPUT})
        route = NodeRoute(
            "cell", (folder,), "HEALTHY", instances=(InstanceRoute("i", f"unix:{socket}"),)
        )

        async def gateway(launcher: Launcher) -> tuple[GatewayControl, Target]:
            control = GatewayControl(home, catalog, launcher)
            await control.start()
            await control.publish({"node": route})
            about = (await control.status()).program
            url = f"{control.url}/v1/nodes/node:execute"
            return control, Target(f"{launcher.kind}, {about}", url, body, token)

        launcher = ProcessLauncher(home.gateway / "haproxy", binary=args.binary)
        control, through = await gateway(launcher)
        stack.push_async_callback(control.stop)
        direct = Target(
            "instance directly, 2 workers",
            f"http://{near}/v1/nodes/node:execute",
            body,
            token,
        )
        beside = await asyncio.to_thread(
            stack.enter_context, fastapi(folder, token, body, public_key_path(home))
        )

        async def measure(through: Target, name: str) -> None:
            print(through.name)
            through.name = name
            await asyncio.to_thread(
                throughput,
                [through, direct, beside],
                args.rounds,
                args.seconds,
                bases=2,
                connections=args.connections,
            )

        for target in (direct, through):
            await asyncio.to_thread(target.wait)
        await measure(through, "gateway, 2 workers")
        issued = [(await tokens.issue()).token for _ in range(TOKENS)]
        await asyncio.to_thread(first_requests, through, issued)
        await changes(control, route)
        await idle(control, home)
        if args.image:
            await control.stop()
            container = ContainerLauncher(home, connect(), args.image, binary=args.binary)
            control, through = await gateway(container)
            stack.push_async_callback(control.stop)
            await measure(through, "gateway in a container, 2 workers")


def first_requests(target: Target, tokens: list[str]) -> None:
    """Print the latency of each token's first request beside that of its second."""
    url = urlsplit(target.url)
    connection = http.client.HTTPConnection(url.netloc)
    times: list[list[float]] = [[], []]
    for token in tokens:
        for number in range(2):
            began = time.perf_counter()
            connection.request("POST", url.path, target.body, {"authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            answer.read()
            times[number].append((time.perf_counter() - began) * 1000)
            assert answer.status == 200, answer.status
    first, second = map(statistics.median, times)
    print(f"\na token's first request {first:.2f} ms, its second {second:.2f} ms, medians")


async def changes(control: GatewayControl, route: NodeRoute) -> None:
    """Print how long a change of the routes takes, with and without a reload."""
    times: dict[str, list[float]] = {"another instance": [], "another node (a reload)": []}
    nodes = {"node": route}
    for number in range(CHANGES):
        nodes[f"more-{number}"] = route
        began = time.perf_counter()
        await control.publish(nodes)
        times["another node (a reload)"].append((time.perf_counter() - began) * 1000)
        other = NodeRoute(
            "cell", route.acl, "HEALTHY", instances=(InstanceRoute(f"o{number}", "127.0.0.1:9"),)
        )
        nodes[f"more-{number}"] = other
        began = time.perf_counter()
        await control.publish(nodes)
        times["another instance"].append((time.perf_counter() - began) * 1000)
    for what, found in times.items():
        print(f"a change: {what} {statistics.median(found):.0f} ms, at most {max(found):.0f}")
    await control.publish({})


async def idle(control: GatewayControl, home: Home) -> None:
    """Print what the gateway takes without a node, while nothing happens."""
    await control.close()  # who asks it now and then
    await asyncio.sleep(1.0)
    found = processes(home)
    before = [(one.cpu_times(), sum(one.num_ctx_switches())) for one in found]
    await asyncio.sleep(IDLE)
    after = [(one.cpu_times(), sum(one.num_ctx_switches())) for one in found]
    wakes = sum(late[1] - early[1] for early, late in zip(before, after, strict=True))
    pss = sum(one.memory_full_info().pss for one in found) / 1e6
    print(f"idle: {len(found)} processes, {pss:.1f} MB PSS, woken {wakes} times in {IDLE:g} s")


def processes(home: Home) -> list[psutil.Process]:
    """Return HAProxy's processes."""
    directory = str(home.gateway / "haproxy")
    found = psutil.process_iter(["name", "cwd"])  # without a cwd: zombies, and other users'
    return [
        one
        for one in found
        if one.info["name"].startswith("haproxy") and one.info["cwd"] == directory
    ]


def hand_over(socket: Path) -> None:
    """Give an instance's socket to the user of HAProxy's container, once it is there."""
    while not socket.exists():
        time.sleep(0.05)
    Owner.current().give(socket.parent)


if __name__ == "__main__":
    asyncio.run(main())
