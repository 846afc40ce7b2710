"""``jupyter node …``: the control API for the shell."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from .program import run


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command line.

    Returns:
        The exit status: 0, 1 when it failed, 2 when it was not understood.
    """
    return run(sys.argv[1:] if argv is None else list(argv))
