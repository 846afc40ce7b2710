"""``kill -9`` of server, gateway and instances at random, beside requests at a steady rate.

After each round an oracle looks: everything answers again, at the same address, each answer is the
right one, a revoked token is refused, and nothing runs twice or was left behind. Seeded: the same
seed gives the same victims. Bounded: it ends by itself, also where nothing recovers.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import httpx
import nbformat
import psutil
from nbformat.v4 import new_code_cell, new_notebook

from jupyter_node_deploy.lock import is_held

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.integration.conftest import JupyterServer

VICTIMS = ("server", "master", "worker", "both", "front", "runner", "server and both")
#: What a caller may be told while something is down; all else is a fault.
EXPECTED = {200, 429, 500, 503, "ConnectError", "ReadError", "RemoteProtocolError"}
RECOVERY = 60.0  # seconds
INSTANCES = 2


class Chaos:
    """A Jupyter server with one node, and all that is done to it."""

    def __init__(self, directory: Path, rate: float, chance: random.Random) -> None:
        self.server = JupyterServer(directory / "user")
        self.rate = rate
        self.chance = chance
        self.answers: Counter[int | str] = Counter()
        self.faults: list[str] = []
        self._inputs = itertools.count()

    def prepare(self) -> None:
        """Start the server, deploy the node, make a token to use and one that is revoked."""
        notebook = new_notebook(
            cells=[new_code_cell("x = 2", id="a"), new_code_cell("y = x * 2", id="b")],
            metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
        )
        nbformat.write(notebook, self.server.root / "double.ipynb")
        self.server.start()
        options = ("--cell", "2", "--name", "double", "--instances", str(INSTANCES))
        node = self.server.node("deploy", "double.ipynb", *options)
        self.url = node["execute_url"]
        self.token = self.server.node("token", "create")["token"]
        revoked = self.server.node("token", "create")
        self.server.node("token", "revoke", revoked["id"], "--yes")
        self.revoked = revoked["token"]

    async def call(self, client: httpx.AsyncClient, token: str) -> int | str:
        """Ask once; return the status or what broke."""
        x = next(self._inputs)
        try:
            answer = await client.post(
                self.url, json={"input": {"x": x}}, headers={"authorization": f"Bearer {token}"}
            )
        except httpx.TransportError as error:
            return type(error).__name__
        if answer.status_code == 200 and answer.json() != {"output": {"y": 2 * x}}:
            self.faults.append(f"{x} was answered by {answer.text}")
        return answer.status_code

    async def load(self, stop: asyncio.Event) -> None:
        """Ask at a steady rate, whatever the answers."""
        limits = httpx.Limits(max_connections=64)
        async with (
            httpx.AsyncClient(timeout=30, limits=limits) as client,
            asyncio.TaskGroup() as group,
        ):
            due = time.monotonic()
            while not stop.is_set():
                group.create_task(self._count(client))
                due += 1 / self.rate
                await asyncio.sleep(max(0.0, due - time.monotonic()))

    async def _count(self, client: httpx.AsyncClient) -> None:
        self.answers[await self.call(client, self.token)] += 1

    def kill(self, victim: str) -> None:
        """End something with SIGKILL."""
        if victim.startswith("server"):
            self.server.kill()
        gateway = self.gateway()
        workers = [child for one in gateway for child in _children(one)]
        masters = [one for one in gateway if one not in workers]
        fronts = self.fronts()
        runners = [child for front in fronts for child in _children(front)]
        doomed = {
            "server": [],
            "master": masters,
            "worker": workers,
            "both": gateway,
            "server and both": gateway,
            "front": [self.chance.choice(fronts)] if fronts else [],
            "runner": [self.chance.choice(runners)] if runners else [],
        }[victim]
        for one in doomed:
            with contextlib.suppress(psutil.NoSuchProcess):
                os.kill(one.pid, signal.SIGKILL)

    def gateway(self) -> list[psutil.Process]:
        """Return HAProxy's processes."""
        directory = str(self.server.data_dir / "gateway" / "haproxy")
        return [one for one in psutil.process_iter() if _cwd(one) == directory]

    def fronts(self) -> list[psutil.Process]:
        """Return the fronts of instances."""
        home = str(self.server.data_dir / "bundles")
        return [
            one
            for one in psutil.process_iter()
            if "jupyter_node_deploy.runtime" in (line := _cmdline(one))
            and any(word.startswith(home) for word in line)
        ]

    async def look(self) -> None:
        """Wait until all is well again; note what is not."""
        end = time.monotonic() + RECOVERY
        problem = "?"
        async with httpx.AsyncClient(timeout=10) as client:
            while problem:
                problem = await self._problem(client)
                if problem and time.monotonic() > end:
                    self.faults.append(f"not well after {RECOVERY:g} s: {problem}")
                    return
                await asyncio.sleep(0.05 if problem else 0)

    async def _problem(self, client: httpx.AsyncClient) -> str:
        for _ in range(10):
            if (answer := await self.call(client, self.token)) != 200:
                return f"answer {answer}"
        if (answer := await self.call(client, self.revoked)) != 401:
            self.faults.append(f"a revoked token was answered {answer}")
        if (count := len(self.gateway())) != 2:
            return f"{count} processes of the gateway"
        if (count := len(self.fronts())) != INSTANCES:
            return f"{count} fronts"
        return ""


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return process.children(recursive=True)
    except psutil.Error:
        return []


def _cwd(process: psutil.Process) -> str:
    try:
        return process.cwd()
    except psutil.Error:
        return ""


def _cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []


async def run(chaos: Chaos, rounds: int) -> None:
    """Kill so many times beside the load, and look after each."""
    await asyncio.to_thread(chaos.prepare)
    stop = asyncio.Event()
    load = asyncio.create_task(chaos.load(stop))
    killed: Counter[str] = Counter()
    for number in range(rounds):
        await asyncio.sleep(chaos.chance.random())
        victim = chaos.chance.choice(VICTIMS)
        killed[victim] += 1
        began, before = time.monotonic(), Counter(chaos.answers)
        await asyncio.to_thread(chaos.kill, victim)
        if chaos.server.process is None:
            await asyncio.sleep(chaos.chance.random() * 2)
            await asyncio.to_thread(chaos.server.start)
        await chaos.look()
        lost = chaos.answers - before - Counter({200: chaos.answers[200]})
        print(
            f"{number + 1:3} {victim}: {time.monotonic() - began:.1f} s, {dict(lost)}",
            flush=True,
        )
        if chaos.faults:
            break
    stop.set()
    await load
    if strange := set(chaos.answers) - EXPECTED:
        chaos.faults.append(f"answers that nobody should get: {strange}")
    print(f"killed {dict(killed)}")


async def main() -> int:
    """Run; return how many faults there were, 255 at most."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rate", type=float, default=200.0, help="requests a second")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="chaos-") as directory:
        chaos = Chaos(Path(directory), args.rate, random.Random(args.seed))
        try:
            await run(chaos, args.rounds)
        finally:
            await asyncio.to_thread(chaos.server.stop)
        left = [one.pid for one in (*chaos.gateway(), *chaos.fronts())]
        if left or is_held(chaos.server.data_dir / "gateway" / "haproxy" / "lock"):
            chaos.faults.append(f"left behind after a clean stop: {left}")
        print(f"answers {dict(chaos.answers)}\nfaults {chaos.faults}")
        if chaos.faults:
            print(chaos.server.log_end())
    return min(255, len(chaos.faults))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
