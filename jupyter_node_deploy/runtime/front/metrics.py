"""The front's own numbers."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable

from ...web.exposition import head, sample

_BUCKETS = (
    0.0005,
    0.001,
    0.0025,
    0.005,
    0.01,
    0.025,
    0.05,
    0.1,
    0.25,
    0.5,
    1.0,
    2.5,
    5.0,
    10.0,
    30.0,
    60.0,
)
#: Name, help text, and each value with its labels.
Gauge = tuple[str, str, Iterable[tuple[dict[str, str], float]]]


class Histogram:
    """Durations in seconds, in fixed buckets."""

    def __init__(self, name: str, text: str) -> None:
        self.name = name
        self.text = text
        self.counts = [0] * (len(_BUCKETS) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        """Count one duration."""
        self.counts[bisect_left(_BUCKETS, seconds)] += 1
        self.sum += seconds

    def lines(self) -> Iterable[str]:
        """Yield the lines of the exposition."""
        yield from head(self.name, "histogram", self.text)
        total = 0
        for bound, count in zip((*map(str, _BUCKETS), "+Inf"), self.counts, strict=True):
            total += count
            yield sample(f"{self.name}_bucket", total, {"le": bound})
        yield sample(f"{self.name}_sum", round(self.sum, 6))
        yield sample(f"{self.name}_count", total)


class Counter:
    """A count per value of one label."""

    def __init__(self, name: str, text: str, label: str) -> None:
        self.name = name
        self.text = text
        self.label = label
        self.counts: dict[str | int, int] = {}

    def add(self, value: str | int) -> None:
        """Count one."""
        self.counts[value] = self.counts.get(value, 0) + 1

    def lines(self) -> Iterable[str]:
        """Yield the lines of the exposition."""
        yield from head(self.name, "counter", self.text)
        for value, count in sorted(self.counts.items(), key=lambda item: str(item[0])):
            yield sample(self.name, count, {self.label: str(value)})


class Metrics:
    """All that is counted."""

    def __init__(self) -> None:
        self.requests = Counter("requests_total", "Requests by HTTP status.", "code")
        self.restarts = Counter("worker_restarts_total", "Workers replaced, by reason.", "reason")
        self.request = Histogram(
            "request_duration_seconds", "From the request's arrival to its answer."
        )
        self.queue = Histogram("queue_duration_seconds", "Waiting for a free worker.")
        self.cell = Histogram("cell_duration_seconds", "In the cell itself.")

    def render(self, gauges: Iterable[Gauge]) -> str:
        """Return the exposition.

        Args:
            gauges: what is read rather than counted.
        """
        lines: list[str] = []
        for series in (self.requests, self.restarts, self.request, self.queue, self.cell):
            lines += series.lines()
        for name, text, values in gauges:
            lines += head(name, "gauge", text)
            lines += (sample(name, value, labels) for labels, value in values)
        return "\n".join(lines) + "\n"
