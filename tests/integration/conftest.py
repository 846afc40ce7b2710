"""A real Jupyter server in a process of its own, with directories of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import requests

from ..support.waiting import until

TOKEN = "token-of-the-tests"
PREFIX = "jupyter-node-deploy/v1/"


class JupyterServer:
    """Starts and stops Jupyter servers of one user, one at a time.

    Attributes:
        root: where the notebooks lie.
        env: the user's environment; commands run in it see the server.
        prefix: a command that starts the server's, which is appended to it.
    """

    def __init__(self, directory: Path, base_url: str = "/", options: tuple[str, ...] = ()) -> None:
        self.directory = directory
        self.root = directory / "notebooks"
        self.root.mkdir(parents=True)
        self.data_dir = directory / "data" / "node_deploy"
        config = directory / "config"
        config.mkdir()
        settings = {"NodeDeployApp": {"backend": "process"}}  # also where an engine answers
        (config / "jupyter_node_deploy_config.json").write_text(json.dumps(settings))
        self.base_url = base_url
        self.token = TOKEN
        self.options = options
        self.prefix: tuple[str, ...] = ()
        self.log = directory / "server.log"
        self.process: subprocess.Popen[bytes] | None = None
        self.url = ""
        self.env = {
            name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")
        }
        self.env |= {
            "JUPYTER_DATA_DIR": str(directory / "data"),
            "JUPYTER_RUNTIME_DIR": str(directory / "runtime"),
            "JUPYTER_CONFIG_DIR": str(directory / "config"),
            "IPYTHONDIR": str(directory / "ipython"),
        }

    def start(self, *, healthy: bool = True) -> "JupyterServer":
        command = [
            *self.prefix,
            *(sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root"),
            *("--ServerApp.port=0", "--ServerApp.ip=127.0.0.1"),
            f"--ServerApp.root_dir={self.root}",
            f"--ServerApp.base_url={self.base_url}",
            *("--ServerApp.jpserver_extensions", "jupyter_node_deploy=True"),
            *self.options,
        ]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=self.env | {"JUPYTER_TOKEN": TOKEN}
            )
        info = self.directory / "runtime" / f"jpserver-{self.process.pid}.json"
        for step in (info.exists, lambda: self._read_url(info), lambda: self._answers(healthy)):
            until(partial(self._reached, step), self.log_end, seconds=150, pause=0.05)
        return self

    def stop(self) -> None:
        """Stop as Ctrl-C does."""
        if self.process is not None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
            self.process = None

    def kill(self) -> None:
        """Stop as a power cut does."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        self.process = None

    def request(
        self, method: str, path: str, body: Any = None, token: str | None = TOKEN, **kwargs: Any
    ) -> requests.Response:
        """Ask the control API."""
        headers = kwargs.pop("headers", {})
        if token is not None:
            headers["Authorization"] = f"token {token}"
        if body is not None:
            kwargs["json"] = body
        url = self.url + PREFIX + path
        timeout = kwargs.pop("timeout", 100)
        return requests.request(method, url, headers=headers, timeout=timeout, **kwargs)

    def jupyter(self, method: str, path: str, body: Any = None) -> requests.Response:
        """Ask Jupyter's own API."""
        headers = {"Authorization": f"token {self.token}"}
        return requests.request(method, self.url + path, json=body, headers=headers, timeout=60)

    def session_count(self) -> int:
        """Return how many notebooks are open."""
        return len(self.jupyter("GET", "api/sessions").json())

    def cli(self, *arguments: str, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """Run ``jupyter node …`` as the user."""
        return subprocess.run(
            [sys.executable, "-m", "jupyter_node_deploy.cli", *arguments],
            env=self.env,
            capture_output=True,
            text=True,
            check=False,
            cwd=self.root,
            **({"stdin": subprocess.DEVNULL} if stdin is None else {"input": stdin}),
        )

    def node(self, *arguments: str, stdin: str | None = None) -> Any:
        """Run a command that must succeed, with ``--json``; return what it prints, decoded."""
        done = self.cli(*arguments, "--json", stdin=stdin)
        assert done.returncode == 0, f"{done.stderr}\n{self.log_end()}"
        return json.loads(done.stdout)

    def log_end(self) -> str:
        return self.log.read_text()[-8000:] if self.log.exists() else ""

    def _read_url(self, info: Path) -> bool:
        try:
            self.url = json.loads(info.read_text())["url"]
        except ValueError:  # half written
            return False
        return True

    def _answers(self, healthy: bool) -> bool:
        try:
            answer = self.request("GET", "health", timeout=5)
        except requests.ConnectionError:
            return False
        return not healthy or answer.status_code == 200

    def _reached(self, step: Callable[[], bool]) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self.log_end()
        return step()


@pytest.fixture
def jupyter(tmp_path: Path) -> Iterator[JupyterServer]:
    """A running server of the test's own."""
    server = JupyterServer(tmp_path / "user").start()
    yield server
    server.stop()


@pytest.fixture
def make_jupyter(tmp_path: Path) -> Iterator[Callable[..., JupyterServer]]:
    """Makes servers that are not started yet."""
    made: list[JupyterServer] = []

    def make(**kwargs: Any) -> JupyterServer:
        made.append(JupyterServer(tmp_path / f"user-{len(made)}", **kwargs))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture(scope="module")
def hub_user(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JupyterServer]:
    """One server for the tests of a module, under a base URL as on JupyterHub."""
    server = JupyterServer(tmp_path_factory.mktemp("hub"), base_url="/user/na.me/").start()
    yield server
    server.stop()
