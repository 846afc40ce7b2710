"""What each gateway costs: requests per second and latency before the same instance.

Contenders on the randomizer cell, two workers: the instance called directly (it checks no token),
through the embedded gateway, through HAProxy, and FastAPI written by hand, called directly. Behind
the gateways the instance listens at a Unix socket, as cells' instances do. With ``--image`` HAProxy
runs in its container, whose log goes through the engine, else as a process.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import sys
import tempfile
import time
from contextlib import AsyncExitStack
from pathlib import Path

from instance import BOUNDS, RANDOMIZER, bundle
from serving import Target, fastapi, free_port, running, throughput

from jupyter_node_deploy.backends.docker.engine import connect
from jupyter_node_deploy.backends.docker.owner import Owner
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.gateway.control import GatewayControl
from jupyter_node_deploy.gateway.folders import FolderService
from jupyter_node_deploy.gateway.container import ContainerLauncher
from jupyter_node_deploy.gateway.control import GatewayControl
from jupyter_node_deploy.gateway.process import ProcessLauncher
from jupyter_node_deploy.gateway.keys import public_key_path
from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute
from jupyter_node_deploy.gateway.tokens import TokenService
from jupyter_node_deploy.home import Home


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--connections", type=int, nargs="*", default=[1, 16, 64])
    parser.add_argument("--image", help="of HAProxy, on this machine's Docker engine")
    args = parser.parse_args()
    for program in ("wrk", "haproxy"):
        if shutil.which(program, path="/usr/sbin:/usr/bin:/usr/local/bin") is None:
            sys.exit(f"{program} is needed: install Debian's package of that name")
    async with AsyncExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        near = f"127.0.0.1:{free_port()}"
        served = bundle(scratch / "bundle", RANDOMIZER, ["input_data"], "output_data")
        command = [sys.executable, "-m", "jupyter_node_deploy.runtime", str(served)]
        socket = scratch / "haproxy" / "instances" / "i" / "http.sock"
        socket.parent.mkdir(parents=True)
        address = f"unix:{socket}"
        for place in (near, address):
            stack.enter_context(running([*command, "--listen", place, "--workers", "2"]))
        await asyncio.to_thread(hand_over, socket)

        homes = {kind: Home(scratch / kind) for kind in ("embedded", "haproxy")}
        targets = []
        for kind, home in homes.items():
            home.create()
            catalog = Catalog(f"sqlite:///{home.catalog}")
            stack.callback(catalog.close)
            await catalog.upgrade()
            folder = (await FolderService(catalog).default()).id
            token = (await TokenService(catalog, home).issue()).token
            launcher = (
                ContainerLauncher(home, connect(), args.image)
                if args.image
                else ProcessLauncher(home.gateway / "haproxy")
            )
            control: GatewayControl | GatewayControl = (
                GatewayControl(home, catalog)
                if kind == "embedded"
                else GatewayControl(home, catalog, launcher)
            )
            await control.start()
            stack.push_async_callback(control.stop)
            route = NodeRoute(
                "cell", (folder,), "HEALTHY", instances=(InstanceRoute("i", address),)
            )
            await control.publish({"node": route})
            body = json.dumps({"folder_id": folder, "input": BOUNDS})
            url = f"{control.url}/v1/nodes/node:execute"
            targets.append(Target(f"{kind} gateway, 2 workers", url, body, token))
        direct = Target(
            "instance directly, 2 workers",
            f"http://{near}/v1/nodes/node:execute",
            body,
            token,
        )
        key = public_key_path(homes["haproxy"])
        beside = await asyncio.to_thread(stack.enter_context, fastapi(folder, token, body, key))
        for target in (direct, *targets):
            await asyncio.to_thread(target.wait)
        contenders = [*targets, direct, beside]
        await asyncio.to_thread(
            throughput,
            contenders,
            args.rounds,
            args.seconds,
            bases=2,
            connections=args.connections,
        )


def hand_over(socket: Path) -> None:
    """Give an instance's socket to the user of HAProxy's container, once it is there."""
    while not socket.exists():
        time.sleep(0.05)
    Owner.current().give(socket.parent)


if __name__ == "__main__":
    asyncio.run(main())
