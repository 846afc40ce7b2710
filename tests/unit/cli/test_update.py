"""What an update with new code keeps of a node."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_node_deploy.cli import program, update
from jupyter_node_deploy.cli.context import Context

_FOUND = [{"name": "fig"}, {"name": "png"}]


class Api:
    def call(self, method: str, path: str, body: Any = None, **_: Any) -> Any:
        cell = {"inputs": [], "outputs": _FOUND, "requirements": [], "files": []}
        return {"node": {"cell": cell}, "warnings": []}


@pytest.mark.parametrize(
    ("more", "outputs"),
    [
        ((), [{"name": "png", "type": "any"}]),
        (("--response", "fig:text/html"), [{"name": "fig"}]),
        (("--response", "none"), _FOUND),
        (("--output", "fig"), [{"name": "fig"}]),
    ],
)
def test_a_body_stays_the_only_output(
    monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], outputs: list[dict[str, Any]]
) -> None:
    monkeypatch.setattr(Context, "api", Api())
    args = program.parser().parse_args(["update", "plot", "a.ipynb", "--cell", "1", *more])
    response = {"body": "png", "content_type": "image/png"}
    outputs_before = [{"name": "png", "type": "any"}]
    cell = {"inputs": [], "outputs": outputs_before, "response": response, "files": ["a.csv"]}

    found = update._cell(Context(args), {"cell": cell}, {"id": "c1", "variables": []})

    assert found["outputs"] == outputs
    assert found["files"] == ["a.csv"]
