"""A Jupyter server in directories of its own."""

from __future__ import annotations

import copy
import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from ..support.waiting import until

_QUIET = {
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
    }
}


class Server:
    """A Jupyter server; one started again has the port, the token and the data of before.

    Args:
        root: where everything is kept that it writes.
        examples: directory whose notebooks it offers, as copies.
        settings: of ``NodeDeployApp``.
    """

    def __init__(self, root: Path, examples: Path, **settings: str) -> None:
        self.root = root
        self._settings = settings
        self.notebooks = root / "notebooks"
        shutil.copytree(examples, self.notebooks)
        (root / "settings").mkdir()
        (root / "settings" / "overrides.json").write_text(json.dumps(_QUIET))
        self.token = secrets.token_hex(16)
        self._process: subprocess.Popen[bytes] | None = None
        self._take_port()

    def beside(self) -> Server:
        """Return another server of the same home, not yet started."""
        other = copy.copy(self)
        other._process = None
        other._take_port()
        return other

    def _take_port(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def setting(self, plugin: str, values: dict[str, Any]) -> None:
        """Set a plugin's settings as the user does; none puts back the defaults."""
        body = {"raw": json.dumps(values)}
        self._jupyter("PUT", f"lab/api/settings/{plugin}", body).raise_for_status()

    def start(self) -> None:
        """Start it and wait until our extension answers."""
        places = {
            f"JUPYTER_{kind}_DIR": str(self.root / kind.lower())
            for kind in ("DATA", "RUNTIME", "CONFIG")
        }
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "jupyterlab",
                "--no-browser",
                "--allow-root",
                f"--ServerApp.port={self.port}",
                "--ServerApp.port_retries=0",
                "--ServerApp.ip=127.0.0.1",
                f"--ServerApp.root_dir={self.notebooks}",
                f"--IdentityProvider.token={self.token}",
                *(f"--NodeDeployApp.{name}={value}" for name, value in self._settings.items()),
                f"--LabApp.app_settings_dir={self.root / 'settings'}",
                f"--LabApp.user_settings_dir={self.root / 'user_settings'}",
                f"--LabApp.workspaces_dir={self.root / 'workspaces'}",
            ],
            env=os.environ | places,
            stdout=(self.root / "server.log").open("ab"),
            stderr=subprocess.STDOUT,
        )
        until(self._healthy, lambda: (self.root / "server.log").read_text()[-4000:], pause=0.2)

    @property
    def data_dir(self) -> Path:
        """Where our extension keeps what it has."""
        return self.root / "data" / "node_deploy"

    def stop(self) -> None:
        """Stop it as a user does."""
        assert self._process is not None
        self._process.terminate()
        try:
            self._process.wait(30)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def clear(self) -> None:
        """Delete all nodes and checkpoints, and shut the kernels down."""
        for session in self._jupyter("GET", "api/sessions").json():
            self._jupyter("DELETE", f"api/sessions/{session['id']}")
        for node in self.get("nodes").json()["nodes"]:
            self.delete(f"nodes/{node['id']}")
        until(lambda: not self.get("nodes").json()["nodes"], "the nodes to go", pause=0.1)
        for checkpoint in self.get("checkpoints?limit=1000").json()["checkpoints"]:
            self.delete(f"checkpoints/{checkpoint['id']}")

    def get(self, path: str) -> requests.Response:
        """Ask the control API."""
        return self._send("GET", path)

    def delete(self, path: str) -> requests.Response:
        """Delete through the control API."""
        return self._send("DELETE", path)

    def post(self, path: str, body: object = None) -> requests.Response:
        """Send to the control API."""
        return self._send("POST", path, body)

    def put(self, path: str, body: object) -> requests.Response:
        """Set through the control API."""
        return self._send("PUT", path, body)

    def _healthy(self) -> bool:
        try:
            return self.get("health").ok
        except requests.RequestException:
            return False

    def _send(self, method: str, path: str, body: object = None) -> requests.Response:
        return self._jupyter(method, f"jupyter-node-deploy/v1/{path}", body)

    def _jupyter(self, method: str, path: str, body: object = None) -> requests.Response:
        return requests.request(
            method,
            f"{self.url}/{path}",
            headers={"Authorization": f"token {self.token}"},
            json=body,
            timeout=30,
        )
