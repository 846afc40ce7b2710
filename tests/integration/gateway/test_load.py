"""Requests while everything around them changes: none fails that was not in a killed instance.

``--requests 10000`` for the full number.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections import Counter

from jupyter_node_deploy.access.folders import FolderService
from jupyter_node_deploy.access.tokens import TokenService
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.gateway.control import GatewayControl
from jupyter_node_deploy.gateway.launchers.process import ProcessLauncher
from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute

from .load import CONCURRENCY, Load

INSTANCE = """
import asyncio, os, signal, sys
from jupyter_node_deploy.web.message import Response
from jupyter_node_deploy.web.server import Server

async def answer(request):
    if request.path != "/readyz":
        await asyncio.sleep(0.002)
    return Response(200, str(os.getpid()).encode())

async def main():
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = Server(answer)
    await server.start("unix:" + sys.argv[1])
    print("ready", flush=True)
    await stop.wait()
    await server.stop(30)

asyncio.run(main())
"""


class Instance:
    """An instance in a process of its own, that drains as fronts do."""

    def __init__(self, path: str) -> None:
        self.address = f"unix:{path}"
        self.process = subprocess.Popen(
            [sys.executable, "-c", INSTANCE, path], stdout=subprocess.PIPE
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == b"ready\n"

    @property
    def route(self) -> InstanceRoute:
        return InstanceRoute(f"i{self.process.pid}", self.address)

    def end(self, number: int = signal.SIGTERM) -> None:
        self.process.send_signal(number)
        self.process.wait(60)
        assert self.process.stdout is not None
        self.process.stdout.close()


async def test_no_request_fails_that_was_not_in_a_killed_instance(home, tmp_path, pytestconfig):
    total = pytestconfig.getoption("requests")
    catalog = Catalog(f"sqlite:///{home.catalog}")
    await catalog.upgrade()
    folders = FolderService(catalog)
    folder = (await folders.default()).id
    token = (await TokenService(catalog, home, folders).issue()).token
    launcher = ProcessLauncher(home.gateway / "haproxy")
    control = GatewayControl(home, catalog, launcher)
    await control.start()
    instances = [Instance(f"{tmp_path}/{number}") for number in range(2)]
    made = 2

    async def serve(control, *instances, more=()):
        route = NodeRoute(
            "cell", (folder,), "HEALTHY", instances=tuple(one.route for one in instances)
        )
        await control.publish({"node1": route} | dict.fromkeys(more, route))

    try:
        await serve(control, *instances)
        url = f"{control.url}/v1/nodes/node1:execute"
        load = Load(url, {"Authorization": f"Bearer {token}"})
        with load.running():
            for step in range(1, 6):  # rolling updates
                await load.until(total * step // 10)
                fresh = await asyncio.to_thread(Instance, f"{tmp_path}/{made}")
                made += 1
                old, instances = instances[0], [instances[1], fresh]
                await serve(control, *instances)
                await asyncio.to_thread(old.end)
            await control.reload()
            await load.until(total * 6 // 10)
            await serve(control, *instances, more=("node2",))  # reloads, too
            await load.until(total * 7 // 10)
            await control.close()  # the control plane ends, another one starts
            control = GatewayControl(home, catalog, ProcessLauncher(home.gateway / "haproxy"))
            await control.start()
            await serve(control, *instances)
            await load.until(total * 8 // 10)
            before = Counter(load.answers)
            await asyncio.to_thread(instances[0].end, signal.SIGKILL)
            await load.until(total)
        print(dict(load.answers))
        assert set(before) == {200}
        assert load.failed.total() <= CONCURRENCY
        assert set(load.failed) <= {503, "RemoteDisconnected", "ConnectionResetError"}
    finally:
        await control.close()
        await asyncio.to_thread(launcher.end)
        for one in instances:
            with contextlib.suppress(ProcessLookupError):
                os.kill(one.process.pid, signal.SIGKILL)
                one.process.wait()
        catalog.close()
