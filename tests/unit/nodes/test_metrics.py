"""Metrics of several instances in one text."""

from __future__ import annotations

from jupyter_node_deploy.nodes.metrics import merge

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


def test_labels_are_added_and_heads_stand_once() -> None:
    assert merge("n", {"a": TEXT, "b": "requests_total 1\n"}).splitlines() == [
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
