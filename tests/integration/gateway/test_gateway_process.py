"""The embedded gateway's process: its files, its port, its log, its end."""

import asyncio
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from jupyter_node_deploy import __version__
from jupyter_node_deploy.gateway import log as log_module
from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute, Routes


def wait_for(condition):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


def messages(bench):
    return " ".join(line.get("message", "") for line in bench.gateway.lines())


def test_tells_where_it_listens(own_bench, home):
    own_bench.gateway.start()
    facts = own_bench.gateway.facts
    assert facts["pid"] == own_bench.gateway.pid
    assert facts["host"] == "127.0.0.1"
    assert facts["url"] == f"http://127.0.0.1:{facts['port']}"
    assert facts["version"] == __version__
    own_bench.gateway.terminate()
    assert own_bench.gateway.wait() == 0
    assert not (home.gateway / "gateway.json").exists()


def test_files_are_the_owners_only(own_bench, home):
    own_bench.gateway.start()
    own_bench.serve()
    own_bench.post()
    for name in ("gateway.json", "routes.json", "gateway.log", "lock", "port"):
        assert stat.S_IMODE((home.gateway / name).stat().st_mode) == 0o600, name


def test_one_gateway_for_a_home(own_bench, home):
    own_bench.gateway.start()
    second = subprocess.run(
        [sys.executable, "-m", "jupyter_node_deploy.gateway", str(home.root)],
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert second.returncode == 3
    assert own_bench.gateway.status()["pid"] == own_bench.gateway.pid


def test_port_is_kept_over_restarts(own_bench):
    gateway = own_bench.gateway
    gateway.start()
    url = gateway.url
    gateway.terminate()
    gateway.wait()
    gateway.start()
    assert gateway.url == url
    gateway.stop()  # killed
    gateway.start()
    assert gateway.url == url


@pytest.mark.parametrize("asked", [False, True])
def test_port_that_another_process_has(own_bench, home, asked):
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        port = foreign.getsockname()[1]
        if not asked:
            (home.gateway / "port").write_text(f"{port}\n")
        own_bench.gateway.start(*([f"--port={port}"] if asked else []))
        assert own_bench.gateway.facts["port"] != port
        assert str(port) in messages(own_bench)
        assert (home.gateway / "port").read_text() == f"{own_bench.gateway.facts['port']}\n"


def test_port_that_is_asked_for(own_bench, home):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    (home.gateway / "port").write_text("1\n")
    own_bench.gateway.start(f"--port={port}")
    assert own_bench.gateway.facts["port"] == port


def test_nonsense_in_the_port_file(own_bench, home):
    (home.gateway / "port").write_text("99999999\n")
    own_bench.gateway.start()


def test_address_that_is_not_ours(home):
    # TEST-NET-1: no machine has it.
    command = [sys.executable, "-m", "jupyter_node_deploy.gateway", str(home.root)]
    done = subprocess.run(
        [*command, "--host=192.0.2.1"], capture_output=True, timeout=60, text=True, check=False
    )
    assert done.returncode == 1
    assert "192.0.2.1" in json.loads(done.stderr.splitlines()[-1])["message"]


def test_end_waits_for_requests_in_flight(own_bench, upstream):
    release = asyncio.Event()

    async def wait(request):
        await release.wait()
        return await upstream.echo(request)

    upstream.answer = wait
    own_bench.gateway.start()
    own_bench.serve(upstream)
    with ThreadPoolExecutor(1) as pool:
        call = pool.submit(own_bench.post)
        wait_for(lambda: upstream.requests)
        address = urlsplit(own_bench.url)
        own_bench.gateway.terminate()

        def refused():
            try:
                socket.create_connection((address.hostname, address.port)).close()
            except ConnectionRefusedError:
                return True
            return False

        wait_for(refused)
        upstream._loop.call_soon_threadsafe(release.set)
        assert call.result().status_code == 200
    assert own_bench.gateway.wait() == 0


def test_grace_is_not_endless(own_bench, upstream):
    async def sleep(request):
        await asyncio.sleep(600)

    upstream.answer = sleep
    own_bench.gateway.start("--grace=0.2")
    own_bench.serve(upstream)
    url = urlsplit(own_bench.url)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request("POST", "/v1/nodes/node1:execute", b"", own_bench.tokens.headers("f1"))
    wait_for(lambda: upstream.requests)
    own_bench.gateway.terminate()
    assert own_bench.gateway.wait() == 0


def test_ends_when_its_home_is_deleted(own_bench, home):
    own_bench.gateway.start()
    shutil.rmtree(home.root)
    assert own_bench.gateway.wait() == 0


def test_starts_with_damaged_routes(own_bench, home, upstream):
    (home.gateway / "routes.json").write_text("{")
    own_bench.gateway.start()
    assert own_bench.gateway.status()["generation"] == 0
    assert "can't read" in messages(own_bench)
    assert own_bench.post().status_code == 403
    own_bench.serve(upstream)
    assert own_bench.post().status_code == 200


def test_starts_with_the_routes_that_are_there(own_bench, home, upstream):
    route = NodeRoute("cell", ("f1",), "HEALTHY", instances=(upstream.route,))
    Routes(generation=7, nodes={"node1": route}).write(home.gateway / "routes.json")
    own_bench.gateway.start()
    assert own_bench.gateway.status()["generation"] == 7
    assert own_bench.post().status_code == 200


def test_waits_for_its_key(own_bench, home, upstream):
    key = home.gateway / "public.pem"
    content = key.read_bytes()
    key.unlink()
    own_bench.gateway.start()
    own_bench.serve(upstream)
    assert own_bench.post().status_code == 503
    key.write_bytes(content)
    wait_for(lambda: own_bench.post().status_code == 200)


def test_answers_about_itself_only_on_this_machine(own_bench):
    own_bench.gateway.start()
    proxied = {"x-forwarded-for": "203.0.113.1"}
    for path in ("/-/status", "/-/metrics"):
        assert requests.get(own_bench.url + path, timeout=60).status_code == 200
        response = requests.get(own_bench.url + path, headers=proxied, timeout=60)
        assert response.status_code == 404
    assert requests.get(f"{own_bench.url}/-/other", timeout=60).status_code == 404


def test_metrics(own_bench, upstream):
    own_bench.gateway.start()
    own_bench.serve(upstream)
    for _ in range(3):
        own_bench.post()
    own_bench.post("/v1/nodes/made-up:execute")

    def text():
        return requests.get(f"{own_bench.url}/-/metrics", timeout=60).text

    lines = text().splitlines()
    assert 'node_deploy_gateway_requests_total{code="200",node="node1"} 3.0' in lines
    assert 'node_deploy_gateway_requests_total{code="404",node=""} 1.0' in lines
    assert 'node_deploy_gateway_request_seconds_count{node="node1"} 3.0' in lines
    assert "made-up" not in text()
    own_bench.gateway.publish({})
    assert "node1" not in text()


def test_log_has_a_line_for_each_request(own_bench, upstream):
    own_bench.gateway.start()
    own_bench.serve(upstream)
    own_bench.post(headers={"x-request-id": "first"})
    own_bench.post("/v1/nodes/other:execute", headers={"x-request-id": "second"})
    requests.post(f"{own_bench.url}/x", headers={"x-request-id": "third"}, timeout=60)
    lines = {line["request"]: line for line in own_bench.gateway.lines() if "request" in line}
    assert lines["first"] | {"at": 0, "ms": 0} == {
        "at": 0,
        "request": "first",
        "node": "node1",
        "folder": "f1",
        "instance": "a",
        "code": 200,
        "ms": 0,
    }
    assert lines["first"]["ms"] > 0
    assert (lines["second"]["code"], lines["second"]["node"]) == (404, "")
    assert (lines["third"]["code"], lines["third"]["folder"]) == (401, "")


def test_log_begins_anew_when_it_is_long(own_bench, upstream):
    own_bench.gateway.log.write_bytes(b"x" * log_module.LIMIT)
    own_bench.gateway.start()
    old = own_bench.gateway.log.with_name("gateway.log.1")
    wait_for(old.exists)
    own_bench.serve(upstream)
    own_bench.post(headers={"x-request-id": "after"})
    assert any(line.get("request") == "after" for line in own_bench.gateway.lines())


def test_full_disk_under_the_log_does_not_fail_requests(own_bench, home, upstream):
    own_bench.gateway.log = home.gateway / "full.log"
    (home.gateway / "full.log").symlink_to("/dev/full")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "jupyter_node_deploy.gateway",
            str(home.root),
            "--log=/dev/full",
        ],
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for((home.gateway / "gateway.json").exists)
        Routes(
            generation=1,
            nodes={"node1": NodeRoute("cell", ("f1",), "HEALTHY", instances=(upstream.route,))},
        ).write(home.gateway / "routes.json")
        wait_for(lambda: own_bench.gateway.status()["generation"] == 1)
        assert own_bench.post().status_code == 200
    finally:
        process.kill()
        process.wait()


def test_many_connections_at_once(own_bench, upstream):
    own_bench.gateway.start()
    own_bench.serve(upstream)
    url = urlsplit(own_bench.url)
    with contextlib.ExitStack() as idle:
        for _ in range(400):
            idle.enter_context(socket.create_connection((url.hostname, url.port)))
        assert own_bench.post().status_code == 200


def test_routes_that_change_all_the_time(own_bench, home, upstream):
    own_bench.gateway.start()
    own_bench.serve(upstream)
    stop = threading.Event()
    route = NodeRoute("cell", ("f1",), "HEALTHY", instances=(upstream.route,))
    nodes = {f"node{n}": route for n in range(200)} | {
        f"other{n}": NodeRoute("cell", ("f2",), "SUSPENDED") for n in range(200)
    }

    def write():
        generation = 1
        while not stop.is_set():
            generation += 1
            Routes(generation=generation, nodes=nodes).write(home.gateway / "routes.json")
            time.sleep(0.05)
        return generation

    with ThreadPoolExecutor(1) as pool:
        last = pool.submit(write)
        try:
            for _ in range(100):
                assert own_bench.post().status_code == 200
        finally:
            stop.set()
        generation = last.result()
    wait_for(lambda: own_bench.gateway.status()["generation"] == generation)


def test_killed_in_the_middle_is_whole_again(own_bench, upstream):
    gateway = own_bench.gateway
    gateway.start()
    own_bench.serve(upstream)
    os.kill(gateway.pid, signal.SIGKILL)
    gateway.wait()
    gateway.start()
    assert own_bench.post().status_code == 200


def test_instance_that_refuses_is_rested_not_forgotten(own_bench, make_upstream):
    a, b = make_upstream("a"), make_upstream("b")
    own_bench.gateway.start()
    own_bench.serve(a, b)
    a.close()
    for _ in range(5):
        assert own_bench.post().json()["instance"] == "b"
    make_upstream("a2", a.address)
    wait_for(lambda: own_bench.post().json()["instance"] == "a2")


def test_unix_socket_that_is_missing(own_bench, upstream, tmp_path):
    own_bench.gateway.start()
    gone = InstanceRoute("gone", f"unix:{tmp_path}/none.sock")
    own_bench.gateway.publish(
        {"node1": NodeRoute("cell", ("f1",), "HEALTHY", instances=(gone, upstream.route))}
    )
    assert own_bench.post().json()["instance"] == "a"
