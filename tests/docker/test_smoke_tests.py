"""What a container has not of this machine is told before a node serves, with what to do."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from ..integration.nodes.conftest import ControlPlane, form
from ..integration.nodes.test_smoke_tests import failed
from ..support.waiting import until_async

#: What a cell uses of this machine, and what is said of it: cause, and advice.
MISSING = {
    "a file": (
        "y = open({place!r}).read()\n",
        ("FileNotFoundError", "choose it among the node's files"),
    ),
    "a program": (
        "import subprocess\ny = subprocess.check_output(['{program}']).decode()\n",
        ("FileNotFoundError", "no program 'report-of-ours'"),
    ),
    "a program of a shell": (
        "import subprocess\ny = subprocess.run('{program}', shell=True, check=True) and 1\n",
        ("CalledProcessError", "no program 'report-of-ours'"),
    ),
    "the network": (
        "import socket\ny = bool(socket.create_connection(('127.0.0.1', {port})))\n",
        ("ConnectionRefusedError", "egress"),
    ),
    "a variable of the server": (
        "import os\ny = os.environ['SHOP_REGION_OF_SERVER']\n",
        ("KeyError", "Add SHOP_REGION_OF_SERVER to the node's environment variables"),
    ),
    "a module that is loaded late": (
        "y = __import__('json' if {here} else 'openpyxl_missing') and 1\n",
        ("ModuleNotFoundError", "Add the package of 'openpyxl_missing'"),
    ),
    "a library": (
        "import ctypes\ny = ctypes.CDLL({library}) and 1\n",
        ("OSError", "libgomp1"),
    ),
    "memory": (
        "import os, signal\ny = 1 if {here} else os.kill(os.getpid(), signal.SIGKILL)\n",
        ("memory was not enough",),
    ),
    "a place to write to": (
        "y = open('/usr/share/written-by-a-cell' if not {here} else '/dev/null', 'w') and 1\n",
        ("Read-only file system", "may write to its working directory and to /tmp only"),
    ),
}


@pytest.mark.parametrize("what", MISSING)
async def test_what_is_missing_in_a_container_is_said(
    plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    cell, said = MISSING[what]
    (tmp_path / "rates.csv").write_text("12")
    program = tmp_path / "report-of-ours"
    program.write_text("#!/bin/sh\necho 1\n")
    program.chmod(0o755)
    monkeypatch.setenv("SHOP_REGION_OF_SERVER", "eu")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with socket.create_server(("127.0.0.1", 0)) as server:
        places = {
            "{place!r}": repr(str(tmp_path / "rates.csv")),
            "{program}": program.name,
            "{port}": str(server.getsockname()[1]),
            "{here}": "__import__('os').path.exists(" + repr(str(program)) + ")",
            "{library}": "'libgomp.so.1' if not __import__('os').path.exists("
            + repr(str(program))
            + ") else None",
        }
        for place, value in places.items():
            cell = cell.replace(place, value)
        checkpoint = await plane.checkpoint(cell)
        created = await plane.nodes.create(form("node", checkpoint, [], ["y:any"]))
        reason = await failed(plane, created.id)
    for one in said:
        assert one in reason
    assert len(await plane.backend.observe(created.id)) == 1
    await plane.nodes.delete(created.id)

    async def gone() -> bool:
        return await plane.backend.observe() == []

    await until_async(gone)


async def test_a_cell_that_works_in_its_container_serves(plane: ControlPlane) -> None:
    checkpoint = await plane.checkpoint("y = [x, 2]\n", {"x": 1})
    created = await plane.nodes.create(form("node", checkpoint, ["x:int"], ["y:any"]))
    node = await plane.nodes.wait(created.id, timeout=60)
    assert node.status == "HEALTHY"
    assert node.warnings == []
    assert (await plane.call(node.id, {"x": 7})).json()["output"] == {"y": [7, 2]}


async def test_another_time_zone_is_told(
    plane: ControlPlane, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "MSK-3")  # of this machine; containers have UTC
    cell = "from datetime import datetime\ny = datetime.fromtimestamp(0).hour\n"
    checkpoint = await plane.checkpoint(cell)
    created = await plane.nodes.create(form("node", checkpoint, [], ["y:int"]))
    node = await plane.nodes.wait(created.id, timeout=60)
    assert [one for one in node.warnings if one.startswith("'y' is 3 in the dry run")]
    assert "time zone" in node.warnings[-1]
