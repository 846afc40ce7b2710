"""Back-off: how long to wait before what has failed is tried again."""

from __future__ import annotations

from dataclasses import dataclass

_DOUBLINGS = 64  # more would leave what a float can be


@dataclass(frozen=True)
class Backoff:
    """Pauses that double from one failure in a row to the next.

    Attributes:
        first: seconds of the first pause.
        longest: seconds that no pause exceeds.
        free: failures in a row that are followed by none: accidents are repaired at once.
    """

    first: float
    longest: float
    free: int = 0

    def pause(self, failures: int) -> float:
        """Return the seconds to wait after so many failures in a row."""
        if failures <= self.free:
            return 0.0
        doublings = min(failures - self.free - 1, _DOUBLINGS)
        return min(self.longest, self.first * 2.0**doublings)
