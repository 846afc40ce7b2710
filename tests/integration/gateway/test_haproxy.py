"""HAProxy under the control plane's hold: changed at run time, reloaded, killed, stopped."""

import asyncio
import contextlib
import dataclasses
import http.client
import json
import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

import pytest
import requests

from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.gateway.cli import CommandFailed
from jupyter_node_deploy.gateway.control import GatewayControl
from jupyter_node_deploy.gateway.folders import FolderService
from jupyter_node_deploy.gateway.process import ProcessLauncher
from jupyter_node_deploy.gateway.routes import NodeRoute
from jupyter_node_deploy.gateway.tokens import TokenService
from jupyter_node_deploy.web.message import Response

pytestmark = pytest.mark.usefixtures("haproxy_installed")
EXECUTE = "/v1/nodes/node1:execute"


class Site:
    """A home with a gateway and a token."""

    def __init__(self, home, catalog):
        self.home = home
        self.catalog = catalog
        self.launcher = ProcessLauncher(home.gateway / "haproxy")
        self.control = GatewayControl(home, catalog, self.launcher)
        self.headers = {}

    async def start(self):
        folder = await FolderService(self.catalog).default()
        self.folder = folder.id
        token = await TokenService(self.catalog, self.home).issue()
        self.headers = {"Authorization": f"Bearer {token.token}"}
        await self.control.start()

    def route(self, *upstreams, **rest):
        instances = tuple(one.route for one in upstreams)
        return NodeRoute("cell", (self.folder,), "HEALTHY", instances=instances, **rest)

    async def post(self, path=EXECUTE, session=requests):
        return await asyncio.to_thread(
            session.post, self.control.url + path, headers=self.headers, data=b"{}", timeout=60
        )

    def worker(self):
        try:
            return self.control._plane._worker()
        except CommandFailed:
            return None


@pytest.fixture
async def site(home, haproxy_installed):
    catalog = Catalog(f"sqlite:///{home.catalog}")
    await catalog.upgrade()
    site = Site(home, catalog)
    await site.start()
    yield site
    await site.control.close()
    site.launcher.end()
    catalog.close()


async def wait_for(condition):
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until
        await asyncio.sleep(0.02)


async def test_changes_of_instances_and_access_need_no_reload(site, make_upstream):
    a, b = make_upstream("a"), make_upstream("b")
    await site.control.publish({"node1": site.route(a)})
    worker = site.worker()
    for upstream in (b, a, b):
        await site.control.publish({"node1": site.route(upstream)})
        assert (await site.post()).json()["instance"] == upstream.name
    await site.control.publish({"node1": NodeRoute("cell", ("other",), "HEALTHY", instances=())})
    assert (await site.post()).status_code == 403
    tokens = TokenService(site.catalog, site.home, on_change=site.control.republish)
    await site.control.publish({"node1": site.route(a)})
    issued = await tokens.issue()
    session = requests.Session()
    headers = {"Authorization": f"Bearer {issued.token}"}
    url = site.control.url + EXECUTE
    assert (await asyncio.to_thread(session.post, url, headers=headers)).status_code == 200
    await tokens.revoke(issued.id)
    assert (await asyncio.to_thread(session.post, url, headers=headers)).status_code == 401
    assert site.worker() == worker


async def test_new_node_is_served_over_an_old_connection(site, make_upstream):
    """A connection that a replaced process holds leads to its successor's routes."""
    a, b = make_upstream("a"), make_upstream("b")
    await site.control.publish({"node1": site.route(a)})
    worker = site.worker()
    with requests.Session() as session:
        assert (await site.post(session=session)).json()["instance"] == "a"
        await site.control.publish({"node1": site.route(b), "node2": site.route(a)})
        assert site.worker() != worker
        connection = next(iter(session.adapters["http://"].poolmanager.pools._container.values()))
        assert (await site.post(session=session)).json()["instance"] == "b"
        assert connection.num_connections == 1  # it was the old one
        answer = await site.post("/v1/nodes/node2:execute", session)
        assert answer.json()["instance"] == "a"


async def test_request_at_work_outlives_a_reload(site, upstream):
    release = threading.Event()

    async def wait(request):
        await asyncio.to_thread(release.wait, 30)
        return Response(200, b"late")

    upstream.answer = wait
    await site.control.publish({"node1": site.route(upstream)})
    call = asyncio.create_task(site.post())
    await wait_for(lambda: upstream.requests)
    await site.control.reload()
    release.set()
    assert (await call).content == b"late"


async def test_drain_waits_for_a_removed_instance(site, make_upstream):
    a, b = make_upstream("a"), make_upstream("b")
    release = threading.Event()

    async def wait(request):
        await asyncio.to_thread(release.wait, 30)
        return Response(200, b"late")

    a.answer = wait
    await site.control.publish({"node1": site.route(a)})
    call = asyncio.create_task(site.post())
    await wait_for(lambda: a.requests)
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
        answers = Counter()
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
        answers = sum((one.result() for one in calls), Counter())
    assert set(answers) == {200}


async def test_another_control_takes_it_over(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    worker = site.worker()
    await site.control.close()  # as if this server were gone
    assert (await site.post()).status_code == 200
    other = GatewayControl(site.home, site.catalog, ProcessLauncher(site.home.gateway / "haproxy"))
    await other.start()
    try:
        assert other.url == site.control.url
        assert site.worker() == worker
        await other.publish({"node1": site.route(upstream), "node2": site.route(upstream)})
        assert (await site.post("/v1/nodes/node2:execute")).status_code == 200
        assert (await other.status()).generation == (await site.control.status()).generation
    finally:
        await other.close()


async def test_killed_it_comes_back_where_it_was(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    url = site.control.url
    before = site.worker()
    master = site.control._plane._master.workers()
    os.kill(master[0], signal.SIGKILL)
    for worker in master[1]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(worker.pid, signal.SIGKILL)
    await wait_for(lambda: site.worker() not in (None, before))
    assert site.control.url == url
    assert (await site.post()).status_code == 200


async def test_stop_waits_for_requests_at_work(site, upstream):
    async def sleep(request):
        await asyncio.sleep(1)
        return Response(200, b"late")

    upstream.answer = sleep
    await site.control.publish({"node1": site.route(upstream)})
    call = asyncio.create_task(site.post())
    await wait_for(lambda: upstream.requests)
    await site.control.stop()
    assert (await call).content == b"late"
    assert not (await site.control.status()).running
    with pytest.raises(requests.ConnectionError):
        await site.post()


async def test_published_while_it_is_stopped(site, upstream):
    await site.control.stop()
    await site.control.publish({"node1": site.route(upstream)})
    await site.control.start()
    assert (await site.post()).status_code == 200


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
    await wait_for(lambda: sum(one.done() for one in calls) >= 7)
    release.set()
    answers = Counter([(await one).json()["instance"] for one in calls])
    assert answers == {"quick": 7, "slow": 1}


async def test_log_has_a_line_for_each_request_that_no_instance_logs(site, upstream):
    cell = site.route(upstream)
    image = dataclasses.replace(cell, type="docker")
    await site.control.publish({"cell": cell, "image": image})
    for node in ("cell", "image", "none"):  # what a cell's instance answers is in its own log
        await site.post(f"/v1/nodes/{node}:execute")

    async def fail(request):
        return Response(500, b"", {})

    upstream.answer = fail
    await site.post("/v1/nodes/cell:execute")
    await wait_for(lambda: site.launcher.log(9).count('"code"') == 3)
    lines = [json.loads(line) for line in site.launcher.log(9).splitlines() if '"code"' in line]
    good, bad, failed = sorted(lines, key=lambda line: line["code"])  # two threads write them
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
