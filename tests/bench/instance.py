"""One instance, without a gateway: how slow runs share its workers, its start, its memory.

Prints a line for each, beside the goal; bundles are made by hand.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))
from tests.support import bundles
from tests.support.randomizer import INPUT, RANDOMIZER

SLEEP = "import time\ntime.sleep(seconds)\ny = 1\n"


def bundle(
    directory: Path, cell: str, inputs: list[str], output: str, setup: str = "", **settings: Any
) -> Path:
    """Write a bundle; ``setup`` is what earlier cells have run."""
    variables = [{"name": name, "type": "any"} for name in inputs]
    bundles.write(directory, cell, variables, [{"name": output, "type": "any"}], **settings)
    if setup:
        bundles.save_state(directory, setup)
    return directory


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Instance:
    """A running front."""

    def __init__(self, directory: Path, workers: int) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "jupyter_node_deploy.runtime", str(directory)]
        options = ["--listen", f"127.0.0.1:{self.port}", "--workers", str(workers)]
        self.process = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL)

    def connect(self) -> http.client.HTTPConnection:
        """Return a connection that is open already."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.connect()
        connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connection

    def ready(self, inputs: Any) -> None:
        """Wait for the first right answer."""
        while True:
            try:
                if post(self.connect(), inputs)[0] == 200:
                    return
            except OSError:
                pass
            time.sleep(0.002)

    def stats(self) -> dict[str, Any]:
        """Return what the instance says of itself."""
        connection = self.connect()
        connection.request("GET", "/stats")
        return dict(json.load(connection.getresponse()))

    def pss(self) -> int:
        """Return the proportional memory of all its processes in bytes."""
        told = self.stats()
        while not all(one["ready"] and one["pid"] for one in told["workers"]):
            time.sleep(0.05)
            told = self.stats()
        pids = [told["pid"], told["zygote"]["pid"], *(one["pid"] for one in told["workers"])]
        total = 0
        for pid in pids:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += next(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        return total * 1024


@contextmanager
def instance(directory: Path, workers: int, inputs: Any) -> Iterator[Instance]:
    """Serve a bundle and wait until it answers."""
    served = Instance(directory, workers)
    try:
        served.ready(inputs)
        yield served
    finally:
        served.process.terminate()
        served.process.wait()


def post(connection: http.client.HTTPConnection, inputs: Any) -> tuple[int, bytes]:
    """Call the node; return status and body."""
    head = {"content-type": "application/json"}
    connection.request("POST", "/", json.dumps(inputs), head)
    answer = connection.getresponse()
    return answer.status, answer.read()


def p50(served: Instance, inputs: Any, count: int, pause: float = 0.0) -> float:
    """Return the median seconds of a call over one connection, small and answered with 200.

    Args:
        pause: seconds between an answer and the next call.
    """
    body = json.dumps(inputs)
    head = "POST / HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: "
    request = f"{head}{len(body)}\r\n\r\n{body}".encode()
    times = []
    # Not http.client: that takes as long as all the rest.
    with socket.create_connection(("127.0.0.1", served.port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(count):
            time.sleep(pause)
            start = time.perf_counter()
            connection.sendall(request)
            answer = connection.recv(65536)
            times.append(time.perf_counter() - start)
            assert answer.startswith(b"HTTP/1.1 200 "), answer
    return statistics.median(times)


def share_of_ideal(scratch: Path) -> None:
    """Runs that sleep for 50 ms on four workers: how much of what they can do is done."""
    served_bundle = bundle(scratch / "sleep", SLEEP, ["seconds"], "y", workers=4)
    kinds = {"fixed": lambda: 0.05, "exponential": lambda: random.expovariate(20)}
    with instance(served_bundle, 4, {"seconds": 0}) as served:
        for kind, draw in kinds.items():
            for connections in (4, 8, 16):
                each = 400 // connections
                plan = [[draw() for _ in range(each)] for _ in range(connections)]
                ends: list[float] = []

                def caller(durations: list[float], ends: list[float] = ends) -> None:
                    connection = served.connect()
                    for seconds in durations:
                        assert post(connection, {"seconds": seconds})[0] == 200
                    ends.append(time.perf_counter())

                threads = [threading.Thread(target=caller, args=(one,)) for one in plan]
                start = time.perf_counter()
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
                took = max(ends) - start
                ideal = ideal_seconds(plan, 4)
                print(
                    f"50 ms cell, {kind}, 4 workers, {connections} connections:"
                    f" {ideal / took:.3f} of the ideal (goal 0.93)"
                )


def ideal_seconds(plan: list[list[float]], workers: int) -> float:
    """Return what perfect workers take for callers that send one call after the other."""
    now, free = 0.0, workers
    calls = [iter(one) for one in plan]
    queue = list(range(len(plan)))
    running: list[tuple[float, int]] = []
    while queue or running:
        while queue and free:
            who = queue.pop(0)
            seconds = next(calls[who], None)
            if seconds is not None:
                free -= 1
                running.append((now + seconds, who))
        if running:
            running.sort()
            now, who = running.pop(0)
            free += 1
            queue.append(who)
    return now


def over_the_execution(scratch: Path) -> None:
    """One connection: what a call takes beyond the run in process."""
    directory = scratch / "randomizer"
    with instance(directory, 2, INPUT) as served:
        call = p50(served, INPUT, 3000)
        pss = served.pss()
    namespace: dict[str, Any] = {}
    code = compile(RANDOMIZER.replace("print(output_data)", ""), "<cell>", "exec")
    body = json.dumps(INPUT)
    times = []
    for _ in range(3000):
        start = time.perf_counter()
        namespace.update(json.loads(body))
        exec(code, namespace)
        json.dumps(namespace["output_data"])
        times.append(time.perf_counter() - start)
    inside = statistics.median(times)
    print(
        f"one connection: p50 {call * 1e3:.3f} ms, in process {inside * 1e3:.3f} ms:"
        f" {(call - inside) * 1e3:.3f} ms more (goal 0.3)"
    )
    print(f"memory, 2 workers: {pss / 1e6:.1f} MB PSS (goal 45)")


def start(scratch: Path, rounds: int) -> None:
    """From the start of the process to the first answer; from a crash to a new worker."""
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        with instance(scratch / "randomizer", 2, INPUT):
            times.append(time.perf_counter() - begin)
    print(f"process start to first answer: median {statistics.median(times):.2f} s (goal 0.3)")
    times = []
    with instance(scratch / "randomizer", 1, INPUT) as served:
        for _ in range(rounds * 2):
            connection = served.connect()
            pid = served.stats()["workers"][0]["pid"]
            begin = time.perf_counter()
            os.kill(pid, signal.SIGKILL)
            while True:  # as long as it is the old one, or there is none
                workers = served.stats()["workers"]
                if workers and workers[0]["ready"] and workers[0]["pid"] not in (None, pid):
                    break
            times.append(time.perf_counter() - begin)
            assert post(connection, INPUT)[0] == 200
    print(f"killed worker replaced: median {statistics.median(times) * 1e3:.1f} ms (goal 30)")


def large_state(scratch: Path) -> None:
    """Memory of many workers on one large state."""
    setup = "import random\nstate = [random.randbytes(1 << 20) for _ in range(1024)]"
    served_bundle = bundle(scratch / "large", "y = len(state)", [], "y", setup)
    for workers in (1, 4):
        with instance(served_bundle, workers, {}) as served:
            p50(served, {}, 20)
            print(f"state of 1 GiB, {workers} workers: {served.pss() / 2**30:.2f} GiB PSS (goal 1)")


def isolation(scratch: Path) -> None:
    """What isolation `request` adds to a call, with a state of 50 MB."""
    setup = "state = {n: str(n) * 10 for n in range(180_000)}"
    kinds = ("shared", "request")
    made = [bundle(scratch / one, "y = len(state)", [], "y", setup, isolation=one) for one in kinds]
    with instance(made[0], 2, {}) as shared, instance(made[1], 2, {}) as request:
        size = request.stats()["zygote"]["memory_bytes"]
        for pause in (0.02, 0.0):
            plain, isolated = (p50(one, {}, 150, pause) * 1e3 for one in (shared, request))
            print(
                f"isolation request, process of {size / 1e6:.0f} MB, {pause * 1e3:.0f} ms between"
                f" calls: p50 {isolated:.2f} ms, shared {plain:.2f} ms:"
                f" {isolated - plain:.2f} ms added (goal 5)"
            )


def measure(rounds: int) -> None:
    """Print all of it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        scratch = Path(directory)
        bundle(scratch / "randomizer", RANDOMIZER, ["input_data"], "output_data")
        over_the_execution(scratch)
        start(scratch, rounds)
        isolation(scratch)
        share_of_ideal(scratch)
        large_state(scratch)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    measure(parser.parse_args().rounds)


if __name__ == "__main__":
    main()
