"""What is seen of a kernel from outside; the cells write their checkpoints by hand."""

import asyncio

import pytest

from jupyter_node_deploy.checkpoints.provisioner import AgentProvisioner

from .conftest import send, until

#: Writes a manifest as the agent would, from inside the cell.
CELL = """
import json, os, time
def checkpoint(id):
    directory = {spool!r} + "/" + {kernel!r}
    os.makedirs(directory, exist_ok=True)
    parent = get_ipython().kernel.get_parent("shell")["header"]
    data = dict(format=1, id=id, kernel_id={kernel!r}, msg_id=parent["msg_id"],
        operation="Cell run", code="cell " + id, created_at=time.time(),
        python=dict(executable="x", version="3.11.7"), cell=dict(source=""))
    with open(directory + "/part", "w") as file:
        json.dump(data, file)
    os.rename(directory + "/part", directory + "/" + id + ".json")
"""


@pytest.fixture
async def plain(server):
    """A kernel without an agent, with ``checkpoint(id)`` in its namespace."""
    AgentProvisioner.uninstall()
    kernel = await server.kernel()
    await server.run(kernel, CELL.format(spool=str(server.home.spool), kernel=kernel))
    return kernel


async def test_outputs_of_a_cell_come_with_its_checkpoint(server, plain):
    code = (
        "import sys\n"
        "from IPython.display import display, clear_output\n"
        "print('never seen'); clear_output()\n"
        "for n in range(3): print(n)\n"
        "print('oh', file=sys.stderr)\n"
        "handle = display('one', display_id=True); handle.update('two')\n"
        "checkpoint('aa')\n"
        "41 + 1"
    )
    assert await server.run(plain, code) == "ok"
    await server.checkpoints(1)
    outputs = (await server.service.get("aa")).outputs
    assert outputs == [
        {"output_type": "stream", "name": "stdout", "text": "0\n1\n2\n"},
        {"output_type": "stream", "name": "stderr", "text": "oh\n"},
        {"output_type": "display_data", "data": {"text/plain": "'two'"}, "metadata": {}},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "42"},
            "metadata": {},
            "execution_count": 2,
        },
    ]
    assert [event["action"] for event in server.events] == ["created"]
    assert not list((server.home.spool / plain).glob("aa*"))


async def test_a_cell_that_raises_keeps_its_traceback(server, plain):
    assert await server.run(plain, "checkpoint('aa')\nprint('before')\n1 / 0") == "error"
    await server.checkpoints(1)
    outputs = (await server.service.get("aa")).outputs
    assert outputs[0]["text"] == "before\n"
    assert outputs[1]["ename"] == "ZeroDivisionError"
    assert outputs[1]["traceback"]


async def test_each_cell_of_a_queue_has_its_own_outputs(server, plain):
    async with server.client(plain) as client:
        for number in range(8):
            send(client, f"checkpoint('c{number}'); print({number})")
        await server.checkpoints(8)
    for number in range(8):
        outputs = (await server.service.get(f"c{number}")).outputs
        assert [output["text"] for output in outputs] == [f"{number}\n"]


async def test_a_flood_of_output_is_cut_and_does_not_stop_the_server(make_server, home):
    server = await make_server(output_limit=10_000)
    AgentProvisioner.uninstall()
    kernel = await server.kernel()
    await server.run(kernel, CELL.format(spool=str(home.spool), kernel=kernel))
    flood = (
        "import sys\n"
        "for n in range(20_000): print('x' * 50); sys.stdout.flush()\n"
        "display({'text/plain': 'y' * 1_000_000}, raw=True)\n"
        "checkpoint('aa')"
    )
    assert await server.run(kernel, flood) == "ok"
    await server.checkpoints(1)
    outputs = (await server.service.get("aa")).outputs
    assert sum(len(output["text"]) for output in outputs) < 11_000
    assert "are not kept in the checkpoint" in outputs[-1]["text"]
    await server.run(kernel, "checkpoint('bb'); print('after')")
    await server.checkpoints(2)
    assert (await server.service.get("bb")).outputs[0]["text"] == "after\n"


async def test_a_killed_kernel_leaves_its_checkpoint_with_the_outputs_so_far(server, plain):
    async with server.client(plain) as client:
        # What the process has not sent when it dies can't be known; so it gets a moment.
        code = (
            "print('so far', flush=True); time.sleep(1); checkpoint('aa'); os.kill(os.getpid(), 9)"
        )
        send(client, code)
        await server.checkpoints(1)
    assert (await server.service.get("aa")).outputs[0]["text"] == "so far\n"
    # The server restarts it; the listener follows.
    manager = server.app.kernel_manager.get_kernel(plain)

    async def answers():
        return await manager.is_alive() and (
            await asyncio.wait_for(
                server.run(plain, CELL.format(spool=str(server.home.spool), kernel=plain)), 30
            )
            == "ok"
        )

    await until(answers, "the restart")
    await server.run(plain, "checkpoint('bb'); print('again')")
    await server.checkpoints(2)
    assert (await server.service.get("bb")).outputs[0]["text"] == "again\n"


async def test_bad_files_do_not_block_the_others(server, plain):
    directory = server.home.spool / plain
    directory.mkdir(exist_ok=True)
    (directory / "bad.json").write_text('{"half')
    await server.run(plain, "checkpoint('aa')")
    await server.checkpoints(1)
    await until(lambda: not (directory / "bad.json").exists())
    assert (server.home.spool / "rejected" / f"{plain}-bad.json").exists()


async def test_checkpoints_follow_the_notebook(server):
    AgentProvisioner.uninstall()
    kernel = await server.notebook("first.ipynb")
    await server.run(kernel, CELL.format(spool=str(server.home.spool), kernel=kernel))
    await server.run(kernel, "checkpoint('aa')")
    await server.checkpoints(1, notebook="first.ipynb")
    sessions = server.app.session_manager
    session = (await sessions.list_sessions())[0]
    await sessions.update_session(session["id"], path="dir/second.ipynb")
    await server.checkpoints(1, notebook="dir/second.ipynb")
    await server.run(kernel, "checkpoint('bb')")
    assert len(await server.checkpoints(2, notebook="dir/second.ipynb")) == 2
    actions = [(event["action"], event["notebook"]) for event in server.events]
    assert actions == [
        ("created", "first.ipynb"),
        ("changed", "dir/second.ipynb"),
        ("created", "dir/second.ipynb"),
    ]


async def test_kernels_that_run_already_are_attached(make_server, jp_serverapp):
    kernel = str(await jp_serverapp.kernel_manager.start_kernel())
    server = await make_server()
    await server.run(kernel, CELL.format(spool=str(server.home.spool), kernel=kernel))
    await server.run(kernel, "checkpoint('aa'); print('there')")
    await until(server.service.list)
    assert (await server.service.get("aa")).outputs[0]["text"] == "there\n"


async def test_encrypted_kernels_are_heard(server):
    AgentProvisioner.uninstall()
    server.app.kernel_manager.transport_encryption = "auto"
    try:
        kernel = await server.kernel()
    finally:
        server.app.kernel_manager.transport_encryption = "disabled"
    assert server.app.kernel_manager.get_kernel(kernel).curve_publickey
    await server.run(kernel, CELL.format(spool=str(server.home.spool), kernel=kernel))
    await server.run(kernel, "checkpoint('aa'); print('secret')")
    await server.checkpoints(1)
    assert (await server.service.get("aa")).outputs[0]["text"] == "secret\n"
