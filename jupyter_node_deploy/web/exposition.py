"""Prometheus' text format, written line by line: by fronts, and by who joins those of many."""

from __future__ import annotations

import math
from collections.abc import Mapping

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


def head(name: str, kind: str, documentation: str) -> list[str]:
    """Return the lines that stand before a metric's samples.

    Args:
        kind: ``counter``, ``gauge``, ``histogram``, ``summary`` or ``untyped``.
        documentation: may be empty.
    """
    text = documentation.replace("\\", r"\\").replace("\n", r"\n")
    lines = [f"# HELP {name} {text}"] if text else []
    return lines if kind == "untyped" else [*lines, f"# TYPE {name} {kind}"]


def sample(
    name: str, value: float, labels: Mapping[str, str] | None = None, time: float | None = None
) -> str:
    """Return the line of one sample.

    Args:
        time: Unix seconds, where it is not that of the scrape.
    """
    written = ",".join(f'{key}="{_escaped(text)}"' for key, text in (labels or {}).items())
    where = f"{name}{{{written}}}" if written else name
    when = "" if time is None else f" {round(time * 1000)}"
    return f"{where} {_number(value)}{when}"


def _number(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(value)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
