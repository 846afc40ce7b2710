"""Where HAProxy listens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Listen:
    """Where HAProxy listens.

    Attributes:
        host: of the public address, as is ``port``.
        certificate: name of a PEM file with certificate and key, for TLS.
        metrics: ``HOST:PORT`` of the Prometheus exporter, empty for none.
    """

    host: str
    port: int
    certificate: str = ""
    metrics: str = ""
