"""The processes of an instance: who starts, dies, and is replaced with whom."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ...support.waiting import until
from .conftest import Served, variable

Make = Callable[..., Path]
Serve = Callable[..., Served]
Check = Callable[..., dict[str, Any]]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_kill_of_the_front_leaves_nothing(
    make_bundle: Make, serve: Serve, isolation: str, tmp_path: Path
) -> None:
    cell = "open(mark, 'w').close()\nwhile True:\n    pass"
    bundle = make_bundle(cell, [variable("mark")], [variable("y")], isolation=isolation)
    node = serve(bundle, "--workers", "2")
    node.send({"mark": str(tmp_path / "mark")})  # one worker busy, one idle
    until((tmp_path / "mark").exists)
    # With isolation `request` each worker has a child: one runs, one waits.
    until(lambda: len(node.processes()) == (6 if isolation == "request" else 4))
    processes = node.processes()
    node.process.kill()
    until(lambda: not any(alive(pid) for pid in processes))


def test_killed_worker_is_replaced(make_bundle: Make, serve: Serve) -> None:
    node = serve(make_bundle("import os\ny = os.getpid()", [], [variable("y")]))
    pid = node.post({}).json()["y"]
    os.kill(pid, signal.SIGKILL)
    until(lambda: node.stats()["workers"][0]["pid"] not in (pid, None))
    assert node.post({}).json()["y"] != pid
    assert 'worker_restarts_total{reason="crash"} 1' in node.get("/metrics").text


def test_killed_zygote_is_replaced(make_bundle: Make, serve: Serve) -> None:
    node = serve(make_bundle("import os\ny = os.getppid()", [], [variable("y")]))
    zygote = node.post({}).json()["y"]
    os.kill(zygote, signal.SIGKILL)
    until(lambda: not alive(zygote))
    until(lambda: (got := node.post({})).status_code == 200 and got.json()["y"] != zygote)


#: A process in a session of its own, without our environment: by itself, or left by its parent.
_APART = """
import os, subprocess, time
if orphan:
    line = f"echo $$ > {place}.part; mv {place}.part {place}; exec sleep 600"
    command = ['sh', '-c', 'setsid sh -c "$0" > /dev/null 2>&1 &', line]
    subprocess.run(command, env={'PATH': '/bin:/usr/bin'})
else:
    command = ['sleep', '600']
    process = subprocess.Popen(command, env={'PATH': '/bin:/usr/bin'}, start_new_session=True)
    with open(place + '.part', 'w') as file:
        file.write(str(process.pid))
    os.replace(file.name, place)
while not os.path.exists(place):
    time.sleep(0.01)
while ends == 'late':
    time.sleep(1)
if ends == 'hard':
    os._exit(3)
y = 1
"""


def started(place: Path) -> int:
    until(place.exists)
    return int(place.read_text())


@pytest.mark.parametrize("orphan", [False, True])
@pytest.mark.parametrize("isolation", ["shared", "request"])
def test_what_a_cell_started_ends_with_the_instance(
    make_bundle: Make, serve: Serve, tmp_path: Path, orphan: bool, isolation: str
) -> None:
    names = [variable(name) for name in ("orphan", "place", "ends")]
    node = serve(make_bundle(_APART, names, [variable("y")], isolation=isolation))
    place = tmp_path / "pid"
    node.post({"orphan": orphan, "place": str(place), "ends": ""})
    pid = started(place)

    assert node.stop() == 0

    until(lambda: not alive(pid), seconds=5)


@pytest.mark.parametrize("ends", ["late", "hard"])
def test_what_a_cell_started_ends_with_its_worker(
    make_bundle: Make, serve: Serve, tmp_path: Path, ends: str
) -> None:
    names = [variable(name) for name in ("orphan", "place", "ends")]
    node = serve(make_bundle(_APART, names, [variable("y")], timeout=1, isolation="shared"))
    places = [tmp_path / "one", tmp_path / "other"]

    node.post({"orphan": False, "place": str(places[0]), "ends": ends})

    pid = started(places[0])
    until(lambda: not alive(pid), seconds=5)
    node.post({"orphan": True, "place": str(places[1]), "ends": ""})
    pid = started(places[1])
    assert alive(pid)
    assert node.stop() == 0
    until(lambda: not alive(pid), seconds=5)


def test_what_a_cell_started_ends_with_the_dry_run(
    make_bundle: Make, check: Check, tmp_path: Path
) -> None:
    place = tmp_path / "pid"
    bundle = make_bundle(
        _APART, [variable("orphan"), variable("place"), variable("ends")], [variable("y")]
    )
    assert check(bundle, {"orphan": True, "place": str(place), "ends": ""})["ok"]
    pid = started(place)
    until(lambda: not alive(pid), seconds=5)


def test_one_front_per_directory(make_bundle: Make, serve: Serve) -> None:
    bundle = make_bundle("y = 1", [], [variable("y")])
    node = serve(bundle)
    assert int((node.directory / "pid").read_text()) == node.process.pid
    command = [sys.executable, "-m", "jupyter_node_deploy.runtime", str(bundle)]
    command += ["--listen", "127.0.0.1:0", "--directory", str(node.directory)]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 3
    assert "already" in second.stderr
    assert node.post({}).status_code == 200
    assert node.stop() == 0
    assert not (node.directory / "pid").exists()


def test_interrupt_drains_too(make_bundle: Make, serve: Serve) -> None:
    node = serve(make_bundle("y = 1", [], [variable("y")]))
    os.killpg(os.getpgid(node.process.pid), 0)
    node.process.send_signal(signal.SIGINT)
    assert node.process.wait(60) == 0


def test_raw_output_does_not_get_into_the_log(make_bundle: Make, serve: Serve) -> None:
    cell = "import os, subprocess, sys\nos.write(1, b'raw')\nsubprocess.run(['echo', 'raw'])\n"
    cell += "subprocess.run(['echo', 'raw'], stdout=sys.stdout)\ny = 1"
    node = serve(make_bundle(cell, [], [variable("y")]))
    assert node.post({}, x_request_id="r").status_code == 200
    assert "stdout" not in node.logged("r")  # and each line of the log was JSON


def test_no_directory_leaves_nothing_behind(make_bundle: Make, tmp_path: Path) -> None:
    bundle = make_bundle("y = 1", [], [variable("y")])
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    process = subprocess.Popen(
        [sys.executable, "-m", "jupyter_node_deploy.runtime", bundle, "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    log = process.stdout
    assert log is not None
    until(lambda: b'"status":"ready"' in log.readline())
    assert len(list(temporary.iterdir())) == 1
    process.terminate()
    assert process.wait(60) == 0
    log.close()
    assert not list(temporary.iterdir())
