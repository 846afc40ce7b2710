"""Instances that have reached their memory limit, as the engine tells it.

The kernel then kills one process of the container, mostly a worker: the instance goes on, so only
the engine's events tell why its callers got errors.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime

from docker import DockerClient

from . import labels

_EVERY = 1.0


class Shortages:
    """Counts the processes that were killed for memory. Its methods block.

    Args:
        engine: has the events.
        home: id of the home.
    """

    def __init__(self, engine: DockerClient, home: str) -> None:
        self._engine = engine
        self._home = home
        self._asked = self._seen = 0.0
        self._counts: Counter[str] = Counter()
        self._last: dict[str, float] = {}
        self._lock = threading.Lock()

    def refresh(self) -> None:
        """Take in the events since the last time; does nothing if that is just past."""
        with self._lock:
            now = time.time()
            if now - self._asked < _EVERY:
                return
            self._asked = now
            events = self._engine.events(
                since=int(self._seen),
                until=int(now),
                filters={"event": "oom", "label": f"{labels.HOME}={self._home}"},
                decode=True,
            )
            for event in events:
                at = event["timeNano"] / 1e9
                if at > self._seen:
                    instance_id = event["Actor"]["Attributes"].get(labels.INSTANCE, "")
                    self._counts[instance_id] += 1
                    self._seen = self._last[instance_id] = at

    def notes(self, instance_id: str) -> tuple[str, ...]:
        """Return what a user should know of an instance."""
        count = self._counts[instance_id]
        if not count:
            return ()
        at = datetime.fromtimestamp(self._last[instance_id], UTC).strftime("%H:%M:%S")
        note = (
            f"its memory limit was reached, and a process in it killed ({count} times, last at "
            f"{at} UTC): choose a larger configuration, or fewer workers"
        )
        return (note,)
