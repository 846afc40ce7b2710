"""Options that change a node form."""

from argparse import ArgumentParser
from typing import Any

import pytest

from jupyter_node_deploy.cli import image, spec
from jupyter_node_deploy.cli.failure import Failure
from jupyter_node_deploy.specs import CellSpec, RunSettings


def _info(name: str, **more: Any) -> dict[str, Any]:
    unknown = dict.fromkeys(("declared", "schema", "input_schema", "no_input"))
    return {"name": name, **unknown, **more}


CHECKPOINT = {
    "variables": [
        _info("x", declared="int", schema={"type": "integer"}),
        _info("odd"),
        _info("third", declared="str", no_input="JSON has nothing that stands for a Fraction"),
        _info("when", declared="datetime", no_input="JSON has a time's offset, not its zone"),
        _info("table", declared="DataFrame", input_schema={"type": "object"}),
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
        {"name": "x", "type": "int", "schema": {"type": "integer"}, "strict": True},
        {"name": "new", "type": "float"},
    ]


def test_another_type_than_the_one_found_drops_the_schema() -> None:
    assert changed(cell(), "--output", "x:str")["outputs"] == [{"name": "x", "type": "str"}]
    assert changed(cell(), "--output", "odd")["outputs"] == [
        {"name": "odd", "type": "any", "schema": None, "strict": False}
    ]


def test_tables_as_inputs_are_compared_with_the_checkpoints() -> None:
    assert changed(cell(), "--input", "table")["inputs"] == [
        {"name": "table", "type": "DataFrame", "schema": {"type": "object"}, "strict": False}
    ]


def test_no_inputs() -> None:
    assert changed(cell(), "--input", "none")["inputs"] == []


def test_what_no_request_can_bring_is_no_input_without_a_type() -> None:
    with pytest.raises(Failure, match=r"'third' can't be an input.*Fraction.*third:any"):
        changed(cell(), "--input", "third")
    with pytest.raises(Failure, match=r"'when' can't be an input.*when:datetime"):
        changed(cell(), "--input", "when")
    assert changed(cell(), "--input", "third:any")["inputs"] == [{"name": "third", "type": "any"}]


def test_a_type_that_is_none_is_told_with_those_that_are() -> None:
    with pytest.raises(Failure, match=r"'number'.*DataFrame"):
        changed(cell(), "--input", "x:number")


def test_limits() -> None:
    done = changed(cell(), "--request-timeout", "2.5", "--workers", "3", "--isolation", "request")
    assert (done["timeout"], done["workers"], done["isolation"]) == (2.5, 3, "request")
    assert changed(cell(), "--concurrency", "16")["concurrency"] == 16


def test_limits_of_a_cell() -> None:
    done = changed(
        cell(),
        *("--queue", "5", "--queue-timeout", "2", "--memory-limit", "500M"),
        *("--response-limit", "1kB", "--allow-nan", "yes", "--show-traceback", "no"),
    )
    del done["inputs"], done["outputs"], done["timeout"]
    assert done == {
        "queue": 5,
        "queue_timeout": 2.0,
        "memory_limit": 500 * 2**20,
        "response_limit": 1024,
        "allow_nan": True,
        "show_traceback": False,
    }
    assert changed(done | cell(), "--memory-limit", "none")["memory_limit"] is None


def test_each_setting_of_a_run_has_an_option() -> None:
    given = {
        "isolation": "auto",
        "random_state": "fresh",
        "allow_nan": "no",
        "show_traceback": "yes",
        "smoke_test": "no",
        "response": "y:text/html",
    }
    settings = RunSettings().model_dump()
    words = []
    for name in settings:
        option = "request-timeout" if name == "timeout" else name.replace("_", "-")
        words += [f"--{option}", given.get(name, "1")]
    done = changed(cell(), *words)
    assert settings.keys() <= done.keys()
    CellSpec.model_validate({"checkpoint": "c", **done})


def test_settings_of_a_cell_are_refused_for_an_image() -> None:
    parser = ArgumentParser()
    spec.add_options(parser)
    image.add_options(parser)
    spec.require_no_cell(parser.parse_args(["--request-timeout", "2"]))
    with pytest.raises(Failure, match="--allow-nan is for nodes of cells"):
        spec.require_no_cell(parser.parse_args(["--allow-nan", "no"]))


def test_an_answer_of_its_own_is_the_only_output() -> None:
    done = changed(cell(), "--response", "page:text/html")
    assert done["response"] == {"body": "page", "content_type": "text/html"}
    assert done["outputs"] == [{"name": "page"}]
    CellSpec.model_validate({"checkpoint": "c", **done})
    assert changed(done, "--response", "none")["response"] is None


@pytest.mark.parametrize(
    "arguments", [("--memory-limit", "much"), ("--response", "page"), ("--queue-timeout", "soon")]
)
def test_a_wrong_value_is_told(arguments: tuple[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        changed(cell(), *arguments)
    assert f"{arguments[0]}: invalid" in capsys.readouterr().err


def test_files_and_mounts_replace_those_found() -> None:
    given = {**cell(), "files": ["a.csv"], "mounts": []}
    found = changed(dict(given), "--file", "b.csv", "--file", "in")
    assert found["files"] == ["b.csv", "in"]
    assert changed(dict(given), "--file", "none")["files"] == []
    words = ("--mount", "/data", "--mount", "/a:/b:rw", "--mount", "/c:ro")
    assert changed(dict(given), *words)["mounts"] == [
        {"source": "/data", "target": "/data", "read_only": True},
        {"source": "/a", "target": "/b", "read_only": False},
        {"source": "/c", "target": "/c", "read_only": True},
    ]
    assert changed({**given, "mounts": [1]}, "--mount", "none")["mounts"] == []
    with pytest.raises(Failure, match="absolute paths"):
        changed(dict(given), "--mount", "data:/in")
