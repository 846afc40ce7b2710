"""What commands show."""

import json

import pytest

from jupyter_node_deploy.cli.console import Console, fields, size, table
from jupyter_node_deploy.cli.failure import Failure
from jupyter_node_deploy.cli.tokens import seconds

FAILURE = Failure(
    "The cell raised",
    code=9,
    details=[{"error_name": "E", "traceback": ["\x1b[1;31mTraceback\x1b[0m", "E: x"]}],
)


def test_a_table_is_aligned_and_has_no_spaces_at_its_ends() -> None:
    assert (
        table(("A", "LONG"), [("x", None), ("yyy", ["1", "2"])]) == "A    LONG\nx    -\nyyy  1, 2"
    )


def test_fields_without_a_value_are_left_out() -> None:
    assert fields([("Name", "n"), ("Reason", ""), ("ID", 1)]) == "Name  n\nID    1"


@pytest.mark.parametrize(
    ("count", "text"), [(0, "0 B"), (999, "999 B"), (1000, "1 kB"), (5_200_000_000, "5.2 GB")]
)
def test_sizes(count: int, text: str) -> None:
    assert size(count) == text


def test_a_failure_is_shown_with_the_cells_traceback_without_colours(
    capsys: pytest.CaptureFixture[str],
) -> None:
    Console(as_json=False).failure(FAILURE)
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err == "Error: The cell raised\nTraceback\nE: x\n"


@pytest.mark.parametrize("way", ["write", "note"])
def test_a_terminal_obeys_nothing_that_is_shown(
    capsys: pytest.CaptureFixture[str], way: str
) -> None:
    name = "a\x1b]0;title\x07\x1b[2J\x9b1A\u202eb\x1b[31mred\x1b[0m\tc\nd\re"
    getattr(Console(as_json=False), way)(name)
    assert "".join(capsys.readouterr()) == (
        "a\\x1b]0;title\\x07\\x1b[2J\\x9b1A\\u202eb\x1b[31mred\x1b[0m\tc\nd\ne\n"
    )


def test_a_failure_as_json_is_the_documented_body(capsys: pytest.CaptureFixture[str]) -> None:
    Console(as_json=True).failure(FAILURE)
    shown = capsys.readouterr()
    assert shown.out == ""
    told = json.loads(shown.err)
    assert told["code"] == 9
    assert told["details"][0]["traceback"] == ["Traceback", "E: x"]


@pytest.mark.parametrize(
    ("text", "value"), [("90", 90), ("30s", 30), ("5m", 300), ("12h", 43200), ("7d", 604800)]
)
def test_lifetimes(text: str, value: int) -> None:
    assert seconds(text) == value


@pytest.mark.parametrize("text", ["", "h", "1.5h", "-1h", "12 hours", "1w"])
def test_what_is_no_lifetime(text: str) -> None:
    with pytest.raises(Failure, match="not a lifetime"):
        seconds(text)
