"""A session on the server in which the CLI runs a notebook's cells."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from .connection import Connection
from .console import Console
from .failure import Failure
from .kernel import Kernel, connect
from .notebook import CodeCell, Notebook


@asynccontextmanager
async def opened(api: Connection, notebook: Notebook, kernel_name: str) -> AsyncIterator[Kernel]:
    """Start a kernel in the notebook's folder; shut it down at the end."""
    folder = notebook.path.resolve().parent
    model, inside = _start(api, notebook, kernel_name)
    kernel_id = str(model["kernel"]["id"])
    try:
        kernel = await connect(api, kernel_id)
        if not inside:
            # The folder is not below the server's root, so the kernel was started elsewhere.
            code = f"__import__('os').chdir({str(folder)!r})"
            if await kernel.execute(code, silent=True) is not None:
                raise Failure(f"The server has no folder {folder}; the notebook must lie on it.")
        yield kernel
    finally:
        api.jupyter("DELETE", f"api/sessions/{model['id']}")


async def run_cell(
    kernel: Kernel, cells: Sequence[CodeCell], number: int, console: Console
) -> None:
    """Run one of the cells that are run in order.

    Args:
        number: counted from 1.

    Raises:
        Failure: it raised; the message says which one it is.
    """
    cell = cells[number - 1]
    try:
        with console.working(f"Running cell {number} of {len(cells)}", at_once=True):
            await kernel.run(cell, asking=console.aside)
    except Failure as failure:
        failure.message = f"Cell {number} ({cell.id}): {failure.message}"
        raise


def _start(api: Connection, notebook: Notebook, kernel_name: str) -> tuple[dict[str, Any], bool]:
    path = notebook.path.resolve()
    root = api.server.root
    inside = root is not None and path.is_relative_to(root)
    shown = str(path.relative_to(root)) if root is not None and inside else path.name
    name = f"deploy-{uuid.uuid4().hex}"
    # Somebody may have the notebook open: the server then answers with that session, which is
    # not ours to run cells in or to shut down.
    for session_path in (shown, f"{shown}-{name}"):
        model: dict[str, Any] = api.jupyter(
            "POST",
            "api/sessions",
            {
                "path": session_path,
                "name": name,
                "type": "notebook",
                "kernel": {"name": kernel_name},
            },
        )
        if model["name"] == name:
            return model, inside
    raise Failure("The Jupyter server does not start a session for the notebook.")
