"""What the notebook left, compared with answers."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

from jupyter_node_deploy.namespace.forms.encoding import Encoder
from jupyter_node_deploy.namespace.forms.example import example_of
from jupyter_node_deploy.runtime.front.answers import as_answered, differing

FRAME = pd.DataFrame({"day": pd.date_range("2026-01-30", periods=4), "n": [1, 2, 3, 4]})


def told(left: Any, answered: Any) -> list[str]:
    answer = json.loads(Encoder(allow_nan=False).encode(answered, "any"))
    found = differing("output", {"x": as_answered(example_of(left), answer)}, {"x": answer})
    return [one["subject"] for one in found]


@pytest.mark.parametrize(
    "value",
    [
        FRAME,
        FRAME[FRAME.n > 2],
        FRAME.set_index("day"),
        FRAME.set_index(["day", "n"], drop=False).rename_axis(["a", None]),
        FRAME.set_index("day").resample("MS").agg(["sum", "count"])["n"],
        FRAME[FRAME.n > 9],
        FRAME.n,
        FRAME.n[2:],
        FRAME.n[FRAME.n > 2],
        FRAME.set_index(["day", "n"], drop=False).n,
        FRAME.set_index("day").n,
        FRAME.groupby("day").n.sum(),
        {"index": [1], "data": [2]},
    ],
    ids=str,
)
def test_the_same_is_the_same_in_both_forms(value: Any) -> None:
    assert told(value, value) == []


def test_another_cell_of_a_table_with_labels_is_told() -> None:
    other = FRAME.assign(n=[1, 2, 3, 5])
    assert told(FRAME[FRAME.n > 2], other[other.n > 2]) == ["x[1]['n']"]
    assert told(FRAME.set_index("day").n, other.set_index("day").n) != []
    assert told(FRAME[FRAME.n > 2], FRAME[FRAME.n > 1]) == ["x"]
