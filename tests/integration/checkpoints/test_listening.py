"""What is seen of a kernel from outside: outputs, ends of cells, restarts, notebooks."""

from jupyter_node_deploy.checkpoints.provisioner import AgentProvisioner

from ...support.waiting import until_async
from .conftest import send


async def outputs_of_newest(server):
    return (await server.service.get((await server.service.list())[0].id)).outputs


async def test_outputs_of_a_cell_come_with_its_checkpoint(server):
    kernel = await server.kernel()
    code = (
        "import sys\n"
        "from IPython.display import display, clear_output\n"
        "print('never seen'); clear_output()\n"
        "for n in range(3): print(n)\n"
        "print('oh', file=sys.stderr)\n"
        "handle = display('one', display_id=True); handle.update('two')\n"
        "41 + 1"
    )
    assert await server.run(kernel, code) == "ok"
    await server.checkpoints(1)
    assert await outputs_of_newest(server) == [
        {"output_type": "stream", "name": "stdout", "text": "0\n1\n2\n"},
        {"output_type": "stream", "name": "stderr", "text": "oh\n"},
        {"output_type": "display_data", "data": {"text/plain": "'two'"}, "metadata": {}},
        {
            "output_type": "execute_result",
            "data": {"text/plain": "42"},
            "metadata": {},
            "execution_count": 1,
        },
    ]
    assert [event["action"] for event in server.events] == ["created"]
    assert [file.name for file in (server.home.spool / kernel).iterdir()] == ["agent.json"]


async def test_a_flood_of_output_is_cut_and_does_not_stop_the_server(make_server):
    server = await make_server(output_limit=10_000)
    kernel = await server.kernel()
    flood = (
        "import sys\n"
        "for n in range(20_000): print('x' * 50); sys.stdout.flush()\n"
        "display({'text/plain': 'y' * 1_000_000}, raw=True)"
    )
    assert await server.run(kernel, flood) == "ok"
    await server.checkpoints(1)
    outputs = await outputs_of_newest(server)
    assert sum(len(output["text"]) for output in outputs) < 11_000
    assert "are not kept in the checkpoint" in outputs[-1]["text"]
    await server.run(kernel, "print('after')")
    await server.checkpoints(2)
    assert (await outputs_of_newest(server))[0]["text"] == "after\n"


async def test_a_kernel_that_dies_before_its_cell_ends_leaves_the_outputs_so_far(server):
    kernel = await server.kernel()
    process = server.kernels.get(kernel).process
    # After the agent's own hook. What the process has not sent when it dies can't be known; so
    # it gets a moment.
    code = (
        "import os, time\n"
        "dying = lambda _: (time.sleep(1), os._exit(9))\n"
        "get_ipython().events.register('post_run_cell', dying)\n"
        "print('so far', flush=True)"
    )
    async with server.client(kernel) as client:
        send(client, code)
        await server.checkpoints(1)
    assert (await outputs_of_newest(server))[0]["text"] == "so far\n"
    await until_async(
        lambda: server.kernels.get(kernel).process != process, "the automatic restart"
    )
    await server.run(kernel, "print('again')")
    await server.checkpoints(2)
    assert (await outputs_of_newest(server))[0]["text"] == "again\n"


async def test_bad_files_do_not_block_the_others(server):
    kernel = await server.kernel()
    directory = server.home.spool / kernel
    directory.mkdir(exist_ok=True)
    (directory / "bad.json").write_text('{"half')
    await server.run(kernel, "x = 1")
    await server.checkpoints(1)
    await until_async(lambda: not (directory / "bad.json").exists())
    assert (server.home.spool / "rejected" / f"{kernel}-bad.json").exists()


async def test_checkpoints_follow_the_notebook(server):
    kernel = await server.notebook("first.ipynb")
    await server.run(kernel, "x = 1")
    await server.checkpoints(1, notebook="first.ipynb")
    sessions = server.app.session_manager
    (session,) = await sessions.list_sessions()
    await sessions.update_session(session["id"], path="dir/second.ipynb")
    await server.checkpoints(1, notebook="dir/second.ipynb")
    # Closed, but its kernel runs on.
    sessions.cursor.execute("DELETE FROM session")
    await server.run(kernel, "x = 2")
    await server.checkpoints(2, notebook="dir/second.ipynb")
    actions = [(event["action"], event["notebook"]) for event in server.events]
    assert actions == [
        ("created", "first.ipynb"),
        ("changed", "dir/second.ipynb"),
        ("created", "dir/second.ipynb"),
    ]


async def test_a_kernel_without_session_has_the_notebook_it_was_launched_for(server):
    root = server.app.root_dir
    env = {"JPY_SESSION_NAME": f"{root}/work/a.ipynb"}
    kernel = await server.kernel(env=env)
    await server.run(kernel, "x = 1")
    await server.checkpoints(1, notebook="work/a.ipynb")


async def test_kernels_that_run_already_are_attached(make_server, jp_serverapp):
    kernel = str(await jp_serverapp.kernel_manager.start_kernel())
    server = await make_server()
    await until_async(lambda: server.kernels.get(kernel).agent, "the agent")
    await server.run(kernel, "print('there')")
    await server.checkpoints(1)
    assert (await outputs_of_newest(server))[0]["text"] == "there\n"


async def test_encrypted_kernels_are_heard_and_asked(server):
    server.app.kernel_manager.transport_encryption = "auto"
    try:
        kernel = await server.kernel()
    finally:
        server.app.kernel_manager.transport_encryption = "disabled"
    assert server.app.kernel_manager.get_kernel(kernel).curve_publickey
    await server.run(kernel, "print('secret')")
    await server.checkpoints(1)
    assert (await outputs_of_newest(server))[0]["text"] == "secret\n"
    assert (await server.service.force(kernel)).operation == "Forced"


async def test_clients_that_number_their_requests_alike_get_their_own_outputs(server):
    """Those that a kernel manager makes have one session id and count from zero each."""
    kernel = await server.kernel()
    for number in range(3):
        await server.run(kernel, f"print({number})")
        await server.checkpoints(number + 1)
        assert (await outputs_of_newest(server))[0]["text"] == f"{number}\n"


async def test_without_the_agent_switched_on_kernels_are_as_ever(jp_serverapp, make_server):
    server = await make_server()
    AgentProvisioner.uninstall()
    kernel = await server.kernel()
    provisioner = server.app.kernel_manager.get_kernel(kernel).provisioner
    assert not provisioner.instrumented
    assert await server.run(kernel, "x = 1") == "ok"
