"""What the server reads of a dry run: each text comes through, and there is always a reason."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.nodes.bundle.dry_run import dry_run
from jupyter_node_deploy.specs import DryRun

from .conftest import variable

Make = Callable[..., Path]


async def run(bundle: Path) -> DryRun:
    return await dry_run(bundle, python=sys.executable, timeout=30)


ENDS = "a\u2028b\u2029c\x85d\x1ce\x0bf\x0cg\rh\nend"


@pytest.mark.parametrize(
    ("cell", "output", "stdout"),
    [
        (f"y = {ENDS!r}\nprint(y)", ENDS, ENDS + "\n"),
        ("y = 'a\\ud800-\\udc00b\\udfff'", "a\\ud800-\\udc00b\\udfff", ""),  # shown, as JSON can't
        ("print('\\udcff')\ny = 1", 1, "\\udcff\n"),
        ("y = []\nfor _ in range(300): y = [y]", "(nested too deeply to be shown here)", ""),
        ("y = 10 ** 4000", 10**4000, ""),
    ],
)
async def test_each_text_comes_through(
    make_bundle: Make, cell: str, output: Any, stdout: str
) -> None:
    done = await run(make_bundle(cell, [], [variable("y")]))
    assert done.ok, done.error
    assert done.output == {"y": output}
    assert done.stdout == stdout


@pytest.mark.parametrize(
    "cell", ["raise ValueError('\\ud800\\u2028.')", "raise ValueError('\\x85')"]
)
async def test_errors_come_through(make_bundle: Make, cell: str) -> None:
    error = (await run(make_bundle(cell, [], [variable("y")]))).error
    assert error is not None
    assert error["error_name"] == "ValueError"
    assert error["traceback"][-1].startswith("ValueError: ")


async def test_lines_of_a_traceback_are_the_cells(make_bundle: Make) -> None:
    cell = "s = 'a\u2028b\x0cc'\n\nraise ValueError(s)"
    error = (await run(make_bundle(cell, [], [variable("y")]))).error
    assert error is not None
    assert error["traceback"][-3:-1] == [
        '  File "<cell>", line 3, in <module>',
        "    raise ValueError(s)",
    ]


KILL = """
import os, pathlib
os.write(2, b"on the way\\n")
front = int(pathlib.Path(f"/proc/{os.getppid()}/stat").read_text().rpartition(")")[2].split()[1])
os.kill(front, SIGNAL)
"""


@pytest.mark.parametrize(
    ("number", "words"), [("9", "killed by SIGKILL (most likely because"), ("6", "SIGABRT")]
)
async def test_a_dry_run_that_is_killed(make_bundle: Make, number: str, words: str) -> None:
    error = (await run(make_bundle(KILL.replace("SIGNAL", number), [], [variable("y")]))).error
    assert error is not None
    assert words in error["error_message"]
    assert "Its last words: " in error["error_message"]
    assert "on the way" in error["traceback"]
