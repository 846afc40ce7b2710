"""Calls of the engine: they block, so they are made in threads."""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from docker.errors import APIError, DockerException
from requests import RequestException

from ...errors import Internal, Message, Unavailable
from .engine import CALLS, words

P = ParamSpec("P")
R = TypeVar("R")


class Calls:
    """Does in threads of its own what asks the engine."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(CALLS, thread_name_prefix="docker")

    async def __call__(self, work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Do it and return what it returns.

        Raises:
            Unavailable: the engine does not answer.
            Internal: it refuses, or this machine does.
        """
        task = functools.partial(work, *args, **kwargs)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, task)
        except APIError as error:
            cause = words(error)
            raise Internal(
                Message("The Docker engine refused: {cause}.", "ENGINE_REFUSED", cause=cause)
            ) from error
        except (DockerException, RequestException) as error:
            cause = words(error)
            raise Unavailable(
                Message("The Docker engine does not answer: {cause}.", "ENGINE_SILENT", cause=cause)
            ) from error
        except OSError as error:
            raise Internal(
                Message("This machine refused: {cause}.", "MACHINE_REFUSED", cause=str(error))
            ) from error

    def close(self) -> None:
        """Take no more; what is under way ends by itself."""
        self._threads.shutdown(wait=False, cancel_futures=True)
