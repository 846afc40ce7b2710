"""``jupyter node deploy``: what is told, and asked, before anything is created."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.cli import deploy, notebook, program, spec
from jupyter_node_deploy.cli.context import Context
from jupyter_node_deploy.cli.failure import Failure

_DIFFERENCE = "x.rate is 8000 in the notebook, and missing in the node."


_CHANGE_CELL = spec.change_cell


class Api:
    """A server that is told to make a node whose cell differs."""

    def __init__(self) -> None:
        self.called: list[str] = []

    def call(self, method: str, path: str, body: Any = None, **_: Any) -> Any:
        self.called.append(f"{method} {path}")
        answers: dict[str, Any] = {
            "nodes:validate": {"ok": True, "warnings": [_DIFFERENCE]},
            "checkpoints": {"checkpoints": []},
            "checkpoints/c1:pin": {"id": "c1"},
            "nodes": {"id": "n1", "name": "x", "warnings": [_DIFFERENCE]},
        }
        if path not in answers:
            raise Failure("no such thing", status=404)
        return answers[path]


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Api:
    cell = {"inputs": [], "outputs": [{"name": "y"}], "timeout": 30}
    form = {"name": "x", "type": "cell", "cell": cell, "provisioning": {"instances": 1}}
    suggestion = {"node": form, "warnings": ["a warning"]}
    made = Api()
    monkeypatch.setattr(Context, "api", made)
    monkeypatch.setattr(deploy, "run_notebook", lambda *_: ({"id": "c1"}, suggestion))
    monkeypatch.setattr(notebook, "read", lambda _: Namespace(upto=lambda _: []))
    monkeypatch.setattr(spec, "change_cell", lambda *_: None)
    monkeypatch.setattr(deploy, "finish", lambda *_: None)
    return made


def run(*more: str) -> None:
    args = program.parser().parse_args(["deploy", "a.ipynb", "--cell", "1", *more])
    assert args.notebook == Path("a.ipynb")
    deploy.deploy(Context(args))


def test_differences_are_told_once_and_before(
    api: Api, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.isatty", lambda _: False)
    told: list[str] = []
    before = Api.call

    def call(self: Api, method: str, path: str, body: Any = None, **more: Any) -> Any:
        if path == "nodes":
            told.append(capsys.readouterr().err)
        return before(self, method, path, body, **more)

    monkeypatch.setattr(Api, "call", call)

    run()

    assert told == [f"Note: a warning\nNote: {_DIFFERENCE}\n"]
    assert capsys.readouterr().err == ""


def test_somebody_who_is_there_is_asked(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr("os.isatty", lambda _: True)

    def answer(question: str) -> str:
        asked.append(question)
        return "n"

    monkeypatch.setattr("builtins.input", answer)

    with pytest.raises(Failure, match="Nothing was done"):
        run()

    assert len(asked) == 1
    assert api.called[-1] == "POST nodes:validate"

    run("--yes")

    assert len(asked) == 1
    assert api.called[-1] == "POST nodes"


def test_variables_of_the_notebook_stay_beside_those_given(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spec, "change_cell", _CHANGE_CELL)
    _, suggestion = deploy.run_notebook(None, None, "1")  # type: ignore[arg-type]
    cell = suggestion["node"]["cell"]
    cell["env"] = [{"name": "MODE", "value": "strict"}, {"name": "REGION", "value": "eu"}]

    run("--env", "REGION=us", "--env-secret", "KEY=key")

    assert {one["name"]: one.get("value") or one.get("secret") for one in cell["env"]} == {
        "MODE": "strict",
        "REGION": "us",
        "KEY": "key",
    }


def test_a_variable_that_was_given_is_not_asked_for(
    api: Api, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(spec, "change_cell", _CHANGE_CELL)
    _, suggestion = deploy.run_notebook(None, None, "1")  # type: ignore[arg-type]
    suggestion["warnings"] = ["KEY was not copied", "another"]
    reason = {"reason": "ENVIRONMENT_NOT_CARRIED", "metadata": {"subject": "KEY"}}
    suggestion["warnings_info"] = [reason, None]

    run("--env-secret", "KEY=key", "--yes")
    assert "KEY was not copied" not in capsys.readouterr().err

    suggestion["node"]["cell"]["env"] = []
    run("--yes")
    assert "KEY was not copied" in capsys.readouterr().err
