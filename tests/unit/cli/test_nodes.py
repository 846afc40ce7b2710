"""What is shown of a node."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_node_deploy.cli import node_view, program
from jupyter_node_deploy.cli.context import Context

_NODE: dict[str, Any] = {
    **dict.fromkeys(("isolation", "verification", "touched", "docker", "created_at")),
    **dict.fromkeys(("id", "name", "status", "reason", "execute_url", "folder", "type"), "-"),
    **dict.fromkeys(("description", "backend"), "-"),
    "revision": 1,
    "instances": [],
    "acl": [],
    "warnings": [],
}


def test_inputs_that_must_be_sent_are_marked(capsys: pytest.CaptureFixture[str]) -> None:
    inputs = [
        {"name": "n", "type": "int", "required": False},
        {"name": "cache", "type": "dict", "required": True},
    ]
    cell = {"inputs": inputs, "outputs": [{"name": "y", "type": "int"}], "isolation": "auto"}

    context = Context(program.parser().parse_args(["show", "x"]))
    node_view.show_node(context, {**_NODE, "cell": cell})

    assert "n: int, cache: dict (required)\n" in capsys.readouterr().out
