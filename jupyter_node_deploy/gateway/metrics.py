"""What the gateway counts, for Prometheus."""

from __future__ import annotations

import contextlib
from collections.abc import Collection

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)


class Metrics:
    """Counters of one gateway process.

    The label ``node`` is empty for requests that reached none (refused, unknown): a caller can't
    make up labels.
    """

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "node_deploy_gateway_requests",
            "Requests answered.",
            ["node", "code"],
            registry=self._registry,
        )
        self._seconds = Histogram(
            "node_deploy_gateway_request_seconds",
            "Time to the answer.",
            ["node"],
            buckets=BUCKETS,
            registry=self._registry,
        )
        self._generation = Gauge(
            "node_deploy_gateway_routes_generation",
            "Generation of the routes in use.",
            registry=self._registry,
        )
        self._seen: set[tuple[str, str]] = set()

    def observe(self, node: str, code: int, seconds: float) -> None:
        """Count a request."""
        key = (node, str(code))
        self._seen.add(key)
        self._requests.labels(*key).inc()
        self._seconds.labels(node).observe(seconds)

    def keep(self, nodes: Collection[str], generation: int) -> None:
        """Forget the nodes that are gone."""
        self._generation.set(generation)
        gone = {key for key in self._seen if key[0] and key[0] not in nodes}
        for node, code in gone:
            self._requests.remove(node, code)
            with contextlib.suppress(KeyError):  # one series for all codes
                self._seconds.remove(node)
        self._seen -= gone

    def text(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)
