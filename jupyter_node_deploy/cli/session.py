"""A session on the server in which the CLI runs a notebook's cells."""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from .connection import Connection
from .failure import Failure
from .kernel import Kernel, connect
from .notebook import CodeCell, Notebook


@asynccontextmanager
async def opened(api: Connection, notebook: Notebook) -> AsyncIterator[Kernel]:
    """Start the notebook's kernel in the notebook's folder; shut it down at the end."""
    folder = notebook.path.resolve().parent
    model, inside = _start(api, notebook)
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


async def run_cells(kernel: Kernel, cells: Sequence[CodeCell], note: Callable[[str], None]) -> None:
    """Run cells in order.

    Raises:
        Failure: one of them raised; the message says which.
    """
    for number, cell in enumerate(cells, 1):
        note(f"Running cell {number} of {len(cells)} …")
        try:
            await kernel.run(cell)
        except Failure as failure:
            failure.message = f"Cell {number} ({cell.id}): {failure.message}"
            raise


def _start(api: Connection, notebook: Notebook) -> tuple[dict[str, Any], bool]:
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
                "kernel": {"name": notebook.kernel},
            },
        )
        if model["name"] == name:
            return model, inside
    raise Failure("The Jupyter server does not start a session for the notebook.")
