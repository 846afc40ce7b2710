"""How often an instance failed, and when it may be started again."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ...backoff import Backoff

#: Seconds that an instance must be healthy until its failures are forgotten.
STEADY = 30.0
#: Seconds after which an instance that runs but is not healthy is replaced.
STUCK_AFTER = 30.0
_BACKOFF = Backoff(first=0.5, longest=60.0, free=1)


@dataclass
class Failures:
    """The failures of one instance; losing them only starts it again sooner.

    Attributes:
        count: failed starts in a row.
        reason: what the last one said.
        retry_at: Unix seconds before which it is not started again.
        tries: failed starts in a row after which it is not started again at all; None: without end.
        unhealthy_since: Unix seconds since when it runs but is not healthy.
    """

    count: int = 0
    reason: str = ""
    retry_at: float = 0.0
    unhealthy_since: float | None = None
    tries: int | None = None
    _last_start: float | None = -math.inf
    _healthy_since: float | None = None

    @property
    def is_final(self) -> bool:
        """Whether it is not started again."""
        return self.tries is not None and self.count >= self.tries

    def failed(
        self, start: float | None, reason: str, now: float, tries: int | None = None
    ) -> None:
        """Count a failure; seen again for the same start it counts once.

        Args:
            start: Unix seconds of the start that failed.
        """
        self._healthy_since = self.unhealthy_since = None
        self.tries = tries
        self._count(start, reason, now)

    def _count(self, start: float | None, reason: str, now: float) -> None:
        if start == self._last_start:
            return
        self._last_start = start
        self.count += 1
        self.reason = reason
        self.retry_at = now + _BACKOFF.pause(self.count)

    def healthy(self, now: float) -> None:
        """Note that it is healthy now."""
        self.unhealthy_since = None
        if self._healthy_since is None:
            self._healthy_since = now
        elif now - self._healthy_since >= STEADY:
            self.forget()
            self._last_start = -math.inf

    def forget(self) -> None:
        """Forget what it failed at, the start that has just failed, too: it may start at once."""
        self.count, self.reason, self.retry_at, self.tries = 0, "", 0.0, None

    def unhealthy(self, start: float | None, reason: str, now: float) -> None:
        """Note that it runs but is not healthy; for so long that it is stuck is a failure, too."""
        self._healthy_since = None
        if self.unhealthy_since is None:
            self.unhealthy_since = now
        elif self.is_stuck(now):
            self._count(start, reason, now)

    def is_stuck(self, now: float) -> bool:
        """Whether it runs but has not been healthy for too long."""
        return self.unhealthy_since is not None and now - self.unhealthy_since > STUCK_AFTER

    def removed(self) -> None:
        """Note that the instance is gone; what it failed at is still known to its next start."""
        self.unhealthy_since = self._healthy_since = None
