"""The guide is true: it has each command, option, setting and error, and none that there is not."""

import re
from argparse import SUPPRESS, ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from traitlets.config import Config

from jupyter_node_deploy import errors
from jupyter_node_deploy.app import NodeDeployApp
from jupyter_node_deploy.cli.program import parser
from scripts import reference

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guide"
PAGES = [ROOT / "README.md", *sorted(GUIDE.glob("*.md"))]
SETTINGS = NodeDeployApp.class_own_traits(config=True)


def commands(parent: ArgumentParser) -> Iterator[ArgumentParser]:
    """Yield the parser and all below it."""
    yield parent
    for action in parent._actions:
        if isinstance(action, _SubParsersAction):
            for child in action.choices.values():
                yield from commands(child)


def options(command: ArgumentParser) -> set[str]:
    return {
        name
        for action in command._actions
        if action.help != SUPPRESS
        for name in action.option_strings
        if name.startswith("--")
    }


COMMANDS = {one.prog: one for one in commands(parser())}


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_page_that_is_written_by_the_program_is_what_it_would_write_now(name: str) -> None:
    assert (GUIDE / name).read_text() == reference.PAGES[name](), (
        "write it anew: python scripts/reference.py"
    )


def test_each_option_stands_under_its_command() -> None:
    common, *blocks = re.findall(r"```text\n(.*?)```", (GUIDE / "cli.md").read_text(), re.DOTALL)
    told = {re.findall(r"^jupyter node [a-z]+(?: [a-z]+)?\b", one)[0]: one for one in blocks}
    for name, command in COMMANDS.items():
        if command._subparsers is None:
            there = set(re.findall(r"--[a-z-]+", told[name] + common)) | {"--help"}
            assert options(command) <= there, name
            del told[name]
    assert told == {}


def test_the_settings_of_the_page_are_the_defaults() -> None:
    text = (GUIDE / "configuration.md").read_text()
    code = re.findall(r"```python\n(.*?)```", text, re.DOTALL)[0]
    given = Config()
    exec(code, {"c": given})
    app, untouched = NodeDeployApp(config=given), NodeDeployApp()
    for name in SETTINGS:
        assert f"c.NodeDeployApp.{name} = " in code
        assert getattr(app, name) == getattr(untouched, name), name
    assert given.NodeDeployApp.keys() < SETTINGS.keys()


def test_the_pages_name_only_what_there_is() -> None:
    every = set().union(*map(options, COMMANDS.values()))
    wrong = []
    for page in PAGES:
        text = re.sub(r"\\\n", " ", page.read_text())
        for words in re.findall(r"\bjupyter node((?: [a-z]+)+)", text):
            first, *more = words.split()
            command = COMMANDS.get(f"jupyter node {first}")
            if command is not None and command._subparsers is not None and more:
                command = COMMANDS.get(f"jupyter node {first} {more[0]}")
            if command is None:
                wrong.append((page.name, words))
        for line in re.findall(
            r"^jupyter node .*|`(?:jupyter node .*?|--.*?)`", text, re.MULTILINE
        ):
            unknown = set(re.findall(r"(?<![\w-])--[a-z-]+", line)) - every
            wrong += [(page.name, name) for name in unknown]
        for name in re.findall(r"NodeDeployApp\.(\w+)", text):
            if name not in SETTINGS:
                wrong.append((page.name, name))
    assert wrong == []


def test_the_table_of_errors_has_each_status_with_its_codes_in_order() -> None:
    text = (GUIDE / "README.md").read_text()
    rows = re.findall(r"^\| ([45]\d\d) +\| ([\d, ]+?) +\| (.+?) +\|$", text, re.MULTILINE)
    told = [(int(status), int(code)) for status, codes, _ in rows for code in codes.split(", ")]
    assert all(before < after for before, after in pairwise(told))
    raised = {
        (int(one.status), one.code)
        for one in vars(errors).values()
        if isinstance(one, type) and issubclass(one, errors.NodeDeployError)
    }
    assert raised <= set(told)
    # What HAProxy and Tornado refuse by themselves, with a code of ours.
    assert set(told) - raised == {(405, 3), (405, 12), (408, 4)}


def test_each_environment_is_shown_by_a_test() -> None:
    rows = [line.split("|") for line in _lines("environments.md") if line.startswith("| ")][2:]
    assert rows
    named = [re.fullmatch(r"`(.+)::(\w+)`", row[3].strip()) for row in rows]
    found = [(one[1], one[2]) for one in named if one is not None]
    assert len(found) == len(rows)
    for path, name in found:
        assert f"def {name}(" in (ROOT / path).read_text(), name
    mine = "tests/integration/test_environments.py"
    written = re.findall(r"^def (test_\w+)\(", (ROOT / mine).read_text(), re.MULTILINE)
    assert {name for path, name in found if path == mine} == set(written)


def _lines(page: str) -> list[str]:
    return (GUIDE / page).read_text().splitlines()
