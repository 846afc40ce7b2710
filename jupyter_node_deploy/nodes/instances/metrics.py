"""Metrics of a node: those of its instances in one text, told apart by labels."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import Metric
from prometheus_client.openmetrics.parser import (
    text_string_to_metric_families as parse_openmetrics,
)
from prometheus_client.parser import text_string_to_metric_families as parse_prometheus
from prometheus_client.samples import Sample

from ...web.exposition import head, sample

_UP = "node_deploy_scrape_up"
_UP_HELP = "Whether the metrics of the instance could be read."
_OWN_LABELS = ("node_id", "instance_id")
_TYPES = {"counter", "gauge", "histogram", "summary"}
_SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}
_COUNTER = re.compile(r"^#[ \t]+TYPE[ \t]+(\S+)[ \t]+counter", re.MULTILINE)


@dataclass(frozen=True)
class Scrape:
    """What an instance answered when it was asked for its metrics.

    Attributes:
        content_type: says whether it is OpenMetrics or Prometheus' older text.
        failure: why there is no text, in words.
    """

    text: str = ""
    content_type: str = ""
    failure: str = ""


@dataclass
class _Family:
    kind: str
    documentation: str
    lines: list[str]


def merge(node_id: str, scrapes: Mapping[str, Scrape]) -> str:
    """Return one Prometheus text of many.

    Args:
        scrapes: by instance id; each sample gets the labels ``node_id`` and ``instance_id`` (its
            own of that name become ``exported_…``, as Prometheus does it), each metric's ``HELP``
            and ``TYPE`` stand once, before all of its samples. ``node_deploy_scrape_up`` tells
            which instances could be read; a comment says why one could not.
    """
    families: dict[str, _Family] = {}
    up = families[_UP] = _Family("gauge", _UP_HELP, [])
    for instance_id, scrape in scrapes.items():
        labels = {"node_id": node_id, "instance_id": instance_id}
        failure = scrape.failure
        if not failure:
            try:
                found = list(_read(scrape))
            except (ValueError, LookupError, TypeError, AttributeError) as error:
                # The parser takes some liberties with text that breaks the rules.
                failure = f"the text is not valid: {error}"
            else:
                for name, kind, documentation, samples in found:
                    family = families.setdefault(name, _Family(kind, documentation, []))
                    family.lines += (_line(one, labels) for one in samples)
        up.lines.append(sample(_UP, 0 if failure else 1, labels))
        if failure:
            up.lines.append(f"# {instance_id}: {' '.join(failure.split())}")
    lines: list[str] = []
    for name, one in families.items():
        lines += [*head(name, one.kind, one.documentation), *one.lines]
    return "\n".join(lines) + "\n"


def _read(scrape: Scrape) -> Iterator[tuple[str, str, str, list[Sample]]]:
    """Yield name, type, documentation and samples of each metric.

    Raises:
        ValueError: the text breaks the rules of its format.
    """
    if scrape.content_type.startswith("application/openmetrics-text"):
        for metric in parse_openmetrics(scrape.text):  # type: ignore[no-untyped-call]
            yield from _split(metric, bare=False)
        return
    # The parser names all counters as OpenMetrics does; an instance's metrics keep their names.
    bare = {name for name in _COUNTER.findall(scrape.text) if not name.endswith("_total")}
    for metric in parse_prometheus(scrape.text):
        yield from _split(metric, bare=metric.name in bare)


def _split(metric: Metric, *, bare: bool) -> Iterator[tuple[str, str, str, list[Sample]]]:
    kind, name, samples = metric.type, metric.name, list(metric.samples)
    if kind == "counter" and not bare:
        name = f"{name}_total"
    elif kind == "counter":
        samples = [one._replace(name=one.name.removesuffix("_total")) for one in samples]
    elif kind == "info":
        kind, name = "gauge", f"{name}_info"
    elif kind == "stateset":
        kind = "gauge"
    names = [f"{name}{suffix}" for suffix in _SUFFIXES.get(kind, ("",))]
    mine = [one for one in samples if one.name in names]
    if mine:
        yield name, kind if kind in _TYPES else "untyped", metric.documentation, mine
    for one in samples:  # such as OpenMetrics' _created, which the older format does not know
        if one.name not in names:
            yield one.name, "untyped", "", [one]


def _line(found: Sample, labels: Mapping[str, str]) -> str:
    own = {
        f"exported_{name}" if name in _OWN_LABELS else name: value
        for name, value in found.labels.items()
    }
    time = None if found.timestamp is None else float(found.timestamp)
    return sample(found.name, found.value, {**labels, **own}, time)
