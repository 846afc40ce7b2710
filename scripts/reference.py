"""Writes the guide's pages of all commands and all settings, from what the program says of itself.

`python scripts/reference.py` renews them; tests/unit/test_guide.py fails where they are stale.
"""

import json
from argparse import SUPPRESS, Action, ArgumentParser, _SubParsersAction
from collections.abc import Iterable, Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

from traitlets import Enum, TraitType, Undefined

from jupyter_node_deploy.app import NodeDeployApp
from jupyter_node_deploy.cli.program import parser

GUIDE = Path(__file__).resolve().parents[1] / "docs" / "guide"
WIDTH = 98
_COLUMN = 28  # where the explanations begin
_MANY = 10  # so many options that another command has, too, are only named

_COMMANDS = """\
# Commands

Written by `scripts/reference.py` from what the commands' `--help` says. `jupyter node` speaks to
your running Jupyter server, or starts one in the background; `jupyter node --version` tells its own
version.

Each command also takes:
"""
_SETTINGS = """\
# Settings

Written by `scripts/reference.py` from the settings' own descriptions. They belong into
`jupyter_node_deploy_config.py` in one of the directories that `jupyter --paths` lists under
`config`, or onto the command line: `jupyter lab --NodeDeployApp.keep_checkpoints=20`. What stands
here are the defaults; a line that is commented out has none, or one that its description tells.
"""

Row = tuple[str, str]


def leaves(command: ArgumentParser) -> Iterator[ArgumentParser]:
    """Yield the commands that can be run."""
    groups = [one for one in command._actions if isinstance(one, _SubParsersAction)]
    for group in groups:
        for below in group.choices.values():
            yield from leaves(below)
    if not groups:
        yield command


def commands() -> str:
    """Return the page of all commands."""
    every = list(leaves(parser()))
    shared = [row for row in _rows(every[0]) if all(row in _rows(one) for one in every)]
    parts = [_COMMANDS, _block(_lines(shared))]
    told: list[tuple[str, list[Row]]] = []
    section = ""
    for command in every:
        name = command.prog.removeprefix("jupyter node ")
        own = [row for row in _rows(command) if row not in shared]
        rest = own
        for other, rows in told:
            same = [row for row in own if row in rows]
            if len(same) > _MANY:
                rest = [row for row in own if row not in same]
                words = " ".join(option for option, _ in same).replace(",", "").split()
                names = ", ".join(word for word in words if word.startswith("--"))
                rest.append((f"as for {other}:", names))
        told.append((name, own))
        head, *_ = name.split()
        parts.append("" if head == section else f"\n## {head}\n")
        section = head
        usage = _usage(command) + (" [options]" if own else "")
        about = _fill(f"{command.description}.", WIDTH)
        parts.append(_block([usage, "", *about, "", *_lines(_positionals(command) + rest)]))
    return "\n".join(parts) + "\n"


def settings() -> str:
    """Return the page of all settings."""
    blocks = []
    for name, trait in NodeDeployApp.class_own_traits(config=True).items():
        lines = _fill(trait.help, WIDTH - 2)
        if isinstance(trait, Enum):
            lines.append("One of: " + ", ".join(map(json.dumps, trait.values or ())))
        default = _default(trait)
        shown = f"c.NodeDeployApp.{name} = {default or '...'}"
        blocks.append(
            "\n".join([*(f"# {line}" for line in lines), shown if default else f"# {shown}"])
        )
    return f"{_SETTINGS}\n```python\n" + "\n\n".join(blocks) + "\n```\n"


def _default(trait: TraitType[Any, Any]) -> str:
    """Return a trait's default as code; nothing where it is made at run time, or means nothing."""
    value = trait.default() if trait.default_value is Undefined else trait.default_value
    if value == "":
        return ""
    if isinstance(value, list):
        return "\n".join(["[", *(f"    {json.dumps(one)}," for one in value), "]"])
    return json.dumps(value) if isinstance(value, str) else repr(value)


def _rows(command: ArgumentParser) -> list[Row]:
    """Return a command's options, each with its explanation; without --help."""
    found = []
    for action in command._actions:
        if action.option_strings and action.help != SUPPRESS and action.dest != "help":
            value = _value(action) if action.nargs != 0 else ""
            found.append((f"{', '.join(action.option_strings)} {value}".rstrip(), _help(action)))
    return found


def _positionals(command: ArgumentParser) -> list[Row]:
    return [(_value(one), _help(one)) for one in command._actions if not one.option_strings]


def _usage(command: ArgumentParser) -> str:
    forms = {"?": "[{}]", "*": "[{} ...]", "+": "{} ..."}
    given = [
        forms.get(str(one.nargs), "{}").format(_value(one))
        for one in command._actions
        if not one.option_strings
    ]
    return " ".join([command.prog, *given])


def _value(action: Action) -> str:
    if action.choices is not None:
        return "|".join(map(str, action.choices))
    return str(action.metavar or action.dest.upper())


def _help(action: Action) -> str:
    text = action.help
    assert text, f"{action.option_strings or action.dest} has no help"
    if action.default in (None, SUPPRESS, "") or isinstance(action.default, bool):
        return text
    return text if "default" in text else f"{text} (default: {action.default:g})".strip()


def _lines(rows: list[Row]) -> Iterator[str]:
    for name, text in rows:
        first, *others = _fill(text, WIDTH - _COLUMN)
        if len(name) > _COLUMN - 4:
            yield f"  {name}"
            yield f"{'':{_COLUMN}}{first}"
        else:
            yield f"  {name:{_COLUMN - 2}}{first}"
        yield from (f"{'':{_COLUMN}}{line}" for line in others)


def _fill(text: str, width: int) -> list[str]:
    return wrap(text, width, break_on_hyphens=False)


def _block(lines: Iterable[str]) -> str:
    return "\n".join(["```text", *"\n".join(lines).strip("\n").split("\n"), "```"])


#: The pages, by the name of their file.
PAGES = {"cli.md": commands, "configuration.md": settings}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (GUIDE / name).write_text(page())
