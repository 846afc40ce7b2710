"""Metrics of several instances in one text."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram, Info
from prometheus_client.exposition import generate_latest
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST
from prometheus_client.openmetrics.exposition import generate_latest as generate_openmetrics
from prometheus_client.parser import text_string_to_metric_families

from jupyter_node_deploy.nodes.instances.metrics import Scrape, merge

TEXT = """\
# HELP requests_total Requests.
# TYPE requests_total counter
requests_total{code="200"} 3
# HELP seconds Time.
# TYPE seconds histogram
seconds_bucket{le="+Inf"} 3
seconds_count 3
plain 1.5
"""


def merged(text: str, content_type: str = "text/plain; version=0.0.4") -> list[str]:
    lines = merge("n", {"a": Scrape(text, content_type)}).splitlines()
    return [line for line in lines if "node_deploy_scrape_up" not in line]


def samples(text: str) -> set[tuple[str, tuple[tuple[str, str], ...], float]]:
    return {
        (one.name, tuple(sorted(one.labels.items())), one.value)
        for family in text_string_to_metric_families(text)
        for one in family.samples
    }


def test_labels_are_added_and_heads_stand_once() -> None:
    text = merge("n", {"a": Scrape(TEXT), "b": Scrape("requests_total 1\n")})
    assert text.splitlines() == [
        "# HELP node_deploy_scrape_up Whether the metrics of the instance could be read.",
        "# TYPE node_deploy_scrape_up gauge",
        'node_deploy_scrape_up{node_id="n",instance_id="a"} 1',
        'node_deploy_scrape_up{node_id="n",instance_id="b"} 1',
        "# HELP requests_total Requests.",
        "# TYPE requests_total counter",
        'requests_total{node_id="n",instance_id="a",code="200"} 3',
        'requests_total{node_id="n",instance_id="b"} 1',
        "# HELP seconds Time.",
        "# TYPE seconds histogram",
        'seconds_bucket{node_id="n",instance_id="a",le="+Inf"} 3',
        'seconds_count{node_id="n",instance_id="a"} 3',
        'plain{node_id="n",instance_id="a"} 1.5',
    ]


def test_label_values_may_hold_anything() -> None:
    text = 'm{a="} 1 # {x=\\"y\\"}",b="back\\\\slash \\n line, é"} 2 1700000000123\n'
    written = merged(text)
    assert written == [f'm{{node_id="n",instance_id="a",{text[2:].rstrip()}']


def test_own_labels_of_that_name_are_kept_apart() -> None:
    (line,) = merged('m{node_id="x",instance_id="y"} 1\n')
    assert line.endswith(
        '{node_id="n",instance_id="a",exported_node_id="x",exported_instance_id="y"} 1'
    )


def test_a_counter_keeps_its_name() -> None:
    assert merged("# TYPE hits counter\nhits 4\n") == [
        "# TYPE hits counter",
        'hits{node_id="n",instance_id="a"} 4',
    ]


def test_values_that_are_no_plain_numbers() -> None:
    written = merged("a NaN\nb +Inf\nc -Inf\nd 1e-9\ne 12345678901234567890\n")
    ends = [line.rpartition(" ")[2] for line in written]
    assert ends == ["NaN", "+Inf", "-Inf", "1e-09", "12345678901234567890"]


def test_both_formats_of_one_registry_tell_the_same() -> None:
    registry = CollectorRegistry()
    Counter("requests", "All\nof them.", ["code"], registry=registry).labels('2"0').inc(3)
    Histogram("seconds", "Time.", registry=registry).observe(0.2, exemplar={"trace_id": "a } # b"})
    Info("build", "What.", registry=registry).info({"version": "1"})
    old = merge("n", {"a": Scrape(generate_latest(registry).decode(), "text/plain")})
    new = merge("n", {"a": Scrape(generate_openmetrics(registry).decode(), CONTENT_TYPE_LATEST)})
    assert samples(old) == samples(new)
    assert "# HELP requests_total All\\nof them.\n# TYPE requests_total counter\n" in new
    assert "# EOF" not in new
    assert "trace_id" not in new  # the older format has no exemplars


def test_what_can_not_be_read_is_told_and_spoils_nothing() -> None:
    scrapes = {
        "a": Scrape(TEXT),
        "b": Scrape('broken{x="1" 3\n'),
        "c": Scrape(failure="connection\nrefused"),
        "d": Scrape("m 1\n", CONTENT_TYPE_LATEST),  # without its end
    }
    text = merge("n", scrapes)
    assert 'node_deploy_scrape_up{node_id="n",instance_id="a"} 1' in text
    for broken in "bcd":
        assert f'node_deploy_scrape_up{{node_id="n",instance_id="{broken}"}} 0' in text
    assert "# c: connection refused\n" in text
    assert 'requests_total{node_id="n",instance_id="a",code="200"} 3' in text
