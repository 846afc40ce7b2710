"""Options that change a node form."""

from argparse import ArgumentParser
from typing import Any

import pytest

from jupyter_node_deploy.cli import spec
from jupyter_node_deploy.cli.failure import Failure

CHECKPOINT = {
    "variables": [
        {"name": "x", "declared": "int", "schema": {"type": "integer"}},
        {"name": "odd", "declared": None, "schema": None},
    ]
}


def changed(cell: dict[str, Any], *arguments: str) -> dict[str, Any]:
    parser = ArgumentParser()
    spec.add_options(parser)
    spec.change_cell(cell, parser.parse_args(arguments), CHECKPOINT)
    return cell


def cell() -> dict[str, Any]:
    return {"inputs": [{"name": "a", "type": "dict", "default": 1}], "outputs": [], "timeout": 60}


def test_without_options_nothing_changes() -> None:
    assert changed(cell()) == cell()


def test_named_variables_replace_those_found_and_keep_what_is_known() -> None:
    inputs = changed(cell(), "--input", "a", "--input", "x", "--input", "new:float")["inputs"]
    assert inputs == [
        {"name": "a", "type": "dict", "default": 1},
        {"name": "x", "type": "int", "schema": {"type": "integer"}},
        {"name": "new", "type": "float"},
    ]


def test_another_type_than_the_one_found_drops_the_schema() -> None:
    assert changed(cell(), "--output", "x:str")["outputs"] == [{"name": "x", "type": "str"}]
    assert changed(cell(), "--output", "odd")["outputs"] == [
        {"name": "odd", "type": "any", "schema": None}
    ]


def test_a_type_that_is_none_is_told_with_those_that_are() -> None:
    with pytest.raises(Failure, match=r"'number'.*DataFrame"):
        changed(cell(), "--input", "x:number")


def test_limits() -> None:
    done = changed(cell(), "--request-timeout", "2.5", "--workers", "3", "--isolation", "request")
    assert (done["timeout"], done["workers"], done["isolation"]) == (2.5, 3, "request")
