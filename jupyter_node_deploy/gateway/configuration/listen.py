"""Where HAProxy listens."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Listen:
    """Where HAProxy listens.

    Attributes:
        host: of the public address, as is ``port``.
        certificate: path of a PEM file with certificate and key for TLS, empty for none.
        metrics: ``HOST:PORT`` of the Prometheus exporter, empty for none.
    """

    host: str = "127.0.0.1"
    port: int = 0
    certificate: str = ""
    metrics: str = ""
