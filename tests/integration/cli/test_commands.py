"""The command line against a real server, and without one."""

import json
import signal
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from jupyter_node_deploy.lock import is_held

from ...support.waiting import until

# Many commands and servers one after the other, on machines that may be busy.
pytestmark = pytest.mark.timeout(400)


def write(path: Path, *cells: str) -> str:
    notebook = new_notebook(
        cells=[new_code_cell(source, id=f"c{number}") for number, source in enumerate(cells, 1)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, path)
    return str(path)


@pytest.fixture
def double(hub_user: Any) -> str:
    return write(hub_user.root / "double.ipynb", "x = 2", "y = x * 2\ny")


def failed(server: Any, *arguments: str, stdin: str | None = None) -> dict[str, Any]:
    """Run a command that must fail; return the error that it tells as JSON."""
    done = server.cli(*arguments, "--json", stdin=stdin)
    assert done.returncode == 1, done.stdout
    assert done.stdout == ""
    error: dict[str, Any] = json.loads(done.stderr.strip().splitlines()[-1])
    return error


def ended(pid: int) -> bool:
    """Whether a process has ended; its parent need not have taken notice."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def test_the_life_of_a_node(hub_user: Any, double: str, tmp_path: Path) -> None:
    server = hub_user
    node = server.node("deploy", double, "--cell", "2", "--name", "life", "--description", "Twice")
    assert (node["status"], node["description"]) == ("HEALTHY", "Twice")
    assert node["execute_url"].endswith(f"/v1/nodes/{node['id']}:execute")

    assert "life" in server.cli("list").stdout
    assert node["execute_url"] in server.cli("show", "life").stdout
    answer = {"output": {"y": 42}}
    assert server.node("execute", "life", '{"x": 21}') == answer
    assert server.node("execute", node["id"], stdin='{"x": 21}') == answer
    (tmp_path / "input.json").write_text('{"x": 21}')
    assert server.node("execute", "life", f"@{tmp_path / 'input.json'}") == answer
    assert failed(server, "execute", "life", '{"x": "a"}')["code"] == 3
    assert failed(server, "execute", "life", "{")["code"] == 3

    error = failed(server, "deploy", double, "--cell", "2", "--name", "life")
    assert error["code"] == 6
    assert "--update" in error["message"]

    triple = write(server.root / "triple.ipynb", "x = 2", "y = x * 3\ny")
    server.node("update", "life", "--maintenance-limit", "2")
    updated = server.node("deploy", triple, "--cell", "c2", "--name", "life", "--update")
    assert (updated["id"], updated["revision"], updated["status"]) == (node["id"], 3, "HEALTHY")
    assert updated["provisioning"]["maintenance_limit"] == 2
    assert server.node("execute", "life", '{"x": 21}') == {"output": {"y": 63}}
    assert [r["number"] for r in server.node("revisions", "life")["revisions"]] == [3, 2, 1]

    back = server.node("rollback", "life", "--revision", "1")
    assert (back["status"], back["revision"]) == ("HEALTHY", 1)
    assert server.node("execute", "life", '{"x": 21}') == answer
    back = server.node("update", "life", "--description", "As before")
    assert back["description"] == "As before"
    assert server.node("execute", "life", '{"x": 21}') == answer

    scaled = write(
        server.root / "scaled.ipynb", "scale = 5", "y = scale * len(open('n.txt').read())\ny"
    )
    (server.root / "n.txt").write_text("abc")
    told = server.cli("update", "life", scaled, "--cell", "2")
    assert "The inputs are now scale:int; they were x:int." in told.stderr
    assert "The outputs" not in told.stderr
    assert server.node("execute", "life", "{}") == {"output": {"y": 15}}
    server.node("rollback", "life", "--revision", "1")

    slower = server.node("update", "life", "--request-timeout", "7")
    assert slower["cell"]["timeout"] == 7
    assert slower["status"] == "HEALTHY"

    assert server.node("suspend", "life")["status"] == "SUSPENDED"
    assert failed(server, "execute", "life", '{"x": 21}')["code"] in (9, 14)
    assert server.node("resume", "life")["status"] == "HEALTHY"
    assert server.node("execute", "life", '{"x": 21}') == answer

    archive = tmp_path / "bundle.tar.gz"
    server.node("export", "life", "--output", str(archive))
    with tarfile.open(archive) as bundle:
        names = {Path(name).name for name in bundle.getnames()}
    assert {"node.json", "cell.py", "requirements.txt"} <= names

    assert server.cli("logs", "life", "--tail", "5").returncode == 0
    assert server.cli("delete", "life", "--yes").returncode == 0
    assert failed(server, "show", node["id"], "--wait", "30")["code"] == 5


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Let processes be interrupted also where the tests are a background job, which ignores it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("interruptible")
def test_a_log_can_be_followed(hub_user: Any, double: str) -> None:
    node = hub_user.node("deploy", double, "--cell", "2", "--name", "followed")
    command = [sys.executable, "-m", "jupyter_node_deploy.cli", "logs", "--follow", "followed"]
    with subprocess.Popen(command, env=hub_user.env, stdout=subprocess.PIPE, text=True) as follower:
        assert follower.stdout is not None
        hub_user.node("execute", node["id"], '{"x": 1}')
        for line in follower.stdout:
            if ":execute" in line:
                break
        follower.send_signal(signal.SIGINT)
        assert follower.wait(30) == 130
    assert hub_user.node("execute", node["id"], '{"x": 1}') == {"output": {"y": 2}}


def test_a_cell_that_raises_is_shown_with_its_traceback(hub_user: Any) -> None:
    notebook = write(hub_user.root / "broken.ipynb", "def f():\n    return 1 / 0", "f()", "z = 1")
    done = hub_user.cli("deploy", notebook, "--cell", "3", "--name", "broken")
    assert done.returncode == 1
    assert "Cell 2 (c2): The cell raised ZeroDivisionError" in done.stderr
    assert "return 1 / 0" in done.stderr
    assert not hub_user.session_count()


def test_a_failure_of_the_dry_run_creates_and_pins_nothing(hub_user: Any) -> None:
    notebook = write(
        hub_user.root / "lock.ipynb",
        "import sqlite3\nl = sqlite3.connect(':memory:')",
        "y = 1 if l else 2\ny",
    )
    before = hub_user.node("checkpoint", "list", "--pinned")["checkpoints"]
    error = failed(hub_user, "deploy", notebook, "--cell", "2", "--name", "locked")
    assert "l" in error["message"]
    assert hub_user.node("checkpoint", "list", "--pinned")["checkpoints"] == before
    assert failed(hub_user, "show", "locked")["code"] == 5


def test_a_cell_that_asks_for_input_needs_a_terminal(hub_user: Any) -> None:
    notebook = write(hub_user.root / "asks.ipynb", "name = input('Who? ')")
    error = failed(hub_user, "deploy", notebook, "--cell", "1", "--name", "asks")
    assert "Who?" in error["message"]
    assert not hub_user.session_count()


def test_a_notebook_outside_of_the_servers_root(hub_user: Any, tmp_path: Path) -> None:
    (tmp_path / "values.txt").write_text("7")
    notebook = write(tmp_path / "out.ipynb", "n = int(open('values.txt').read())", "m = n + 1\nm")
    # What was read from a file is state, unless it is asked for.
    node = hub_user.node("deploy", notebook, "--cell", "2", "--name", "outside", "--input", "n")
    assert hub_user.node("execute", node["id"], '{"n": 1}') == {"output": {"m": 2}}


def test_a_kernel_that_can_write_no_checkpoint_says_why(hub_user: Any) -> None:
    limit = (
        "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400, resource.RLIM_INFINITY))\n"
        "big = list(range(100_000))"
    )
    notebook = write(hub_user.root / "full.ipynb", limit, "y = sum(big)\ny")
    error = failed(hub_user, "deploy", notebook, "--cell", "2", "--name", "full")
    assert "The cell ran, but left no checkpoint." in error["message"]
    assert "File too large" in error["message"]
    assert not hub_user.session_count()


def test_another_kernel_than_the_notebooks(hub_user: Any) -> None:
    path = hub_user.root / "kernels.ipynb"
    notebook = write(path, "x = 2", "y = x * 2\ny")
    content = json.loads(path.read_text())
    content["metadata"]["kernelspec"]["name"] = "gone"
    path.write_text(json.dumps(content))
    error = failed(hub_user, "deploy", notebook, "--cell", "2", "--name", "chosen")
    assert "names the kernel 'gone'" in error["message"]
    assert "python3" in error["message"]
    node = hub_user.node(
        "deploy", notebook, "--cell", "2", "--name", "chosen", "--kernel", "python3", "--no-wait"
    )
    content["metadata"]["kernelspec"] = None
    path.write_text(json.dumps(content))
    hub_user.node("update", node["id"], notebook, "--cell", "2")
    assert hub_user.node("execute", node["id"], '{"x": 3}') == {"output": {"y": 6}}


def test_what_is_refused_is_refused_before_the_notebook_runs(hub_user: Any) -> None:
    ran = hub_user.root / "ran"
    notebook = write(hub_user.root / "Расчёт.ipynb", f"open({str(ran)!r}, 'w').close()\ny = 1")
    error = failed(hub_user, "deploy", notebook, "--cell", "1", "--name", "Расчёт")
    assert "begins with a letter" in error["message"]
    assert "raschyot" in error["message"]
    error = failed(hub_user, "deploy", notebook, "--cell", "1", "--folder", "gone")
    assert "gone" in error["message"]
    assert not ran.exists()
    assert hub_user.node("deploy", notebook, "--cell", "1", "--no-wait")["name"] == "raschyot"


def test_an_open_notebook_is_left_alone(hub_user: Any, double: str) -> None:
    session = hub_user.jupyter(
        "POST",
        "api/sessions",
        {"path": "double.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}},
    ).json()
    hub_user.node("deploy", double, "--cell", "2", "--name", "beside")
    kernels = hub_user.jupyter("GET", "api/kernels").json()
    assert [kernel["id"] for kernel in kernels] == [session["kernel"]["id"]]
    hub_user.jupyter("DELETE", f"api/sessions/{session['id']}")


def test_checkpoints(hub_user: Any, double: str) -> None:
    hub_user.node("deploy", double, "--cell", "2", "--name", "checked")
    listed = hub_user.node("checkpoint", "list", "--pinned")["checkpoints"]
    pinned = next(item for item in listed if item["name"] == "checked-1")
    shown = hub_user.node("checkpoint", "show", "checked-1")
    assert shown["id"] == pinned["id"]
    assert shown["notebook"] == "double.ipynb"
    assert {variable["name"] for variable in shown["variables"]} == {"x", "y"}
    assert "y = x * 2" in hub_user.cli("checkpoint", "show", "checked-1").stdout
    hub_user.node("checkpoint", "rename", "checked-1", "a: b/ü")
    suggestion = hub_user.node("checkpoint", "suggest", "a: b/ü")
    assert suggestion["input"] == {"x": 2}
    assert not hub_user.node("checkpoint", "unpin", "a: b/ü")["pinned"]
    hub_user.node("checkpoint", "delete", pinned["id"], "--yes")
    assert failed(hub_user, "checkpoint", "show", pinned["id"])["code"] == 5


def test_checkpoints_of_a_running_kernel(hub_user: Any, double: str) -> None:
    hub_user.node("deploy", double, "--cell", "2", "--name", "applied")
    session = hub_user.jupyter(
        "POST",
        "api/sessions",
        {"path": "open.ipynb", "name": "", "type": "notebook", "kernel": {"name": "python3"}},
    ).json()
    applied = hub_user.node("checkpoint", "apply", "applied-1", "open.ipynb", "--yes")
    assert applied["operation"] == "Rollback"
    forced = hub_user.node("checkpoint", "force", session["kernel"]["id"])
    assert forced["operation"] == "Forced"
    assert {variable["name"] for variable in forced["variables"]} == {"x", "y"}
    hub_user.jupyter("DELETE", f"api/sessions/{session['id']}")


def test_folders_tokens_aliases_and_secrets(hub_user: Any, double: str) -> None:
    server = hub_user
    folder = server.node("folder", "create", "partners")
    node = server.node("deploy", double, "--cell", "2", "--name", "shared", "--acl", "partners")
    assert node["acl"] == [folder["id"]]
    issued = server.node("token", "create", "--folder", "partners", "--ttl", "30m")
    assert issued["folder"] == folder["id"]
    assert server.node("token", "revoke", issued["id"])["revoked_at"]
    assert issued["id"] in server.cli("token", "list").stdout

    alias = server.node("alias", "create", "stable", "shared:90", "--acl", "partners")
    assert alias["targets"] == [{"node": node["id"], "weight": 90}]
    changed = server.node("alias", "update", "stable", "shared:10")
    assert changed["targets"] == [{"node": node["id"], "weight": 10}]
    server.node("alias", "delete", "stable", "--yes")

    server.node("secret", "put", "registry", stdin="hush-hush\n")
    assert "hush-hush" not in server.cli("secret", "list").stdout
    server.node("secret", "delete", "registry", "--yes")
    assert failed(server, "folder", "delete", "partners", "--yes")["code"] == 9


def test_a_server_that_is_named(hub_user: Any) -> None:
    done = hub_user.cli("list", "--json", "--server", hub_user.url, "--token", "wrong")
    assert done.returncode == 1
    assert json.loads(done.stderr)["code"] == 16
    own = hub_user.node("server", "status", "--server", hub_user.url)
    assert own["pid"] == hub_user.process.pid
    hub_user.node("list", "--server", hub_user.url.rstrip("/"))


def test_gateway_status(hub_user: Any) -> None:
    status = hub_user.node("gateway", "status")
    assert status["running"]
    assert status["url"] in hub_user.cli("gateway", "status").stdout


class TestWithoutAServer:
    @pytest.fixture
    def user(self, make_jupyter: Callable[..., Any]) -> Iterator[Any]:
        user = make_jupyter()
        yield user
        user.cli("server", "stop", "--yes")

    def test_one_is_started_and_stopped(self, user: Any) -> None:
        assert user.node("server", "status") == {"running": False}
        first = user.cli("token", "create")
        assert first.returncode == 0, first.stderr
        assert first.stdout.count(".") == 2
        assert "starting one in the background" in first.stderr
        assert "jupyter node server stop" in first.stderr
        status = user.node("server", "status")
        assert status["running"]
        second = user.cli("token", "create")
        assert second.stderr == ""
        assert user.node("server", "status")["pid"] == status["pid"]
        gateway = user.data_dir / "gateway" / "haproxy" / "lock"
        assert is_held(gateway)
        assert user.cli("server", "stop", "--yes").returncode == 0
        assert ended(status["pid"])
        assert not is_held(gateway)
        assert user.node("server", "status") == {"running": False}


def test_a_server_with_a_password_is_told_of_and_none_started_beside_it(
    make_jupyter: Callable[..., Any],
) -> None:
    from jupyter_server.auth.security import passwd

    options = [
        "--IdentityProvider.token=",
        f"--PasswordIdentityProvider.hashed_password={passwd('secret')}",
    ]
    user = make_jupyter(options=options).start(healthy=False)
    until(lambda: is_held(user.data_dir / "reconciler.lock"))
    for words in (["list"], ["server", "start"], ["server", "status"]):
        done = user.cli(*words)
        assert done.returncode != 0
        assert "asks for a password" in done.stderr
        assert user.url in done.stderr
    assert not (user.data_dir / "server.log").exists()


def test_the_checkpoint_of_the_run_that_a_cell_shows(hub_user: Any) -> None:
    path = write(hub_user.root / "shown.ipynb", "x = 20", "y = x * 2\ny")
    error = failed(hub_user, "checkpoint", "find", path, "--cell", "2")
    assert "no checkpoint of the run" in error["message"]
    hub_user.node("deploy", path, "--cell", "2", "--name", "shown")
    found = hub_user.node("checkpoint", "find", path, "--cell", "2")
    assert {one["name"]: one["example"] for one in found["variables"]}["y"] == 40
    copy = write(hub_user.root / "copy.ipynb", "x = 20", "y = x * 2\ny")
    assert failed(hub_user, "checkpoint", "find", copy, "--cell", "2")["code"] == 5
    listed = hub_user.cli("checkpoint", "list", "--cell", "c2", "--kernel", found["kernel_id"])
    assert found["id"] in listed.stdout
    assert "kept" in listed.stdout
