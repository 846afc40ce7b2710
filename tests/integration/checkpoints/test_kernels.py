"""Checkpoints of real kernels with the agent, from the cell to the catalog and back."""

import asyncio
import json
import os
import signal
import sys
import time

import pytest
from sqlalchemy import update

from jupyter_node_deploy.catalog.tables import checkpoints
from jupyter_node_deploy.errors import (
    DataLoss,
    DeadlineExceeded,
    FailedPrecondition,
    NotFound,
    Unavailable,
)
from jupyter_node_deploy.namespace.records import encode

from ...support.waiting import until_async
from .conftest import execute, send


async def value_of(server, kernel: str, expression: str) -> str:
    """Evaluate an expression in a kernel, without a trace."""
    async with server.client(kernel) as client:
        msg_id = send(client, "", silent=True, user_expressions={"value": expression})
        while True:
            reply = await client.get_shell_msg(timeout=60)
            if reply["parent_header"].get("msg_id") == msg_id:
                value = reply["content"]["user_expressions"]["value"]
                return value["data"]["text/plain"] if value["status"] == "ok" else value["ename"]


async def ready(server, kernel: str) -> None:
    await until_async(lambda: server.kernels.get(kernel).agent, "the agent")


async def test_a_cell_becomes_a_checkpoint(server):
    kernel = await server.notebook("work/randomizer.ipynb")
    assert await server.run(kernel, "numbers = [1, 2]\nprint('hi')\nnumbers", "cell-1") == "ok"
    (found,) = await server.checkpoints(1)
    whole = await server.service.get(found.id)
    assert (found.operation, found.status, found.cell_id) == ("Cell run", "ok", "cell-1")
    assert (found.notebook, found.kernel_id) == ("work/randomizer.ipynb", kernel)
    assert found.execution_count == 1
    assert found.size > 0
    assert whole.code == "numbers = [1, 2]\nprint('hi')\nnumbers"
    assert [output["output_type"] for output in whole.outputs] == ["stream", "execute_result"]
    assert [variable.name for variable in whole.variables] == ["numbers"]
    assert await server.service.verify(found.id) == []
    await server.kernels.get(kernel).agent_info(30)
    (status,) = server.service.kernels()
    assert (status.agent, status.error, status.notebook) == (True, None, "work/randomizer.ipynb")


async def test_a_cell_that_raises_becomes_one_too(server):
    kernel = await server.kernel()
    assert await server.run(kernel, "before = 1\n1 / 0") == "error"
    (found,) = await server.checkpoints(1)
    assert found.status == "error"
    whole = await server.service.get(found.id)
    assert whole.outputs[0]["ename"] == "ZeroDivisionError"
    assert "before" in [variable.name for variable in whole.variables]


async def test_values_are_compared_by_what_was_saved(server):
    kernel = await server.kernel()
    setup = "import math\nopen_file = open('/dev/null')\nbig = list(range(100_000))\n"
    setup += "same = {'a': [1]}\ndef f(): return 1"
    assert await server.run(kernel, setup) == "ok"
    assert await server.run(kernel, "big[50_000] = 50_001") == "ok"
    found = await server.checkpoints(2)
    after, before = [
        {variable.name: variable for variable in (await server.service.get(one.id)).variables}
        for one in found
    ]
    assert before["big"].preview == after["big"].preview
    assert before["big"].size == after["big"].size
    assert before["big"].content != after["big"].content
    for name in ("same", "f", "math"):
        assert before[name].content == after[name].content is not None
    assert after["open_file"].content is None


async def test_run_all_gives_each_cell_its_own_state(server):
    kernel = await server.kernel()
    async with server.client(kernel) as client:
        for number in range(5):
            send(client, f"x = {number}\nprint(x)", f"cell-{number}")
        await server.checkpoints(5)
    for number in range(5):
        (found,) = await server.service.list(cell_id=f"cell-{number}")
        whole = await server.service.get(found.id)
        assert whole.outputs[0]["text"] == f"{number}\n"
        assert {v.name: v.example for v in whole.variables}["x"] == number


async def test_only_so_many_are_kept(make_server):
    server = await make_server(keep=3)
    kernel = await server.kernel()
    async with server.client(kernel) as client:
        for number in range(7):
            assert await execute(client, f"x = {number}") == "ok"
    await until_async(lambda: len([e for e in server.events if e["action"] == "created"]) == 7)
    assert [found.first_line for found in await server.service.list()] == [
        "x = 6",
        "x = 5",
        "x = 4",
    ]


async def test_checkpoints_go_on_after_a_restart(server):
    kernel = await server.kernel()
    await server.run(kernel, "x = 1")
    await server.checkpoints(1)
    first = await server.kernels.get(kernel).agent_info(30)
    await server.app.kernel_manager.restart_kernel(kernel)
    await server.run(kernel, "y = 2")
    await server.checkpoints(2)
    await until_async(lambda: server.kernels.get(kernel).agent not in (None, first))
    newest = await server.service.get((await server.service.list())[0].id)
    assert [variable.name for variable in newest.variables] == ["y"]


async def test_checkpoints_go_on_after_the_kernel_was_killed(server):
    kernel = await server.kernel()
    await server.run(kernel, "x = 1")
    await server.checkpoints(1)
    process = server.kernels.get(kernel).process
    os.kill((await server.kernels.get(kernel).agent_info(30)).pid, signal.SIGKILL)
    await until_async(
        lambda: server.kernels.get(kernel).process != process, "the automatic restart"
    )
    await server.run(kernel, "y = 2")
    await server.checkpoints(2)


async def test_a_kernel_that_is_shut_down_at_once_leaves_its_last_checkpoint(server):
    kernel = await server.kernel()
    await ready(server, kernel)
    async with server.client(kernel) as client:
        await execute(client, "x = list(range(50_000))")
        await server.app.kernel_manager.shutdown_kernel(kernel, now=True)
    (found,) = await server.checkpoints(1)
    assert await server.service.verify(found.id) == []


async def test_an_interrupted_cell_becomes_a_checkpoint(server):
    kernel = await server.kernel()
    await ready(server, kernel)
    async with server.client(kernel) as client:
        msg_id = send(client, "import time\nprint('begun', flush=True)\ntime.sleep(600)")
        await until_async(lambda: server.kernels.get(kernel).outputs(msg_id), "the cell to begin")
        await server.app.kernel_manager.interrupt_kernel(kernel)
        (found,) = await server.checkpoints(1)
        assert found.status == "error"
        assert await execute(client, "x = 1") == "ok"
        await server.checkpoints(2)


async def test_forcing_makes_one_at_any_time(server):
    kernel = await server.kernel()
    await server.run(kernel, "x = 1\nprint('out')", "the-cell")
    await server.checkpoints(1)
    forced = await server.service.force(kernel)
    assert (forced.operation, forced.cell_id) == ("Forced", "the-cell")
    assert forced.outputs[0]["text"] == "out\n"
    assert (await server.service.list())[0].id == forced.id
    assert server.events[-1]["id"] == forced.id


async def test_a_busy_kernel_is_named_and_may_be_asked_again(make_server):
    server = await make_server(kernel_timeout=1.0)
    kernel = await server.kernel()
    await ready(server, kernel)
    async with server.client(kernel) as client:
        msg_id = send(client, "import time; time.sleep(600)")
        await until_async(lambda: server.kernels.get(kernel).is_at(msg_id))
        with pytest.raises(DeadlineExceeded, match="busy"):
            await server.service.force(kernel)
        await server.app.kernel_manager.interrupt_kernel(kernel)
        await until_async(lambda: not server.kernels.get(kernel).is_at(msg_id))
    await server.service.force(kernel)


async def test_a_request_dropped_with_the_queue_is_sent_again(server):
    kernel = await server.kernel()
    await ready(server, kernel)
    async with server.client(kernel) as client:
        msg_id = send(client, "import time; time.sleep(1.5); 1 / 0")
        await until_async(lambda: server.kernels.get(kernel).is_at(msg_id))
        assert (await server.service.force(kernel)).operation == "Forced"


async def test_applying_restores_the_variables_and_leaves_a_rollback(server):
    kernel = await server.kernel()
    await server.run(kernel, "x = {'a': [1]}\ny = x['a']")
    (old,) = await server.checkpoints(1)
    await server.run(kernel, "x = None\nz = 3")
    await server.checkpoints(2)
    rollback = await server.service.apply(old.id, kernel)
    assert rollback.operation == "Rollback"
    assert rollback.failures == []
    assert {"x", "y"} <= set(rollback.restored)
    assert await value_of(server, kernel, "x, x['a'] is y") == "({'a': [1]}, True)"
    assert [found.operation for found in await server.service.list()] == [
        "Rollback",
        "Cell run",
        "Cell run",
    ]
    assert not list((server.home.spool / kernel).glob("apply-*"))


async def test_applying_to_a_busy_kernel_changes_nothing_later(make_server):
    server = await make_server(kernel_timeout=1.0)
    kernel = await server.kernel()
    await server.run(kernel, "x = 'old'")
    (old,) = await server.checkpoints(1)
    async with server.client(kernel) as client:
        await execute(client, "x = 'new'")
        msg_id = send(client, "import time; time.sleep(6)")
        await until_async(lambda: server.kernels.get(kernel).is_at(msg_id))
        with pytest.raises(DeadlineExceeded, match="busy"):
            await server.service.apply(old.id, kernel)
        assert await execute(client, "seen = x") == "ok"
    assert await value_of(server, kernel, "seen, x") == "('new', 'new')"


async def test_applying_into_another_python_is_refused(server):
    kernel = await server.kernel()
    await server.run(kernel, "x = 1")
    (old,) = await server.checkpoints(1)
    manifest = json.loads(encode(await server.service.manifest(old.id)))
    manifest["python"]["version"] = "3.1.4"
    await server.catalog.write(
        lambda conn: conn.execute(update(checkpoints).values(manifest=manifest)) and None
    )
    with pytest.raises(FailedPrecondition, match=r"Python 3\.1, .* runs 3\.\d\d"):
        await server.service.apply(old.id, kernel)


async def test_a_corrupted_value_is_named_and_nothing_is_applied(server):
    kernel = await server.kernel()
    await server.run(kernel, "model = list(range(1000))")
    (old,) = await server.checkpoints(1)
    group = (await server.service.manifest(old.id)).groups[0]
    server.service.blobs.path(group.pickle).write_bytes(b"garbage")
    await server.run(kernel, "model = 'new'")
    with pytest.raises(DataLoss, match=f"model: Blob {group.pickle} is corrupted"):
        await server.service.apply(old.id, kernel)
    assert await value_of(server, kernel, "model") == "'new'"


async def test_dead_and_foreign_kernels_are_refused_by_name(server):
    kernel = await server.kernel()
    await server.run(kernel, "x = 1")
    (old,) = await server.checkpoints(1)
    await server.app.kernel_manager.shutdown_kernel(kernel, now=True)
    with pytest.raises(NotFound, match=kernel):
        await server.service.apply(old.id, kernel)
    await until_async(lambda: not (server.home.spool / kernel).exists(), "its directory to go")


def kernelspec(tmp_path, name: str, **spec):
    directory = tmp_path / "specs" / name
    directory.mkdir(parents=True)
    (directory / "kernel.json").write_text(json.dumps({"display_name": name, **spec}))
    return str(directory.parent)


PYTHON = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]


async def test_a_kernel_with_its_own_provisioner_gets_the_agent_too(server, tmp_path):
    specs = kernelspec(
        tmp_path,
        "own",
        argv=PYTHON,
        language="python",
        metadata={"kernel_provisioner": {"provisioner_name": "local-provisioner"}},
    )
    server.app.kernel_spec_manager.kernel_dirs.insert(0, specs)
    kernel = await server.kernel(kernel_name="own")
    await ready(server, kernel)
    await server.run(kernel, "x = 1\nprint('mine')")
    (found,) = await server.checkpoints(1)
    assert (await server.service.get(found.id)).outputs[0]["text"] == "mine\n"
    await server.app.kernel_manager.restart_kernel(kernel)
    first = server.kernels.get(kernel).agent
    await until_async(
        lambda: server.kernels.get(kernel).agent not in (None, first), "the agent again"
    )
    await server.run(kernel, "y = 1")
    await server.checkpoints(2)
    names = "[name for name in globals() if 'node_deploy' in name]"
    assert await value_of(server, kernel, names) == "[]"
    path = "[entry for entry in __import__('sys').path if 'kernel_path' in entry]"
    assert await value_of(server, kernel, path) == "[]"


async def test_an_isolated_interpreter_gets_the_agent_too(server, tmp_path):
    specs = kernelspec(tmp_path, "isolated", argv=[PYTHON[0], "-I", *PYTHON[1:]], language="python")
    server.app.kernel_spec_manager.kernel_dirs.insert(0, specs)
    kernel = await server.kernel(kernel_name="isolated")
    await ready(server, kernel)
    await server.run(kernel, "x = 1")
    await server.checkpoints(1)


ECHO = """
import os
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

class Echo(Kernel):
    implementation = "echo"
    implementation_version = "1"
    banner = ""
    language_info = {"name": "echo", "mimetype": "text/plain", "file_extension": ".txt"}

    async def do_execute(self, code, silent, *args, **kwargs):
        with open(os.environ["SEEN"], "a") as seen:
            seen.write(f"{silent} {code} {os.environ.get('PYTHONPATH')}\\n")
        return {"status": "ok", "execution_count": 1, "payload": [], "user_expressions": {}}

IPKernelApp.launch_instance(kernel_class=Echo)
"""


async def test_a_kernel_that_is_not_python_is_left_alone(server, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    (tmp_path / "echo.py").write_text(ECHO)
    specs = kernelspec(
        tmp_path,
        "echo",
        argv=[sys.executable, str(tmp_path / "echo.py"), "-f", "{connection_file}"],
        language="echo",
        env={"SEEN": str(tmp_path / "seen")},
    )
    server.app.kernel_spec_manager.kernel_dirs.insert(0, specs)
    kernel = await server.kernel(kernel_name="echo")
    assert await server.run(kernel, "hello") == "ok"
    await asyncio.sleep(2)
    assert (tmp_path / "seen").read_text() == "False hello None\n"
    assert not (server.home.spool / kernel).exists()
    assert server.service.kernels() == []
    with pytest.raises(FailedPrecondition, match="not a Python kernel"):
        await server.service.force(kernel)


OLD_KERNEL = """
import collections
import sys

from ipykernel import kernelapp

Version = collections.namedtuple("Version", "major minor micro releaselevel serial")
sys.version_info = Version(3, 9, 18, "final", 0)
kernelapp.launch_new_instance()
"""


async def test_a_kernel_of_an_older_python_is_named_at_once(server, tmp_path):
    script = tmp_path / "ipykernel_launcher.py"
    script.write_text(OLD_KERNEL)
    argv = [sys.executable, str(script), "-f", "{connection_file}"]
    specs = kernelspec(tmp_path, "old", argv=argv, language="python")
    server.app.kernel_spec_manager.kernel_dirs.insert(0, specs)
    kernel = await server.kernel(kernel_name="old")
    assert await server.run(kernel, "x = 1") == "ok"
    started = time.monotonic()
    with pytest.raises(FailedPrecondition, match=r"it runs Python 3\.9; checkpoints are made of"):
        await server.service.force(kernel)
    assert time.monotonic() - started < 5
    assert "3.9" in server.service.kernels()[0].error
    seen = await value_of(server, kernel, "__import__('os').environ.get('PYTHONPATH')")
    assert seen == repr(os.environ.get("PYTHONPATH"))


async def test_a_data_directory_that_cannot_be_written_to_is_named_at_once(server):
    server.home.spool.rename(server.home.root / "aside")
    server.home.spool.write_text("a file, not a directory")
    kernel = await server.kernel()
    assert await server.run(kernel, "x = 1") == "ok"
    await until_async(lambda: server.service.kernels()[0].error, "the report", seconds=5)
    assert f"it can't write to {server.home.spool}" in server.service.kernels()[0].error
    with pytest.raises(Unavailable, match=r"The data directory can't be written to: .*Not a dir"):
        await server.service.force(kernel)


async def test_the_kernels_hash_seed_is_known_and_not_seen(server, monkeypatch):
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    kernel = await server.kernel()
    await server.run(kernel, "x = hash('tea')")
    (found,) = await server.checkpoints(1)
    seed = (await server.service.manifest(found.id)).python.hash_seed
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", "print(hash('tea'))"),
        env={**os.environ, "PYTHONHASHSEED": str(seed)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert (await child.communicate())[0].decode().strip() == await value_of(server, kernel, "x")
    seen = "__import__('os').environ.get('PYTHONHASHSEED')"
    assert await value_of(server, kernel, seen) == "None"


async def test_autosave_makes_one_when_the_kernel_is_idle(make_server):
    server = await make_server(mode="autosave", autosave_idle=0.5)
    kernel = await server.kernel()
    async with server.client(kernel) as client:
        for number in range(5):
            send(client, f"x = {number}\nprint(x)", f"cell-{number}")
        (found,) = await server.checkpoints(1)
    whole = await server.service.get(found.id)
    assert whole.operation == "Cell run"
    assert (whole.cell_id, whole.outputs[0]["text"]) == ("cell-4", "4\n")
    await asyncio.sleep(3)
    assert len(await server.service.list()) == 1, "nothing has changed since"
    await server.run(kernel, "y = 1")
    await server.checkpoints(2)


async def test_the_mode_changes_in_running_kernels(make_server):
    server = await make_server(autosave_idle=600.0)
    kernel = await server.kernel()
    await server.run(kernel, "x = 1")
    await server.checkpoints(1)
    await server.service.set_mode("autosave")

    async def follows():
        return (await server.kernels.get(kernel).ask({"do": "ping"}, patience=30))[
            "mode"
        ] == "autosave"

    await until_async(follows)
    await server.run(kernel, "x = 2")
    forced = await server.service.force(kernel)
    assert (await server.checkpoints(2))[0].id == forced.id
    other = await server.kernel()
    await server.run(other, "x = 3")
    await server.service.set_mode("standard")

    async def returns():
        kernels = [server.kernels.get(name) for name in (kernel, other)]
        modes = [(await live.ask({"do": "ping"}, patience=30))["mode"] for live in kernels]
        return modes == ["standard", "standard"]

    await until_async(returns)
    await server.run(other, "x = 4")
    found = await server.checkpoints(3)
    assert found[0].first_line == "x = 4"


async def test_a_kernel_without_room_on_its_disk_is_reported_and_goes_on(server):
    kernel = await server.kernel()
    await server.run(kernel, "x = 1")
    await server.checkpoints(1)
    limit = (
        "import resource\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400, resource.RLIM_INFINITY))\n"
        "big = list(range(10_000))"
    )
    assert await server.run(kernel, limit) == "ok"
    await until_async(lambda: server.service.kernels()[0].error, "the report")
    await until_async(
        lambda: any(event["action"] == "failed" for event in server.events), "the event"
    )
    roomy = "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)"
    assert await server.run(kernel, roomy) == "ok"
    found = (await server.checkpoints(2))[0]
    assert "big" in [v.name for v in (await server.service.get(found.id)).variables if not v.reason]
    await until_async(lambda: server.service.kernels()[0].error is None, "the report to go")
