"""The saved namespace of a bundle, brought back (user's interpreter)."""

from __future__ import annotations

import hashlib
import pickle
import sys
from pathlib import Path
from typing import Any

from ...errors import DataLoss, Detail, FailedPrecondition
from ...namespace import read_state, restore_state
from ...namespace.options import OptionSetter
from ...namespace.records import NewerFormat


def restore(state: Path, namespace: dict[str, Any], *, verified: bool = False) -> None:
    """Load a bundle's saved variables into the namespace of ``__main__``.

    Args:
        state: the directory of the bundle's state.
        namespace: that of ``__main__``.
        verified: the blobs were compared with their hashes already.

    Raises:
        DataLoss: a blob is missing or corrupted; the message names variable and hash.
        FailedPrecondition: a variable cannot be restored here, or a newer version has written the
            state; the message says which.
    """
    if not (state / "manifest.json").exists():
        return  # a cell that reads nothing
    try:
        options = OptionSetter(_saved_options(state))
        wrong = options.before()
        code = (state.parent / "cell.py", *(state.parent / "files").rglob("*.py"))
        there = [file for file in code if file.is_file()]
        failures = restore_state(state, namespace, verified=verified, code=there)
        _forget_event_loop()
        wrong += options.after()
    except NewerFormat as error:
        raise FailedPrecondition(str(error)) from error
    except (OSError, ValueError) as error:
        raise DataLoss(f"the bundle's state is broken: {error}") from error
    if wrong and not failures:
        raise FailedPrecondition(
            f"the session's options could not be set: {'; '.join(wrong)}",
            [{"path": "options", "message": one} for one in wrong],
        )
    if not failures:
        return
    details: list[Detail] = [
        {"path": ", ".join(one.names), "message": one.reason, "blob": one.blob} for one in failures
    ]
    text = "; ".join(f"{detail['path']}: {detail['message']}" for detail in details)
    message = f"the state could not be restored: {text}"
    if any(one.blob is not None for one in failures):
        raise DataLoss(message, details)
    raise FailedPrecondition(message, details)


def _forget_event_loop() -> None:
    """Close the event loop that restoring has made: workers forked later would share its files."""
    loops = getattr(sys.modules.get("asyncio"), "events", None)
    # Whoever asks for it gets a new one then, as in a process that never had any.
    local = getattr(getattr(loops, "_event_loop_policy", None), "_local", None)
    loop = getattr(local, "_loop", None)
    if local is not None and loop is not None:
        loop.close()
        local._loop, local._set_called = None, False


def _saved_options(state: Path) -> dict[str, bytes]:
    """Return for each module the pickle of its options.

    Raises:
        OSError: the state can't be read.
        ValueError: it is malformed.
        DataLoss: the options are missing or corrupted.
    """
    found = read_state(state).options
    return {} if found is None else _content(state, found.blob, "options")


def saved_random(state: Path) -> dict[str, Any] | None:
    """Return the checkpoint's random state, None where the bundle has none.

    Raises:
        DataLoss: it is missing or corrupted.
    """
    try:
        name = read_state(state).random
    except (OSError, ValueError) as error:
        raise DataLoss(f"the bundle's state is broken: {error}") from error
    return None if name is None else _content(state, name, "random state")


def _content(state: Path, name: str, what: str) -> dict[str, Any]:
    try:
        content = (state / "blobs" / name).read_bytes()
    except OSError as error:
        raise DataLoss(f"the bundle's {what} cannot be read: {error}") from error
    if hashlib.sha256(content).hexdigest() != name:
        raise DataLoss(f"the bundle's {what} is corrupted: blob {name}")
    found: dict[str, Any] = pickle.loads(content)
    return found
