"""Answers of runs whose values differ from the one that the output was inferred from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.errors import Internal
from jupyter_node_deploy.nodes.bundle.checks import generate
from jupyter_node_deploy.runtime.bundle import Bundle, Variable
from jupyter_node_deploy.runtime.worker import checks
from jupyter_node_deploy.runtime.worker.outputs import Outputs
from jupyter_node_deploy.specs import Variable as Declared

SCHEMA = {"type": "object", "properties": {"v": {"type": "number"}}, "required": ["v"]}


def answer(directory: Path, value: Any, **more: Any) -> Any:
    declared = Declared(**{"name": "r", "type": "dict", "schema": SCHEMA, **more})
    (directory / "checks.py").write_text(generate([], [declared]))
    variable = Variable.read(declared.model_dump(mode="json", by_alias=True))
    bundle = Bundle(directory, outputs=[variable])
    outputs = Outputs(bundle, checks.load(bundle)[1])
    return json.loads(outputs.write({"r": value}, 0)[2])["r"]


@pytest.mark.parametrize("value", [None, {"v": None}, {}, 3, [1], "text"])
def test_a_schema_that_was_inferred_refuses_no_other_value(tmp_path: Path, value: Any) -> None:
    assert answer(tmp_path, value, strict=False) == value


@pytest.mark.parametrize("value", [None, {"v": None}, {}, 3])
def test_one_that_is_strict_does(tmp_path: Path, value: Any) -> None:
    assert answer(tmp_path, {"v": 1.5}) == {"v": 1.5}
    with pytest.raises(Internal):
        answer(tmp_path, value)
