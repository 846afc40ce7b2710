"""The command line as a whole."""

import json

import pytest

from jupyter_node_deploy import __version__
from jupyter_node_deploy.cli import main

COMMANDS = [
    *("deploy", "list", "show", "execute", "logs", "update", "rollback", "suspend", "resume"),
    "restart",
    *("delete", "export", "revisions", "openapi"),
    *(f"gateway {verb}" for verb in ("status", "reload", "logs")),
    *(f"checkpoint {verb}" for verb in ("list", "show", "pin", "unpin", "rename", "apply")),
    *("checkpoint delete", "checkpoint force", "checkpoint suggest"),
    *(f"alias {verb}" for verb in ("list", "create", "update", "delete")),
    *(f"folder {verb}" for verb in ("list", "create", "delete")),
    *(f"secret {verb}" for verb in ("put", "list", "delete")),
    *(f"token {verb}" for verb in ("create", "list", "revoke")),
    *(f"server {verb}" for verb in ("start", "stop", "status")),
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_and_json(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert "--json" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [[], ["nonsense"], ["checkpoint"], ["update"], ["show"]])
def test_what_is_not_understood_ends_with_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "usage: jupyter node" in shown.err


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == __version__


def test_a_server_that_does_not_answer_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "--server", "http://127.0.0.1:9/", "--json"]) == 1
    shown = capsys.readouterr()
    assert shown.out == ""
    assert json.loads(shown.err)["code"] == 14
