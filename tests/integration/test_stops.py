"""However a server ends, nothing of it is left running that was to stop with it."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from jupyter_node_deploy import caretaker
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.lock import is_held

from ..support.waiting import until
from .cli.test_commands import write

pytestmark = pytest.mark.timeout(600)
SIGNALS = [signal.SIGTERM, signal.SIGINT, signal.SIGHUP]


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """What the tests ignore, as those of a script do that runs behind it, servers would, too."""
    ignored = [one for one in SIGNALS if signal.getsignal(one) is signal.SIG_IGN]
    for one in ignored:
        signal.signal(one, signal.SIG_DFL)
    yield
    for one in ignored:
        signal.signal(one, signal.SIG_IGN)


def left(data_dir: Path) -> list[str]:
    """Return what runs of a home's instances, gateway and caretaker."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                continue
            command = " ".join(process.cmdline())
            inside = process.environ().get("NODE_DEPLOY_INSTANCE", "").startswith(str(data_dir))
        except psutil.Error:
            continue
        if inside or (str(data_dir) in command and process.pid != os.getpid()):
            found.append(command)
    if is_held(data_dir / "gateway" / "haproxy" / "lock"):
        found.append("the gateway")
    return found


def serve(make_jupyter: Callable[..., Any], **options: Any) -> Any:
    """Start a server and a node on it."""
    server = make_jupyter(**options).start()
    notebook = write(server.root / "double.ipynb", "x = 2", "y = x * 2\ny")
    server.node("deploy", notebook, "--cell", "2", "--name", "double")
    assert len(left(server.data_dir)) > 2
    return server


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_stops_all(make_jupyter: Callable[..., Any], number: signal.Signals) -> None:
    server = serve(make_jupyter)
    server.process.send_signal(number)
    server.process.send_signal(number)  # who has no patience
    server.process.wait(100)
    server.process = None
    until(lambda: not left(server.data_dir), lambda: str(left(server.data_dir)), seconds=20)


def test_what_a_killed_server_leaves_is_ended_and_comes_back(
    make_jupyter: Callable[..., Any],
) -> None:
    server = serve(make_jupyter)
    server.kill()
    assert len(left(server.data_dir)) > 2
    home = Home(server.data_dir)
    announced = home.caretaker.read_text()
    hired = [one for one in left(server.data_dir) if "caretaker" in one]
    assert len(hired) == 1
    caretaker.dismiss(home)
    until(lambda: not is_held(home.caretaker), "the one that waits two minutes", seconds=20)
    assert len(left(server.data_dir)) > 1
    home.caretaker.write_text(announced)
    assert caretaker.main([str(home.root), "--grace", "0"]) == 0
    until(lambda: not left(server.data_dir), lambda: str(left(server.data_dir)), seconds=20)
    server.start()
    assert server.node("show", "double", "--wait", "60")["status"] == "HEALTHY"
    assert any("caretaker" in one for one in left(server.data_dir))


def test_what_is_to_outlive_a_killed_server_does(make_jupyter: Callable[..., Any]) -> None:
    server = serve(make_jupyter, options=("--NodeDeployApp.stop_nodes_on_exit=False",))
    server.kill()
    assert not any("caretaker" in one for one in left(server.data_dir))
    assert is_held(server.data_dir / "gateway" / "haproxy" / "lock")
    server.options = ()  # the next one takes it over, and along
    server.start()
    server.stop()
    until(lambda: not left(server.data_dir), lambda: str(left(server.data_dir)), seconds=20)
