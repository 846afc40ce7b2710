"""How requests are kept apart, and the refusal where they can't be.

Used in front and worker: standard library only.
"""

from __future__ import annotations

from ..errors import FailedPrecondition


def unsafe_for_requests(reason: str) -> FailedPrecondition:
    """Return the error of isolation ``request`` where a process can't be forked.

    Args:
        reason: why, from ``worker.forking.unsafe``.
    """
    return FailedPrecondition(
        "isolation request runs each request in a forked process, which is not safe here: "
        f"{reason}. Create that inside the cell, or choose isolation shared"
    )
