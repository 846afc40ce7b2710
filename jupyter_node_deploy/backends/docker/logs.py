"""A container's log as an asynchronous stream of lines."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator

from docker.errors import DockerException
from docker.models.containers import Container


async def lines(container: Container, *, follow: bool, tail: int | None) -> AsyncIterator[str]:
    """Yield the lines of a container's log; with ``follow``, go on until it is removed."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(chunk: bytes | None) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended
            loop.call_soon_threadsafe(queue.put_nowait, chunk)

    stream = await asyncio.to_thread(
        container.logs, stream=True, follow=follow, tail="all" if tail is None else tail
    )

    def read() -> None:
        try:
            for chunk in stream:
                put(chunk)
        except (DockerException, OSError, ValueError):
            pass  # the stream was closed, or the engine has ended
        finally:
            put(None)

    # A thread of its own: it may wait for days.
    threading.Thread(target=read, name="docker-log", daemon=True).start()
    rest = b""
    try:
        while (chunk := await queue.get()) is not None:
            *whole, rest = (rest + chunk).split(b"\n")
            for part in whole:
                yield part.decode(errors="replace")
        if rest:
            yield rest.decode(errors="replace")
    finally:
        with contextlib.suppress(OSError, DockerException):
            stream.close()
