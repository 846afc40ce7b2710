"""Metrics of a node: those of its instances in one text, told apart by labels."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SAMPLE = re.compile(r"^([a-zA-Z_:][\w:]*)(\{(.*)\})?(\s.*)$")
_SUFFIX = re.compile(r"_(bucket|sum|count|total|created|info)$")


def merge(node_id: str, texts: Mapping[str, str]) -> str:
    """Return one Prometheus text of many.

    Args:
        texts: by instance id; each sample gets the labels ``node_id`` and ``instance_id``, each
            metric's ``HELP`` and ``TYPE`` stand once, before all of its samples.
    """
    heads: dict[str, dict[str, str]] = {}
    samples: dict[str, list[str]] = {}
    for instance_id, text in texts.items():
        labels = f'node_id="{node_id}",instance_id="{instance_id}"'
        for line in text.splitlines():
            if line.startswith(("# HELP ", "# TYPE ")):
                _, kind, family, *_ = line.split(" ", 3)
                heads.setdefault(family, {}).setdefault(kind, line)
            elif match := _SAMPLE.match(line):
                name, _, own, value = match.groups()
                family = name if name in heads else _SUFFIX.sub("", name)
                joined = f"{labels},{own}" if own else labels
                samples.setdefault(family, []).append(f"{name}{{{joined}}}{value}")
    lines: list[str] = []
    for family, many in samples.items():
        lines += heads.get(family, {}).values()
        lines += many
    return "".join(f"{line}\n" for line in lines)
