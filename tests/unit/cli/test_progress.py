"""What is told of what takes long."""

from __future__ import annotations

import time

import pytest

from jupyter_node_deploy.cli import progress
from jupyter_node_deploy.cli.console import Console
from jupyter_node_deploy.cli.waits import what


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_SILENCE", 0.1)
    monkeypatch.setattr(progress, "_EVERY", 0.1)


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")


def test_what_is_quick_is_not_told(capsys: pytest.CaptureFixture[str]) -> None:
    with Console(False).working("Looking"):
        pass
    assert capsys.readouterr() == ("", "")


def test_what_takes_long_is_told_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(True)
    with console.working("Looking"), console.working("Asking"):
        time.sleep(0.4)
    assert capsys.readouterr() == ("", "Looking …\n")


def test_what_is_told_at_once_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    with Console(False).working("Running cell 1 of 2", at_once=True):
        assert capsys.readouterr().err == "Running cell 1 of 2 …\n"
        time.sleep(0.3)
    assert capsys.readouterr() == ("", "")


@pytest.mark.usefixtures("terminal")
def test_a_terminal_shows_seconds_in_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(False)
    with console.working("Looking " * 9):
        time.sleep(0.35)
        console.write("meanwhile")
        time.sleep(0.25)
    out, err = capsys.readouterr()
    assert out == "meanwhile\n"
    assert "\n" not in err
    assert err.count(" … 0 s") >= 3
    assert err.endswith("\r\x1b[K")
    assert all(len(line) < 40 for line in err.split("\r\x1b[K"))


@pytest.mark.usefixtures("terminal")
def test_nothing_is_written_over_a_question(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(False)
    with console.working("Running cell 1 of 1", at_once=True):
        with console.aside():
            capsys.readouterr()
            time.sleep(0.4)
            assert capsys.readouterr().err == ""
        time.sleep(0.3)
    assert capsys.readouterr().err.endswith("Running cell 1 of 1 … 1 s\n")


@pytest.mark.parametrize(
    ("method", "path", "words"),
    [
        ("POST", "jupyter-node-deploy/v1/nodes", "Trying the node (dry run)"),
        ("POST", "jupyter-node-deploy/v1/nodes:validate", "Trying the node (dry run)"),
        ("DELETE", "jupyter-node-deploy/v1/nodes/x", "Stopping the node's instances"),
        ("POST", "api/sessions", "Starting the kernel"),
        ("GET", "jupyter-node-deploy/v1/tokens", "Waiting for the Jupyter server"),
    ],
)
def test_requests_have_words(method: str, path: str, words: str) -> None:
    assert what(method, path) == words
