"""Waiting for what happens elsewhere: in a process, a container, a page."""

from __future__ import annotations

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")
What = str | Callable[[], object]

PATIENCE = 60.0  # seconds; the machine may be busy
_PAUSE = 0.02


def until(
    condition: Callable[[], T | None],
    what: What = "",
    *,
    seconds: float = PATIENCE,
    pause: float = _PAUSE,
) -> T:
    """Wait until ``condition`` gives something true, and return that.

    Args:
        condition: asked again and again.
        what: what is waited for, or a function that tells more when it was in vain; without it
            the condition's own name or text is told.
    """
    end = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > end:
            raise AssertionError(_in_vain(condition, what, value, seconds))
        time.sleep(pause)
    return value


@overload
async def until_async(
    condition: Callable[[], Awaitable[T | None]],
    what: What = "",
    *,
    seconds: float = PATIENCE,
    pause: float = _PAUSE,
) -> T: ...
@overload
async def until_async(
    condition: Callable[[], T | None],
    what: What = "",
    *,
    seconds: float = PATIENCE,
    pause: float = _PAUSE,
) -> T: ...
async def until_async(
    condition: Callable[[], Any],
    what: What = "",
    *,
    seconds: float = PATIENCE,
    pause: float = _PAUSE,
) -> Any:
    """Wait as ``until`` does, and let the loop run meanwhile; the condition may be awaited."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if inspect.isawaitable(value):
            value = await value
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(_in_vain(condition, what, value, seconds))
        await asyncio.sleep(pause)


def _in_vain(condition: Callable[[], Any], what: What, value: object, seconds: float) -> str:
    told = str(what() if callable(what) else what) or _text(condition)
    return f"waited {seconds:g} s in vain for {told}; the last value was {value!r:.2000}"


def _text(condition: Callable[[], Any]) -> str:
    """Return a function's name, or the source of a lambda."""
    name = getattr(condition, "__name__", repr(condition))
    if name != "<lambda>":
        return str(name)
    try:
        return " ".join(inspect.getsource(condition).split())
    except OSError:
        return name
