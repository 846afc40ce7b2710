"""Lets the agent look before each statement of a cell: what one imports the next may change."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any


def before_each(shell: Any, look: Callable[[], None]) -> None:
    """Have a function called before each top-level statement of each cell.

    Args:
        shell: IPython's; it runs the statements of a cell one by one.
        look: what to call; what it raises, if that is no interrupt, is ignored.
    """
    run_code = getattr(shell, "run_code", None)
    if run_code is None:  # another IPython
        return

    @functools.wraps(run_code)
    async def looked(*args: Any, **options: Any) -> Any:
        with contextlib.suppress(Exception):
            look()
        return await run_code(*args, **options)

    shell.run_code = looked
