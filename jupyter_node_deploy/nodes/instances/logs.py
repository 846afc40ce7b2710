"""Log lines of several instances as one stream."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping

_AHEAD = 1000  # lines read before somebody takes them


async def merged(
    sources: Mapping[str, AsyncIterator[str]], *, together: bool
) -> AsyncIterator[str]:
    """Yield the lines of all sources, marked with ``[id]`` if there are several.

    Args:
        together: as they come; else one source after the other.
    """
    several = len(sources) > 1

    def mark(id_: str, line: str) -> str:
        return f"[{id_}] {line}" if several else line

    if not together or not several:
        for id_, lines in sources.items():
            async for line in lines:
                yield mark(id_, line)
        return

    queue: asyncio.Queue[str | None] = asyncio.Queue(_AHEAD)

    async def pump(id_: str, lines: AsyncIterator[str]) -> None:
        try:
            async for line in lines:
                await queue.put(mark(id_, line))
        finally:
            await queue.put(None)

    tasks = [asyncio.create_task(pump(id_, lines)) for id_, lines in sources.items()]
    try:
        left = len(tasks)
        while left:
            got = await queue.get()
            if got is None:
                left -= 1
            else:
                yield got
    finally:
        for task in tasks:
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*tasks, return_exceptions=True)
