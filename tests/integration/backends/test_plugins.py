"""A Jupyter server whose instances run on a backend of another package."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tests.integration.conftest import JupyterServer
from tests.support.backend_plugin import install
from tests.support.waiting import until

MakeJupyter = Callable[..., JupyterServer]


def start(make: MakeJupyter, site: Path, *, healthy: bool) -> JupyterServer:
    options = ("--NodeDeployApp.backend=tiny", "--Tiny.why=It is tiny.")
    server = make(options=options)
    server.env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(site), os.getenv("PYTHONPATH")]))
    return server.start(healthy=healthy)


def test_it_runs_there(make_jupyter: MakeJupyter, tmp_path: Path) -> None:
    install(tmp_path)
    server = start(make_jupyter, tmp_path, healthy=True)
    health = server.request("GET", "health").json()
    assert (health["backend"], health["missing"]) == ("tiny", {"docker": "It is tiny."})
    assert server.request("GET", "gateway").json()["kind"] == "process"


def test_one_that_is_broken_leaves_jupyter_as_it_is(
    make_jupyter: MakeJupyter, tmp_path: Path
) -> None:
    install(tmp_path, "raise SystemExit('no licence')\n")
    server = start(make_jupyter, tmp_path, healthy=False)
    until(lambda: "did not start" in server.request("GET", "health").text)
    answer = server.request("GET", "health")
    assert answer.status_code == 503
    assert "The backend 'tiny' can't be imported" in answer.json()["message"]
    assert "no licence" in answer.json()["message"]
    assert server.jupyter("POST", "api/kernels").status_code == 201
