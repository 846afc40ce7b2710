"""How long to wait after a crash."""

from __future__ import annotations

_PATIENCE = 5  # crashes in a row before a pause
_FIRST, _LONGEST = 0.5, 10.0  # seconds


class Backoff:
    """Counts crashes in a row, without an answer in between."""

    def __init__(self) -> None:
        self._crashes = 0

    def crashed(self) -> float:
        """Count a crash; return the seconds to wait before the next attempt."""
        self._crashes += 1
        extra = self._crashes - _PATIENCE
        return 0.0 if extra < 0 else min(_LONGEST, _FIRST * 2**extra)

    def answered(self) -> None:
        """Begin anew."""
        self._crashes = 0
