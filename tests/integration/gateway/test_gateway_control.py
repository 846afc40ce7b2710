"""The control plane's side: one gateway whoever starts it, fresh routes, revocations."""

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time

import psutil
import pytest
import requests
from sqlalchemy import insert

from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.tables import nodes
from jupyter_node_deploy.errors import Unavailable
from jupyter_node_deploy.gateway import control as control_module
from jupyter_node_deploy.gateway.aliases import AliasService
from jupyter_node_deploy.gateway.control import GatewayControl
from jupyter_node_deploy.gateway.folders import FolderService
from jupyter_node_deploy.gateway.models import AliasCreate
from jupyter_node_deploy.gateway.routes import NodeRoute, Routes
from jupyter_node_deploy.gateway.tokens import TokenService
from jupyter_node_deploy.lock import is_held


@pytest.fixture
async def catalog(home):
    catalog = Catalog(f"sqlite:///{home.catalog}")
    await catalog.upgrade()
    yield catalog
    catalog.close()


@pytest.fixture
async def make_control(home, catalog):
    made = []

    def make(**options):
        made.append(GatewayControl(home, catalog, **options))
        return made[-1]

    yield make
    for control in made:
        await control.close()
    if made:
        await made[0].stop()


@pytest.fixture
async def control(make_control):
    control = make_control()
    await control.start()
    return control


def route(*upstreams, acl=("f1",)):
    return NodeRoute("cell", acl, "HEALTHY", instances=tuple(u.route for u in upstreams))


async def post(control, token, path="/v1/nodes/node1:execute"):
    headers = {"Authorization": f"Bearer {token}"}
    return await asyncio.to_thread(requests.post, control.url + path, headers=headers, timeout=60)


async def wait_for(condition):
    until = time.monotonic() + 60
    while not await condition():
        assert time.monotonic() < until
        await asyncio.sleep(0.05)


async def test_from_token_to_answer(control, catalog, home, upstream):
    folder = await FolderService(catalog).default()
    token = await TokenService(catalog, home).issue()
    await control.publish({"node1": route(upstream, acl=(folder.id,))})
    assert (await post(control, token.token)).status_code == 200
    status = await control.status()
    assert (status.running, status.generation) == (True, 1)
    assert status.url == control.url


async def test_published_means_served(control, catalog, home, make_upstream):
    """Right after publish returns, no request follows the old routes."""
    folder = await FolderService(catalog).default()
    token = await TokenService(catalog, home).issue()
    for number in range(5):
        upstream = make_upstream(f"i{number}")
        await control.publish({"node1": route(upstream, acl=(folder.id,))})
        assert (await post(control, token.token)).json()["instance"] == f"i{number}"


async def test_same_routes_are_not_written_again(control, home, upstream):
    await control.publish({"node1": route(upstream)})
    before = (home.gateway / "routes.json").stat().st_ino
    await control.publish({"node1": route(upstream)})
    await control.republish()
    assert (home.gateway / "routes.json").stat().st_ino == before


async def test_revoked_token_is_refused_at_once(control, catalog, home, upstream):
    tokens = TokenService(catalog, home, on_change=control.republish)
    issued, other = await tokens.issue(), await tokens.issue()
    await control.publish({"node1": route(upstream, acl=(issued.folder,))})
    assert (await post(control, issued.token)).status_code == 200
    await tokens.revoke(issued.id)
    assert (await post(control, issued.token)).status_code == 401
    assert (await post(control, other.token)).status_code == 200


async def test_alias_is_served_at_once(control, catalog, home, upstream):
    folder = await FolderService(catalog).default()
    token = (await TokenService(catalog, home).issue()).token
    await add_node(catalog, "node1", folder.id)
    await control.publish({"node1": route(upstream, acl=(folder.id,))})
    aliases = AliasService(catalog, on_change=control.republish)
    await aliases.create(AliasCreate(name="steady", targets=[{"node": "node1"}]))
    assert (await post(control, token, "/v1/aliases/steady:execute")).status_code == 200
    await aliases.delete("steady")
    assert (await post(control, token, "/v1/aliases/steady:execute")).status_code == 404


async def test_second_server_takes_over_the_same_gateway(make_control, control, upstream):
    await control.publish({"node1": route(upstream)})
    second = make_control()
    await second.start()
    assert (await second.status()).pid == (await control.status()).pid
    await second.republish()
    assert (await second.status()).generation == 1  # its nodes are still the published ones


def processes(home):
    """The gateway processes of a home, also those that are only about to serve it."""
    return [
        process.pid
        for process in psutil.process_iter(["cmdline"])
        if str(home.root) in (process.info["cmdline"] or [])
    ]


async def test_two_servers_start_at_once(make_control, home):
    controls = [make_control() for _ in range(3)]
    await asyncio.gather(*(control.start() for control in controls))
    assert len({(await control.status()).pid for control in controls}) == 1
    assert processes(home) == [(await controls[0].status()).pid]
    for control in controls:
        await control.close()
    await controls[0].stop()

    async def all_gone():  # it lets the lock go a little before it ends
        return processes(home) == []

    await wait_for(all_gone)


async def test_killed_gateway_comes_back(control, catalog, home, upstream):
    token = await TokenService(catalog, home).issue()
    await control.publish({"node1": route(upstream, acl=(token.folder,))})
    before, url = await control.status(), control.url
    os.kill(before.pid, signal.SIGKILL)

    async def is_back():
        status = await control.status()
        return status.running and status.pid != before.pid

    await wait_for(is_back)
    assert control.url == url
    assert (await post(control, token.token)).status_code == 200


async def test_hung_gateway_is_replaced(control, catalog, home, upstream, monkeypatch):
    monkeypatch.setattr(control_module, "SILENT", 1.0)
    token = await TokenService(catalog, home).issue()
    await control.publish({"node1": route(upstream, acl=(token.folder,))})
    before, url = await control.status(), control.url
    os.kill(before.pid, signal.SIGSTOP)

    async def is_back():
        status = await control.status()
        return status.running and status.pid != before.pid

    await wait_for(is_back)
    assert control.url == url
    assert (await post(control, token.token)).status_code == 200


async def test_publish_while_no_gateway_runs(make_control, home, upstream):
    control = make_control()
    await control.publish({"node1": route(upstream)})
    await control.start()
    assert (await control.status()).generation == 1


async def test_routes_that_are_not_confirmed_are_said_to_be(control, upstream, monkeypatch):
    monkeypatch.setattr(control_module, "CONFIRM", 0.5)
    pid = (await control.status()).pid
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(Unavailable, match="did not confirm"):
            await control.publish({"node1": route(upstream)})
    finally:
        os.kill(pid, signal.SIGCONT)
    await control.publish({"node1": route(upstream)})
    assert (await control.status()).generation == 1


async def test_damaged_routes_are_written_anew(control, home, upstream):
    await control.publish({"node1": route(upstream)})
    (home.gateway / "routes.json").write_text("{")
    with pytest.raises(Unavailable):
        await control.republish()  # it must not take "unreadable" for "no nodes"
    await control.publish({"node1": route(upstream)})
    assert Routes.read(home.gateway / "routes.json").generation == 2
    assert (await control.status()).generation == 2


async def test_stop_ends_the_process(make_control, home):
    control = make_control()
    await control.start()
    await control.stop()
    assert not is_held(home.gateway / "lock")
    assert not (await control.status()).running
    await control.stop()  # fine twice


async def test_close_leaves_it_serving(make_control):
    control = make_control()
    await control.start()
    await control.close()
    assert (await control.status()).running


async def test_other_configuration_restarts_it(make_control, control, home):
    before = await control.status()
    await control.close()
    port = int((home.gateway / "port").read_text())
    again = make_control(port=port)
    await again.start()
    after = await again.status()
    assert after.pid != before.pid
    assert after.url == before.url


async def test_serves_on_after_its_starter_was_killed(make_control, catalog, home, upstream):
    """A server starts the gateway and dies of SIGKILL; the next one finds it as it was."""
    token = await TokenService(catalog, home).issue()
    starter = textwrap.dedent(
        """
        import asyncio, os, signal, sys
        from pathlib import Path
        from jupyter_node_deploy.catalog.engine import Catalog
        from jupyter_node_deploy.gateway.control import GatewayControl
        from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute
        from jupyter_node_deploy.home import Home

        async def main(root, folder, address):
            home = Home(Path(root))
            control = GatewayControl(home, Catalog(f"sqlite:///{home.catalog}"))
            await control.start()
            instance = InstanceRoute("a", address)
            await control.publish(
                {"node1": NodeRoute("cell", (folder,), "HEALTHY", instances=(instance,))}
            )
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main(*sys.argv[1:]))
        """
    )
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", starter, str(home.root), token.folder, upstream.address
    )
    assert await process.wait() == -signal.SIGKILL
    control = make_control()
    pid = control._process.facts().pid
    assert (await post(control, token.token)).status_code == 200
    await control.start()
    assert (await control.status()).pid == pid
    assert (await control.status()).generation == 1


async def test_signals_of_the_terminal_do_not_reach_it(home, catalog, make_control):
    control = make_control()
    await control.start()
    pid = (await control.status()).pid
    assert os.getsid(pid) == pid


async def test_environment_of_jupyter_stays_there(make_control, monkeypatch):
    monkeypatch.setenv("JUPYTER_TOKEN", "secret-of-jupyter")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret-of-the-hub")
    control = make_control()
    await control.start()
    pid = (await control.status()).pid
    shown = await asyncio.to_thread(
        subprocess.check_output, ["ps", "eww", "-o", "command", "-p", str(pid)], text=True
    )
    assert "jupyter_node_deploy.gateway" in shown
    assert "secret-of" not in shown


async def test_failure_to_start_says_why(make_control):
    control = make_control(host="192.0.2.1")  # TEST-NET-1: no machine has it
    with pytest.raises(Unavailable, match=r"192\.0\.2\.1"):
        await control.start()


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
