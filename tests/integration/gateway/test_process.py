"""HAProxy as a process: found again, one for a home, whole after kills, bounded, private."""

import asyncio
import contextlib
import os
import resource
import shutil
import signal
import socket
import stat
import subprocess
import sys
import textwrap
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from jupyter_node_deploy.backends import log as log_module
from jupyter_node_deploy.errors import Unavailable
from jupyter_node_deploy.gateway import control as control_module
from jupyter_node_deploy.gateway import dataplane, runtime_api
from jupyter_node_deploy.gateway.launchers import process as process_module
from jupyter_node_deploy.lock import acquire

from ...support.waiting import until_async
from .conftest import make_home
from .site import Site

# --- one for a home, whoever starts it ---


async def test_second_server_takes_over_the_same_gateway(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    worker = site.worker()
    await site.control.close()  # as if this server were gone
    assert (await site.post()).status_code == 200
    second = site.another()
    await second.start()
    assert second.url == site.control.url
    assert site.worker() == worker
    await second.republish()
    assert (await second.status()).generation == 1  # its nodes are still the published ones
    await second.publish({"node1": site.route(upstream), "node2": site.route(upstream)})
    assert (await site.post("/v1/nodes/node2:execute")).status_code == 200


async def test_servers_that_start_at_once(idle_site):
    controls = [idle_site.another() for _ in range(3)]
    await asyncio.gather(*(control.start() for control in controls))
    assert len({control.url for control in controls}) == 1
    masters = {one.pid for one in idle_site.processes()} & {
        one.ppid() for one in idle_site.processes()
    }
    assert len(masters) == 1
    for control in controls:
        await control.close()
    await controls[0].stop()
    assert idle_site.processes() == []


async def test_serves_on_after_its_starter_was_killed(idle_site, upstream):
    """A server starts the gateway and dies of SIGKILL; the next one finds it as it was."""
    starter = textwrap.dedent(
        """
        import asyncio, os, signal, sys
        from pathlib import Path
        from jupyter_node_deploy.catalog.engine import Catalog
        from jupyter_node_deploy.gateway.control import GatewayControl
        from jupyter_node_deploy.gateway.launchers.process import ProcessLauncher
        from jupyter_node_deploy.gateway.routes import InstanceRoute, NodeRoute
        from jupyter_node_deploy.home import Home

        async def main(root, folder, address):
            home = Home(Path(root))
            launcher = ProcessLauncher(home.gateway / "haproxy")
            control = GatewayControl(home, Catalog(f"sqlite:///{home.catalog}"), launcher)
            await control.start()
            instance = InstanceRoute("a", address)
            await control.publish(
                {"node1": NodeRoute("cell", (folder,), "HEALTHY", instances=(instance,))}
            )
            os.kill(os.getpid(), signal.SIGKILL)

        asyncio.run(main(*sys.argv[1:]))
        """
    )
    site = idle_site
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", starter, str(site.home.root), site.folder, upstream.address
    )
    assert await process.wait() == -signal.SIGKILL
    worker = site.worker()
    assert (await site.post()).status_code == 200
    await site.control.start()
    assert site.worker() == worker
    assert (await site.control.status()).generation == 1


async def test_a_data_directory_with_a_long_path(tmp_path):
    site = Site(make_home(tmp_path / ("long" * 30)))
    await site.prepare()
    await site.control.start()
    assert (await site.control.status()).running
    await site.close()


# --- killed, hung ---


@pytest.mark.parametrize("victim", ["master", "worker", "both"])
async def test_killed_it_comes_back_where_it_was(site, upstream, victim):
    await site.control.publish({"node1": site.route(upstream)})
    url, before = site.control.url, site.worker()
    master, workers = site.control._plane._master.workers()
    pids = {"master": [master], "worker": [before], "both": [master, *(w.pid for w in workers)]}
    for pid in pids[victim]:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    await until_async(lambda: site.worker() not in (None, before))
    assert site.control.url == url
    assert (await site.post()).status_code == 200
    assert len(site.processes()) == 2


async def test_a_worker_that_its_master_left_behind_is_ended(idle_site, upstream):
    """Two that listen at one port would share the requests, each with its own routes."""
    site = idle_site
    await site.control.start()
    await site.control.publish({"node1": site.route(upstream)})
    await site.control.close()
    worker = site.worker()
    os.kill(worker, signal.SIGSTOP)  # so that it does not end with its master
    os.kill(site.control._plane._master.workers()[0], signal.SIGKILL)
    again = site.another()
    await again.stop()
    await again.start()
    assert worker not in {one.pid for one in site.processes()}
    assert (await site.post()).status_code == 200


async def test_a_master_that_hangs_is_replaced(site, upstream, monkeypatch):
    """Its worker serves on, but nobody can tell it of new nodes."""
    for module, name, value in (
        (control_module, "SILENT", 1.0),
        (control_module, "WATCH", 0.1),
        (dataplane, "CONFIRM", 0.5),
        (runtime_api, "TIMEOUT", 0.3),
        (process_module, "_END", 0.5),
    ):
        monkeypatch.setattr(module, name, value)
    await site.control.publish({"node1": site.route(upstream)})
    os.kill(site.control._plane._master.workers()[0], signal.SIGSTOP)
    nodes = {"node1": site.route(upstream), "node2": site.route(upstream)}
    with pytest.raises(Unavailable, match="did not confirm"):
        await site.control.publish(nodes)

    async def served():
        with contextlib.suppress(requests.ConnectionError):
            return (await site.post("/v1/nodes/node2:execute")).status_code == 200

    await until_async(served)
    assert len(site.processes()) == 2


@pytest.mark.parametrize("deleted", ["lock", "."])
async def test_what_lost_its_lock_is_ended(site, upstream, deleted):
    """It would serve old routes for ever, and nobody could find it."""
    await site.control.publish({"node1": site.route(upstream)})
    url, before = site.control.url, {one.pid for one in site.processes()}
    place = site.home.gateway / "haproxy" / deleted
    if place.is_dir():
        shutil.rmtree(place)
    else:
        place.unlink()
    await until_async(lambda: site.worker() not in (None, *before))
    assert site.control.url == url
    assert not before & {one.pid for one in site.processes()}
    assert (await site.post()).status_code == 200


@pytest.mark.parametrize("name", ["admin", "master", "handover", "elsewhere"])
async def test_what_lost_a_socket_is_replaced(site, upstream, monkeypatch, name):
    """Without ``handover``, say, requests on kept connections would fail after each reload."""
    monkeypatch.setattr(control_module, "WATCH", 0.05)
    monkeypatch.setattr(runtime_api, "TIMEOUT", 0.3)
    await site.control.publish({"node1": site.route(upstream)})
    url = site.control.url
    before = {one.pid for one in site.processes()}
    socket_path = site.home.gateway / "haproxy" / "run" / f"{name}.sock"
    socket_path.unlink()
    await until_async(lambda: socket_path.exists() and site.worker() not in (None, *before))
    assert site.control.url == url
    assert (await site.post()).status_code == 200


async def test_stop_in_the_middle_of_a_start_leaves_nothing(idle_site, monkeypatch):
    for _ in range(5):
        starting = asyncio.create_task(idle_site.control.start())
        await asyncio.sleep(0.03)
        starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting
        await idle_site.control.stop()
        assert idle_site.processes() == []


async def test_a_port_that_can_not_be_had_disturbs_nobody(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    worker = site.worker()
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        control = site.another(port=foreign.getsockname()[1])
        await control.start()
        assert site.worker() == worker
        assert control.url == site.control.url


async def test_the_port_is_known_although_its_file_is_gone(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    url = site.control.url
    (site.home.gateway / "port").unlink()
    await site.control.publish({"node1": site.route(upstream), "node2": site.route(upstream)})
    assert (await site.post("/v1/nodes/node2:execute")).status_code == 200
    assert site.control.url == url
    (site.home.gateway / "port").write_text("")
    stranger = site.another()  # which does not know it
    await stranger.publish({"node3": site.route(upstream)})
    assert (await site.post("/v1/nodes/node3:execute")).status_code == 200


@pytest.mark.parametrize("content", [b"", b"garbage", None])
async def test_a_damaged_public_key_is_written_anew(site, upstream, content):
    await site.control.publish({"node1": site.route(upstream)})
    path = site.home.gateway / "public.pem"
    path.unlink() if content is None else path.write_bytes(content)
    await site.control.publish({"node1": site.route(upstream), "node2": site.route(upstream)})
    assert (await site.post("/v1/nodes/node2:execute")).status_code == 200


async def test_hung_gateway_is_replaced(idle_site, upstream, monkeypatch):
    monkeypatch.setattr(control_module, "SILENT", 1.0)
    monkeypatch.setattr(process_module, "_END", 0.5)
    site = idle_site
    await site.control.start()
    await site.control.publish({"node1": site.route(upstream)})
    url, before = site.control.url, site.worker()
    for one in site.processes():
        one.suspend()
    await until_async(lambda: site.worker() not in (None, before))
    assert site.control.url == url
    assert (await site.post()).status_code == 200


async def test_a_process_of_somebody_else_is_left_alone(site, tmp_path):
    """Neither one that has the number in its file, nor one of another home."""
    other = Site(make_home(tmp_path / "other"))
    await other.prepare()
    await other.control.start()
    try:
        (site.home.gateway / "haproxy" / "run" / "pid").write_text(f"{os.getppid()}\n")
        await site.control.stop()
        assert other.worker() is not None
    finally:
        await other.control.stop()
        await other.close()


# --- the port ---


async def test_port_is_kept_over_restarts(site):
    url = site.control.url
    await site.control.stop()
    await site.control.start()
    assert site.control.url == url


@pytest.mark.parametrize("asked", [False, True])
async def test_port_that_another_process_has(idle_site, asked, caplog):
    with socket.create_server(("127.0.0.1", 0)) as foreign:
        port = foreign.getsockname()[1]
        if not asked:
            (idle_site.home.gateway / "port").write_text(f"{port}\n")
        control = idle_site.another(port=port if asked else 0)
        await control.start()
        assert urlsplit(control.url).port != port
        assert f"can't listen at port {port}" in caplog.text


async def test_port_that_is_asked_for(site):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    await site.control.close()
    control = site.another(port=port)
    await control.start()
    assert urlsplit(control.url).port == port
    assert len(site.processes()) == 2


async def test_another_program_replaces_it(site, upstream, tmp_path):
    await site.control.publish({"node1": site.route(upstream)})
    await site.control.close()
    wheel = Path((await site.control.status()).program.partition(" (")[0])
    shutil.copytree(wheel.parent, tmp_path / "other")
    control = site.another(binary=f"{tmp_path}/other/haproxy")
    await control.start()
    assert {one.exe() for one in site.processes()} == {f"{tmp_path}/other/haproxy"}
    assert (await site.post()).status_code == 200


# --- bounds ---


async def test_log_is_bounded_while_nobody_rotates_it(idle_site, upstream, monkeypatch):
    monkeypatch.setattr(process_module, "LOG_LIMIT", 8 * 512)
    site = idle_site
    await site.control.start()
    await site.control.publish({"node1": site.route(upstream)})
    await site.control.close()
    with requests.Session() as session:
        for _ in range(40):
            assert (await site.post("/", session)).status_code == 404
        assert (await site.post(session=session)).status_code == 200
    log = site.home.gateway / "haproxy" / "log"
    assert log.stat().st_size <= 8 * 512
    assert site.worker() is not None


async def test_log_begins_anew_when_it_is_long(site, monkeypatch):
    monkeypatch.setattr(log_module, "ROTATE_AT", 2000)
    for _ in range(20):
        await site.post("/")
    await until_async((site.home.gateway / "haproxy" / "log.1").exists)
    await site.post("/", headers={"x-request-id": "after"})
    await until_async(lambda: '"after"' in site.launcher.log(100))


@pytest.mark.parametrize("descriptors", [256, 1024])
async def test_within_the_descriptors_that_the_machine_gives(idle_site, upstream, descriptors):
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    starter = subprocess.Popen  # the limit is for what is started only

    def limited(command, **options):
        if command[0] == "/bin/sh":
            command = ["/bin/sh", "-c", f'ulimit -n {descriptors} && exec "$@"', "sh", *command]
        return starter(command, **options)

    site = idle_site
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess, "Popen", limited)
        await site.control.start()
    await site.control.publish({"node1": site.route(upstream)})
    url = urlsplit(site.control.url)
    with contextlib.ExitStack() as idle:
        for _ in range(50):
            idle.enter_context(socket.create_connection((url.hostname, url.port)))
        assert (await site.post()).status_code == 200
    assert resource.getrlimit(resource.RLIMIT_NOFILE) == before


async def test_many_connections_at_once(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    url = urlsplit(site.control.url)
    with contextlib.ExitStack() as idle:
        for _ in range(400):
            idle.enter_context(socket.create_connection((url.hostname, url.port)))
        assert (await site.post()).status_code == 200


async def test_nothing_wakes_it_while_nothing_happens(site):
    await site.control.close()  # who asks it now and then
    await asyncio.sleep(0.5)
    found = site.processes()
    before = [one.num_ctx_switches() for one in found]
    await asyncio.sleep(3)
    assert [one.num_ctx_switches() for one in found] == before


# --- private ---


async def test_files_are_the_owners_only(site, upstream):
    await site.control.publish({"node1": site.route(upstream)})
    directory = site.home.gateway / "haproxy"
    assert stat.S_IMODE((directory / "run").stat().st_mode) == 0o700
    for name in ("log", "lock", "run/admin.sock", "run/handover.sock", "run/elsewhere.sock"):
        assert stat.S_IMODE((directory / name).stat().st_mode) == 0o600, name


async def test_signals_of_the_terminal_do_not_reach_it(site):
    sessions = {os.getsid(one.pid) for one in site.processes()}
    assert os.getsid(0) not in sessions
    assert len(sessions) == 1


async def test_environment_of_jupyter_stays_there(idle_site, monkeypatch):
    monkeypatch.setenv("JUPYTER_TOKEN", "secret-of-jupyter")
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "secret-of-the-hub")
    await idle_site.control.start()
    for one in idle_site.processes():
        assert "secret-of" not in str(one.environ())


async def test_no_descriptor_of_ours_is_left_open_in_it(site):
    for one in site.processes():
        assert not [file for file in one.open_files() if file.path.endswith(".sqlite")]


async def test_a_lock_of_another_kind_says_so(idle_site, monkeypatch):
    monkeypatch.setattr(process_module, "_END", 0.3)
    (idle_site.home.gateway / "haproxy").mkdir(exist_ok=True)
    held = acquire(idle_site.home.gateway / "haproxy" / "lock")
    assert held is not None
    try:
        with pytest.raises(Unavailable, match=r"does not end|did not confirm|holds"):
            await asyncio.to_thread(idle_site.launcher.start)
    finally:
        os.close(held)
    assert psutil.pid_exists(os.getpid())
