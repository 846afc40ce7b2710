"""Which kernel runs a notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest

from jupyter_node_deploy.cli import kernelspec
from jupyter_node_deploy.cli.connection import Connection
from jupyter_node_deploy.cli.failure import Failure
from jupyter_node_deploy.cli.notebook import Notebook

SPECS = {"ir": ("R", "R"), "python3": ("Python 3", "python"), "old": ("Python 3.9", "python")}


class _Server:
    def __init__(self, default: str, *names: str) -> None:
        self.found = {
            "default": default,
            "kernelspecs": {
                name: {"spec": {"display_name": SPECS[name][0], "language": SPECS[name][1]}}
                for name in names
            },
        }

    def jupyter(self, method: str, path: str) -> Any:
        assert (method, path) == ("GET", "api/kernelspecs")
        return self.found


def choose(named: str | None, wanted: str | None = None, default: str = "python3") -> str:
    api = cast("Connection", _Server(default, *SPECS))
    return kernelspec.choose(api, Notebook(Path("n.ipynb"), named, []), wanted)


def test_the_notebook_says_which() -> None:
    assert choose("old") == "old"
    assert choose("gone", "old") == "old"


def test_a_notebook_that_names_none_runs_in_the_servers_own() -> None:
    assert choose(None) == "python3"
    assert choose(None, default="old") == "old"
    assert choose(None, default="ir") == "python3"


@pytest.mark.parametrize(
    ("named", "wanted", "told"),
    [
        ("gone", None, "names the kernel 'gone', which this server does not have. Choose one with"),
        ("ir", None, "The kernel 'ir' (R) is not a Python one"),
        ("python3", "gone", "This server has no kernel 'gone'. There is: python3 (Python 3), old"),
        ("python3", "ir", "The kernel 'ir' (R) is not a Python one"),
    ],
)
def test_another_is_refused_with_what_there_is(named: str, wanted: str | None, told: str) -> None:
    with pytest.raises(Failure) as caught:
        choose(named, wanted)
    assert told in caught.value.message
    assert "python3 (Python 3), old (Python 3.9)" in caught.value.message


def test_a_server_without_python_is_told_so() -> None:
    api = cast("Connection", _Server("ir", "ir"))
    with pytest.raises(Failure, match="no Python kernel at all"):
        kernelspec.choose(api, Notebook(Path("n.ipynb"), None, []), None)
