"""Metrics as text: what is written, Prometheus' own parser reads."""

from __future__ import annotations

import math

import pytest
from prometheus_client.parser import text_string_to_metric_families

from jupyter_node_deploy.web.exposition import head, sample


def test_head() -> None:
    assert head("m", "gauge", "All\nof C:\\") == ["# HELP m All\\nof C:\\\\", "# TYPE m gauge"]
    assert head("m", "untyped", "") == []


@pytest.mark.parametrize("value", [0, 3, 1.5, 1e-9, 2.0**70, math.inf, -math.inf, math.nan])
def test_values_and_labels_come_back(value: float) -> None:
    labels = {"a": '} 1 # {x="y"}', "b": "back\\slash \n line, é"}
    [family] = text_string_to_metric_families(sample("m", value, labels, 1700000000.123) + "\n")
    [found] = family.samples
    assert found.labels == labels
    assert found.value == pytest.approx(value, rel=0, abs=0, nan_ok=True)
    assert found.timestamp == 1700000000.123


def test_without_labels_and_time() -> None:
    assert sample("m", 3) == "m 3"
