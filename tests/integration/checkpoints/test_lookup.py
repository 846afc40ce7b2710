"""Which checkpoint is of the run that a cell shows, and what is kept: with real kernels."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest

from jupyter_node_deploy.checkpoints.models import CellRef, FoundCheckpoint
from jupyter_node_deploy.errors import DeadlineExceeded, Message

from ...support.waiting import until_async
from .conftest import Server, execute


async def found(server: Server, kernel: str | None, code: str, **more: Any) -> FoundCheckpoint:
    return await server.service.find(CellRef(kernel_id=kernel, code=code, **more))


async def value(server: Server, at: FoundCheckpoint, name: str) -> Any:
    assert at.checkpoint is not None, at
    whole = await server.service.get(at.checkpoint.id)
    return {one.name: one.example for one in whole.variables}[name]


async def run_all(server: Server, kernel: str, *cells: str) -> None:
    """Run cells whose ids are ``cell-1`` and so on."""
    async with server.client(kernel) as client:
        for number, code in enumerate(cells, 1):
            assert await execute(client, code, f"cell-{number}") == "ok"
    await server.checkpoints(len(cells), kernel_id=kernel)


async def test_a_copy_of_a_notebook_has_states_of_its_own(server: Server) -> None:
    first, second = await server.notebook("a.ipynb"), await server.notebook("b.ipynb")
    await run_all(server, first, "rate = 1", "fee = rate")
    await run_all(server, second, "rate = 2", "fee = rate")
    for kernel, path, rate in ((first, "a.ipynb", 1), (second, "b.ipynb", 2)):
        of_cell = {"notebook": path, "cell_id": "cell-2", "execution_count": 2}
        assert (
            await value(server, await found(server, kernel, "fee = rate", **of_cell), "fee") == rate
        )
    never = await server.notebook("c.ipynb")
    nothing = await found(
        server, never, "fee = rate", notebook="c.ipynb", cell_id="cell-2", execution_count=2
    )
    assert nothing == FoundCheckpoint()


async def test_a_notebook_keeps_its_checkpoints_when_it_or_its_kernel_changes(
    server: Server,
) -> None:
    kernel = await server.notebook("a.ipynb")
    await run_all(server, kernel, "x = 1")
    cell = {"cell_id": "cell-1", "execution_count": 1}
    await server.app.kernel_manager.restart_kernel(kernel)
    assert (await found(server, kernel, "x = 1", notebook="a.ipynb", **cell)).checkpoint
    (session,) = await server.app.session_manager.list_sessions()
    await server.app.session_manager.update_session(session["id"], path="dir/b.ipynb")
    assert (await found(server, kernel, "x = 1", notebook="dir/b.ipynb", **cell)).checkpoint
    # With another kernel it is the notebook that tells.
    assert (await found(server, "other", "x = 1", notebook="dir/b.ipynb", **cell)).checkpoint
    assert not (await found(server, "other", "x = 1", notebook="a.ipynb", **cell)).checkpoint


async def test_the_number_beside_the_cell_tells_which_run_it_shows(server: Server) -> None:
    kernel = await server.notebook("a.ipynb")
    async with server.client(kernel) as client:
        for number in range(3):
            await execute(client, f"other = {number}", "cell-2")
            await execute(client, "x = other", "cell-1")
    await server.checkpoints(6)
    cell = {"notebook": "a.ipynb", "cell_id": "cell-1"}
    for count, other in ((2, 0), (4, 1), (6, 2), (None, 2)):
        shown = await found(server, kernel, "x = other", execution_count=count, **cell)
        assert await value(server, shown, "x") == other
    assert await found(server, kernel, "x = other", execution_count=3, **cell) == FoundCheckpoint()


async def test_a_restarted_kernel_counts_from_one_again(server: Server) -> None:
    kernel = await server.notebook("a.ipynb")
    cell = {"notebook": "a.ipynb", "cell_id": "cell-1", "execution_count": 1}
    code = "import os; x = os.getpid()"
    await run_all(server, kernel, code)
    (before,) = await server.service.list()
    await server.app.kernel_manager.restart_kernel(kernel)
    # A run of which no checkpoint came.
    assert await found(server, kernel, code, msg_id="another", **cell) == FoundCheckpoint()
    async with server.client(kernel) as client:
        await execute(client, code, "cell-1")
    await server.checkpoints(2)
    after, _ = await server.service.list()
    shown = await found(server, kernel, code, **cell)
    assert shown.checkpoint is not None
    assert shown.checkpoint.id == after.id != before.id

    await server.service.delete(after.id)

    lost = await found(server, kernel, code, **cell)
    assert lost.checkpoint is None
    assert lost.gone is not None
    assert lost.gone.reason == "deleted"


async def test_kernels_leave_each_others_newest_alone(make_server: Any) -> None:
    server = await make_server(budget=1_000, keep=1)
    kernels = [await server.notebook(f"{name}.ipynb") for name in "abc"]
    for number, kernel in enumerate(kernels, 1):
        async with server.client(kernel) as client:
            await execute(client, "import os; data = os.urandom(100_000)", None)
            await execute(client, f"number = {number}", None)
        await until_async(lambda: _newest_number(server, kernel, number))  # noqa: B023
    for number, kernel in enumerate(kernels, 1):
        assert await _newest_number(server, kernel, number)


async def _newest_number(server: Server, kernel: str, number: int) -> bool:
    found = await server.service.list(kernel_id=kernel, limit=1)
    return [one.first_line for one in found] == [f"number = {number}"]


async def test_other_code_than_that_of_the_run_is_told(server: Server) -> None:
    kernel = await server.notebook("a.ipynb")
    await run_all(server, kernel, "x = 1")
    cell = {"notebook": "a.ipynb", "cell_id": "cell-1", "execution_count": 1}
    edited = await found(server, kernel, "x = 2", **cell)
    assert await value(server, edited, "x") == 1
    assert edited.changed
    assert not (await found(server, kernel, "  x = 1\n", **cell)).changed


async def test_cells_whose_ids_are_new_are_known_by_their_code(server: Server) -> None:
    kernel = await server.notebook("old.ipynb")
    await run_all(server, kernel, "x = 1", "y = x", "x += 1", "y = x")
    here: dict[str, Any] = {"notebook": "old.ipynb", "other_cells": ["new-1", "new-2"]}
    again = await found(server, kernel, "x += 1", cell_id="new-3", execution_count=3, **here)
    assert await value(server, again, "x") == 2
    # Of two cells with the same code the number tells which; without it none is taken.
    twin = {**here, "cell_id": "new-4", "repeated": True}
    assert (
        await value(server, await found(server, kernel, "y = x", execution_count=2, **twin), "y")
        == 1
    )
    assert (
        await value(server, await found(server, kernel, "y = x", execution_count=4, **twin), "y")
        == 2
    )
    assert await found(server, kernel, "y = x", **twin) == FoundCheckpoint()
    # What another cell of the notebook has run is that cell's.
    other = {**here, "other_cells": ["cell-1", "cell-2", "cell-3", "cell-4"]}
    assert await found(server, kernel, "x = 1", cell_id="new", **other) == FoundCheckpoint()


async def test_run_all_leaves_one_of_each_cell(make_server: Any) -> None:
    server = await make_server(keep=3)
    kernel = await server.notebook("long.ipynb")
    cells = ["total = 100", *(f"total += {number}" for number in range(16))]
    await run_all(server, kernel, *cells)
    fourth = await found(
        server, kernel, cells[3], notebook="long.ipynb", cell_id="cell-4", execution_count=4
    )
    assert await value(server, fourth, "total") == 103
    # Run again, the last runs are kept, and three in all of the others.
    async with server.client(kernel) as client:
        for number, code in enumerate(cells, 1):
            await execute(client, code, f"cell-{number}")
    await server.checkpoints(17)
    fourth = await found(
        server, kernel, cells[3], notebook="long.ipynb", cell_id="cell-4", execution_count=4
    )
    assert fourth.checkpoint is None
    assert fourth.gone is not None
    assert fourth.gone.reason == "number"


async def test_a_budget_of_bytes_takes_the_oldest(make_server: Any) -> None:
    server = await make_server(budget=3_500_000)
    kernel = await server.notebook("large.ipynb")
    async with server.client(kernel) as client:
        for number in range(6):
            code = f"import os; data = os.urandom(1_000_000); number = {number}"
            await execute(client, code, f"cell-{number}")
    await until_async(lambda: [e["action"] for e in server.events].count("deleted") == 2)
    left = await server.service.list()
    assert [one.cell_id for one in left] == ["cell-5", "cell-4", "cell-3", "cell-2"]
    kept = await server.service.kept()
    assert (kept.count, kept.pinned, kept.budget) == (4, 0, 3_500_000)
    assert 4_000_000 < kept.size < 4_500_000
    assert kept.last_gone is not None
    assert kept.last_gone.reason == "budget"
    first = await found(
        server,
        kernel,
        "import os; data = os.urandom(1_000_000); number = 0",
        notebook="large.ipynb",
        cell_id="cell-0",
        execution_count=1,
    )
    assert first.checkpoint is None
    assert first.gone is not None
    assert first.gone.reason == "budget"


async def test_what_all_share_takes_no_budget(make_server: Any) -> None:
    server = await make_server(budget=1_000_000)
    kernel = await server.notebook("shared.ipynb")
    await run_all(
        server, kernel, "import os; data = os.urandom(3_000_000)", "x = 1", "y = len(data)"
    )
    assert len(await server.service.list()) == 3


async def test_a_forced_checkpoint_waits_for_a_busy_kernel(make_server: Any) -> None:
    server = await make_server(kernel_timeout=0.3)
    kernel = await server.notebook("busy.ipynb")
    await server.run(kernel, "x = 0")
    await server.checkpoints(1)
    busy = asyncio.create_task(server.run(kernel, "import time; time.sleep(2); x = 1", "cell-1"))
    await until_async(lambda: server.kernels.get(kernel).idle_since is None)
    for _ in range(2):
        with pytest.raises(DeadlineExceeded) as waits:
            await server.service.force(kernel, stay=True)
        assert isinstance(waits.value.message, Message)
        assert waits.value.message.reason == "CHECKPOINT_WAITS"
    made = None
    while made is None:
        with contextlib.suppress(DeadlineExceeded):
            made = await server.service.force(kernel, stay=True)
    assert {one.name: one.example for one in made.variables}["x"] == 1
    assert await busy == "ok"
    await server.run(kernel, "z = 0")
    assert [one.operation for one in await server.service.list()].count("Forced") == 1


@pytest.mark.parametrize("stay", [True, False])
async def test_a_forced_checkpoint_that_nobody_wants_is_not_made(
    make_server: Any, stay: bool
) -> None:
    server = await make_server(kernel_timeout=0.3)
    kernel = await server.notebook("busy.ipynb")
    await server.run(kernel, "x = 0")
    await server.checkpoints(1)
    busy = asyncio.create_task(server.run(kernel, "import time; time.sleep(1)"))
    await until_async(lambda: server.kernels.get(kernel).idle_since is None)
    with pytest.raises(DeadlineExceeded):
        await server.service.force(kernel, stay=stay)
    if stay:
        server.service.cancel(kernel)
    await busy
    await server.run(kernel, "y = 1")
    assert "Forced" not in [one.operation for one in await server.checkpoints(3)]
