"""Whole Jupyter servers: two that share a home, and one that is killed."""

import json
import signal
from pathlib import Path
from typing import Any

import pytest
import websocket
from jupyter_client.blocking.client import BlockingKernelClient

from ...support.waiting import until


@pytest.fixture
def start_two(make_jupyter):
    first, second = make_jupyter(), make_jupyter()
    second.env["JUPYTER_DATA_DIR"] = first.env["JUPYTER_DATA_DIR"]
    return first.start(), second.start()


def start_kernel(server, path: str) -> str:
    body = {"path": path, "name": path, "type": "notebook", "kernel": {"name": "python3"}}
    answer = server.jupyter("POST", "api/sessions", body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["kernel"]["id"])


def connect(server, kernel: str) -> BlockingKernelClient:
    file = Path(server.env["JUPYTER_RUNTIME_DIR"]) / f"kernel-{kernel}.json"
    client = BlockingKernelClient(connection_file=str(file))
    client.load_connection_file()
    client.start_channels()
    client.wait_for_ready(timeout=60)
    return client


def listen(server) -> websocket.WebSocket:
    url = server.url.replace("http", "ws", 1)
    return websocket.create_connection(
        f"{url}api/events/subscribe?token={server.token}", timeout=60
    )


def checkpoints(server, count: int, **params) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []

    def enough() -> bool:
        answer = server.request("GET", "checkpoints", params=params)
        found[:] = answer.json()["checkpoints"]
        return len(found) >= count

    until(enough, lambda: f"{count} checkpoints, not {found}: {server.log_end()}", pause=0.1)
    assert len(found) == count
    return found


def test_two_servers_of_one_home_see_the_same_checkpoints(start_two):
    kernels, clients = [], []
    for server, path in zip(start_two, ("a.ipynb", "b.ipynb"), strict=True):
        kernels.append(start_kernel(server, path))
        clients.append(connect(server, kernels[-1]))
    for number in range(4):
        for client in clients:
            client.execute(f"x = {number}\nprint('out', x)")
    for server in start_two:
        found = checkpoints(server, 8)
        for kernel, path in zip(kernels, ("a.ipynb", "b.ipynb"), strict=True):
            mine = [one for one in found if one["kernel_id"] == kernel]
            assert len(mine) == 4
            assert {one["notebook"] for one in mine} == {path}
        for one in found:
            whole = server.request("GET", f"checkpoints/{one['id']}").json()
            number = whole["variables"][0]["example"]
            assert whole["outputs"][0]["text"] == f"out {number}\n"
    # A kernel is asked by its own server.
    refused = start_two[1].request("POST", "checkpoints", {"kernel_id": kernels[0]})
    assert (refused.status_code, refused.json()["code"]) == (404, 5)
    for client in clients:
        client.stop_channels()


def test_both_servers_tell_once_what_one_of_them_does(start_two):
    first, second = start_two
    streams = [listen(server) for server in start_two]
    client = connect(first, start_kernel(first, "a.ipynb"))
    client.execute("x = 1")
    [checkpoint] = checkpoints(first, 1)
    path = f"checkpoints/{checkpoint['id']}"
    told: dict[Any, list[Any]] = {stream: [] for stream in streams}

    def hear(count: int) -> None:
        for stream, heard in told.items():
            while len(heard) < count:
                event = json.loads(stream.recv())
                if event["schema_id"].endswith("/events/checkpoint/v1"):
                    heard.append(event["action"])

    hear(1)
    second.request("POST", f"{path}:pin", {"name": "pinned"})
    hear(2)
    first.request("DELETE", path)
    hear(3)
    for stream, heard in told.items():
        assert heard == ["created", "changed", "deleted"]
        # Once: nothing comes after it.
        stream.settimeout(1.0)
        with pytest.raises(websocket.WebSocketTimeoutException):
            stream.recv()
        stream.close()
    client.stop_channels()


def test_a_killed_server_loses_no_checkpoint(make_jupyter):
    server = make_jupyter().start()
    kernel = start_kernel(server, "a.ipynb")
    client = connect(server, kernel)
    client.execute("x = 1")
    checkpoints(server, 1)
    # The server is too busy to see this one.
    assert server.process is not None
    server.process.send_signal(signal.SIGSTOP)
    client.execute("y = 2")
    spool = server.data_dir / "spool" / kernel
    until(lambda: [file for file in spool.glob("*.json") if file.name != "agent.json"])
    client.stop_channels()
    server.kill()
    server.start()
    found = checkpoints(server, 2)
    assert found[0]["first_line"].endswith("y = 2")
    assert found[0]["notebook"] == "a.ipynb"
