"""A cell's checkpoint, waited for; or the reason why there will be none."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from .connection import Connection
from .failure import Failure

#: Seconds in which a kernel that is just starting is known to the extension, and has its agent.
_ATTACHED, _READY = 10.0, 60.0
#: Seconds after which a checkpoint that does not come is asked for.
_MOMENT = 3.0
_LOOK = 0.05
#: Between looks at what the kernel's agent has to say.
_ASK = 0.5


async def ready(api: Connection, kernel_id: str) -> None:
    """Wait until a kernel can make checkpoints.

    Raises:
        Failure: it never will; the message has its reason.
    """
    started = time.monotonic()
    while (waited := time.monotonic() - started) < _READY:
        kernel = _kernel(api, kernel_id)
        if kernel is not None and kernel["agent"]:
            return
        if kernel is not None and kernel["error"]:
            raise _none(f"The kernel {kernel['name']!r} makes no checkpoints: {kernel['error']}")
        if kernel is None and waited > _ATTACHED:
            raise _none("The extension can't reach the kernel; the Jupyter server's log says more.")
        await asyncio.sleep(_LOOK)


async def arrived(
    api: Connection, kernel_id: str, cell_id: str, before: float | None
) -> dict[str, Any]:
    """Return the checkpoint of the cell that has just run.

    What takes long to save is waited for: the kernel is asked, and answers when it is done.

    Args:
        before: what ``reported`` told before the cell ran.

    Raises:
        Failure: there will be none; the message has the kernel's reason.
    """
    started = asked = time.monotonic()
    while time.monotonic() - started < _MOMENT:
        found = _newest(api, kernel_id, cell_id)
        if found is not None:
            return found
        if time.monotonic() - asked > _ASK:
            asked = time.monotonic()
            kernel = _kernel(api, kernel_id)
            if kernel is not None and kernel["error"] and kernel["error_at"] != before:
                raise _none(f"The cell ran, but left no checkpoint. {kernel['error']}")
        await asyncio.sleep(_LOOK)
    try:
        forced: dict[str, Any] = api.call("POST", "checkpoints", {"kernel_id": kernel_id})
    except Failure as failure:
        failure.message = f"The cell ran, but left no checkpoint. {failure.message}"
        raise
    return _newest(api, kernel_id, cell_id) or forced


def reported(api: Connection, kernel_id: str) -> float | None:
    """Return when the kernel's agent has last reported a failure that still holds."""
    kernel = _kernel(api, kernel_id)
    return None if kernel is None else kernel["error_at"]


def _kernel(api: Connection, kernel_id: str) -> dict[str, Any] | None:
    kernels: list[dict[str, Any]] = api.call("GET", "kernels")["kernels"]
    return next((one for one in kernels if one["id"] == kernel_id), None)


def _newest(api: Connection, kernel_id: str, cell_id: str) -> dict[str, Any] | None:
    query = {"kernel_id": kernel_id, "cell_id": cell_id, "limit": 1}
    found = api.call("GET", "checkpoints", query=query)["checkpoints"]
    return api.call("GET", f"checkpoints/{found[0]['id']}") if found else None


def _none(message: str) -> Failure:
    return Failure(message, code=9)
