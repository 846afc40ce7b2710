"""The prefilled form."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_node_deploy.distributions.distributions import Requirements
from jupyter_node_deploy.namespace.difference import Difference
from jupyter_node_deploy.namespace.manifest import (
    EnvironmentInfo,
    LocalFile,
    Manifest,
    Options,
    VariableInfo,
)
from jupyter_node_deploy.nodes.bundle.example import example_of, known
from jupyter_node_deploy.nodes.suggestion import LARGE, node_name, suggest
from jupyter_node_deploy.specs import Suggestion

from ...support.manifests import code, group, info, manifest


def ask(found: Manifest, requirements: Requirements | None = None) -> Suggestion:
    return suggest(
        found,
        checkpoint="c1",
        notebook="work/My Notebook (2).ipynb",
        taken=(),
        requirements=requirements or Requirements(),
    )


def names(suggestion: Suggestion, kind: str) -> list[str]:
    return [variable.name for variable in getattr(suggestion.node.cell, kind)]


RANDOMIZER = manifest(
    {
        "free": ["input_data"],
        "assigns": ["output_data"],
        "modules": ["random"],
    },
    variables=[
        info("input_data", {"left_bound": 1}, schema={"type": "object"}),
        info("output_data", {"generated_value": 3}),
        code("generate_value"),
    ],
    groups=[group("input_data"), group("output_data"), group("generate_value")],
)


def test_the_randomizer() -> None:
    found = ask(RANDOMIZER, Requirements(exact=["numpy==2.4.6"]))
    assert found.node.name == "my-notebook-2"
    assert found.node.cell is not None
    assert found.node.cell.checkpoint == "c1"
    assert found.node.cell.requirements == ["numpy==2.4.6"]
    [given] = found.node.cell.inputs
    assert (given.name, given.type, given.json_schema) == ("input_data", "dict", {"type": "object"})
    assert given.required
    assert not given.has_default
    assert names(found, "outputs") == ["output_data"]
    assert found.input == {"input_data": {"left_bound": 1}}
    assert found.carried == ["input_data"]
    assert found.warnings == []


@pytest.mark.parametrize(
    ("notebook", "taken", "name"),
    [
        ("randomizer.ipynb", (), "randomizer"),
        ("randomizer.ipynb", ("randomizer", "randomizer-2"), "randomizer-3"),
        ("2024 Sales_Model v1.ipynb", (), "sales-model-v1"),
        ("отчёт.ipynb", (), "otchyot"),
        ("分析.ipynb", ("node",), "node-2"),
        (None, ("node",), "node-2"),
        ("a" * 80 + ".ipynb", ("a" * 63,), "a" * 61 + "-2"),
    ],
)
def test_the_name_is_valid_and_free(
    notebook: str | None, taken: tuple[str, ...], name: str
) -> None:
    assert node_name(notebook, taken) == name


def test_a_value_without_a_json_form_is_carried() -> None:
    model = info("model", None, type="sklearn.LogisticRegression", declared=None)
    found = ask(
        manifest(
            {"free": ["features", "model"], "assigns": ["y"]},
            variables=[info("features", [1.0]), model, info("y", 1)],
            groups=[group("model"), group("features")],
        )
    )
    assert names(found, "inputs") == ["features"]
    assert found.carried == ["model", "features"]


def test_a_large_value_is_carried_and_said_so() -> None:
    table = info("table", None, type="DataFrame", declared="DataFrame", size=LARGE + 1)
    found = ask(
        manifest(
            {"free": ["table", "row"], "assigns": ["y"]},
            variables=[table, info("row", 1), info("y", 1)],
            groups=[group("table"), group("row")],
        )
    )
    assert names(found, "inputs") == ["row"]
    assert any("'table' is large" in warning for warning in found.warnings)


def test_without_inputs_of_its_own_those_of_the_functions_it_calls() -> None:
    found = ask(
        manifest(
            {"free": ["predict"], "assigns": ["y"]},
            variables=[code("predict"), info("features", [1]), info("unrelated", 2), info("y", 1)],
            groups=[group("features"), group("unrelated"), group("predict", uses=("features",))],
        )
    )
    assert names(found, "inputs") == ["features"]


def test_constants_are_optional() -> None:
    found = ask(
        manifest(
            {"free": ["X", "THRESHOLD"], "assigns": ["y"]},
            variables=[info("X", [1]), info("THRESHOLD", 0.5), info("y", 1)],
        )
    )
    assert found.node.cell is not None
    assert [one.required for one in found.node.cell.inputs] == [True, False]


def test_the_last_expression_comes_first() -> None:
    cell = {"assigns": ["a", "b", "_tmp", "figure", "c"], "last": "c"}
    variables = [info("a", 1), info("b", 1), info("_tmp", 1), info("c", 1)]
    variables.append(info("figure", None, declared=None))
    assert names(ask(manifest(cell, variables=variables)), "outputs") == ["c", "a", "b"]


def test_a_name_that_is_only_shown_is_no_output() -> None:
    found = ask(
        manifest(
            {"free": ["kept"], "assigns": ["a"], "last": "kept"},
            variables=[info("a", 1), info("kept", 1)],
        )
    )
    assert names(found, "outputs") == ["a"]


def test_a_cell_that_assigns_nothing_says_what_to_do() -> None:
    found = ask(manifest({"assigns": []}))
    assert names(found, "outputs") == ["output"]
    assert any("assign the result to a name" in warning for warning in found.warnings)


def test_the_outputs_of_a_run_that_raised_are_the_names_it_would_have_set() -> None:
    found = ask(manifest({"assigns": ["y"]}, status="error"))
    assert names(found, "outputs") == ["y"]
    assert any("raised an error" in warning for warning in found.warnings)


def test_what_is_lost_or_opaque_is_told() -> None:
    found = ask(
        manifest(
            {"free": ["conn"], "assigns": ["y"], "opaque": True},
            variables=[
                info("conn", None, declared=None, reason="an open connection"),
                info("sock", None, declared=None, reason="a socket"),
                info("y", 1),
            ],
        )
    )
    assert found.unsaved == [{"name": "conn", "reason": "an open connection"}]
    text = " ".join(found.warnings)
    assert "could not be saved: conn (an open connection)" in text
    assert "all saved variables travel" in text
    assert "might need it: 'sock'" in text


def test_local_modules_are_not_missing_packages() -> None:
    found = ask(
        manifest(
            {"assigns": ["y"], "modules": ["utils", "pkg", "nowhere"]},
            variables=[info("y", 1)],
            files=[
                LocalFile(module="utils", path="utils.py", blob="0" * 64),
                LocalFile(module="pkg", path="pkg/__init__.py", blob="1" * 64),
            ],
        ),
        Requirements(unknown=["nowhere", "pkg", "utils"], local=["mine 0.1 (file:///src)"]),
    )
    assert found.files == ["utils.py", "pkg/__init__.py"]
    text = " ".join(found.warnings)
    assert "No installed package was found for the module 'nowhere'." in text
    assert "mine 0.1" in text


def test_the_example_takes_defaults_of_optional_inputs() -> None:
    from jupyter_node_deploy.specs import Variable

    inputs = [
        Variable(name="a"),
        Variable(name="b", required=False, default=7),
        Variable(name="unknown"),
    ]
    assert example_of(manifest(variables=[info("a", [1]), info("b", 2)]), inputs) == {
        "a": [1],
        "b": 7,
    }


def test_a_body_that_is_bytes_is_compared_as_it_is_answered() -> None:
    from jupyter_node_deploy.specs import CellSpec

    response = {"body": "png", "content_type": "image/png"}
    spec = CellSpec.model_validate(
        {"checkpoint": "c", "outputs": [{"name": "png"}], "response": response}
    )
    left = info("png", "iVBO", declared="bytes")
    assert known(manifest(variables=[left]), spec)["output"] == {"png": "\ufffdPN"}
    text = spec.model_copy(update={"response": None})
    assert known(manifest(variables=[left]), text)["output"] == {"png": "iVBO"}


def literal(*free: str, variables: list[VariableInfo], **more: Any) -> Suggestion:
    cell = {"free": list(free), "assigns": ["y"], "results": ["y"], **more.pop("cell", {})}
    return ask(manifest(cell, variables=[*variables, info("y", 1)], **more))


def test_what_was_computed_is_state() -> None:
    variables = [
        info("table", [1], declared="DataFrame"),
        info("factor", 2),
        info("columns", ["a"]),
    ]
    found = literal("table", "factor", "columns", variables=variables, literals=["factor", "y"])
    assert names(found, "inputs") == ["factor"]
    assert found.warnings == []


def test_a_cell_that_reads_only_what_was_computed_says_so() -> None:
    found = literal("table", variables=[info("table", [1])], literals=[])
    assert names(found, "inputs") == []
    assert any("reads 'table', which the notebook computed" in one for one in found.warnings)


def test_small_inputs_have_the_checkpoints_value_as_their_default() -> None:
    variables = [
        info("tax", {"EU": 20}),
        info("long", "x" * 5000),
        info("nothing"),
        info("count", 2),
    ]
    variables[2].type, variables[2].declared = "NoneType", "any"
    found = literal(
        *("tax", "long", "nothing", "count"),
        variables=variables,
        literals=[one.name for one in variables],
        cell={"alters": ["count"]},
    )
    assert found.node.cell is not None
    tax, long, nothing, count = found.node.cell.inputs
    assert (tax.required, tax.default) == (False, {"EU": 20})
    assert (long.required, long.has_default) == (True, False)
    assert (nothing.required, nothing.has_default, nothing.default) == (False, True, None)
    # The cell has changed it: the value in the checkpoint is not the one that it began with.
    assert (count.required, count.has_default) == (True, False)


def test_what_no_request_can_bring_is_state() -> None:
    third = info("third", "1/3", no_input="JSON has nothing that stands for a Fraction")
    assert names(literal("third", variables=[third], literals=["third"]), "inputs") == []


def test_inferred_schemas_of_outputs_and_tables_only_describe() -> None:
    schema = {"type": "array"}
    table = info("table", [], declared="DataFrame", schema=schema, input_schema={"type": "object"})
    rows = info("rows", [], schema=schema)
    found = literal("table", "rows", variables=[table, rows], literals=["table", "rows"]).node.cell
    assert found is not None
    assert [(one.strict, one.json_schema) for one in found.inputs] == [
        (False, {"type": "object"}),
        (True, schema),
    ]
    assert [one.strict for one in found.outputs] == [False]


def test_a_loops_variable_is_an_output_where_there_is_no_other() -> None:
    cell = {"assigns": ["i", "y"], "results": ["y"], "others": ["i"]}
    variables = [info("i", 1), info("y", 1)]
    assert names(ask(manifest(cell, variables=variables)), "outputs") == ["y"]
    variables[1].declared = None
    assert names(ask(manifest(cell, variables=variables)), "outputs") == ["i"]
    cell |= {"results": [], "others": []}
    assert names(ask(manifest(cell, variables=variables)), "outputs") == ["output"]


def test_what_can_not_be_returned_says_why() -> None:
    levels = "the columns have names of several levels"
    pivot = info("pivot", type="pandas.DataFrame", declared=None, no_output=levels)
    model = info("model", type="Model", declared=None, no_output="a value of type Model has no …")
    cell = {"assigns": ["pivot", "model", "y"], "results": ["pivot", "model", "y"]}
    found = ask(manifest(cell, variables=[pivot, model, info("y", 1)]))
    text = " ".join(found.warnings)
    assert f"'pivot' can't be returned as JSON, so it is no output: {levels}." in text
    assert "'model'" not in text
    alone = ask(manifest(cell, variables=[model]))
    assert "'model' can't be returned" in " ".join(alone.warnings)


def test_environment_variables_that_the_node_may_need() -> None:
    used = group("price")
    used.environment = ["RATE"]
    other = group("other")
    other.environment = ["OTHER"]
    found = ask(
        manifest(
            {"free": ["price"], "environment": ["REGION", "API_KEY"]},
            variables=[code("price"), code("other")],
            groups=[used, other],
            files=[LocalFile(module="m", path="m.py", blob="0", environment=["OF_MODULE"])],
            environment=[
                EnvironmentInfo(name="API_KEY"),
                EnvironmentInfo(name="OF_MODULE", value="2"),
                EnvironmentInfo(name="OTHER", value="3"),
                EnvironmentInfo(name="RATE", value="7"),
                EnvironmentInfo(name="REGION", value="EU"),
                EnvironmentInfo(name="THREADS", value="1", assigned=True),
            ],
        )
    )
    assert found.node.cell is not None
    given = {one.name: one.value for one in found.node.cell.env}
    assert given == {"OF_MODULE": "2", "RATE": "7", "REGION": "EU", "THREADS": "1"}
    (warning,) = [text for text in found.warnings if "environment variable" in text]
    assert "'API_KEY'" in warning
    assert "EU" not in warning


def test_options_are_shown_and_what_their_functions_use_goes_along() -> None:
    options = Options(blob="0" * 64, values={"numpy": {"err.over": "'raise'"}}, uses=["money"])
    found = ask(
        manifest({"free": []}, variables=[code("money")], groups=[group("money")], options=options)
    )
    assert found.options == {"numpy": {"err.over": "'raise'"}}
    assert found.carried == ["money"]


def test_what_differs_in_variables_that_stay_behind_is_not_told() -> None:
    subjects = ["client.lock", "clients[0].lock", "settings.rates.lock", "other.lock", "client"]
    found = ask(
        manifest(
            {"free": ["client", "x"], "assigns": ["y"], "modules": ["settings"]},
            variables=[info("client"), info("x"), info("other"), info("clients")],
            groups=[group("client"), group("settings.rates"), group("other"), group("clients")],
            differences=[
                Difference(kind="value", subject=subject, detail="a lock") for subject in subjects
            ],
        )
    )
    told = [text for text in found.warnings if "does not come back" in text]
    named = [next(one for one in subjects if f"'{one}'" in text) for text in told]
    assert named == [
        one for one in subjects if one.split(".lock")[0].split("[")[0] in found.carried
    ]
    assert "client.lock" in named
    assert "other.lock" not in named


def test_a_record_that_others_hold_is_no_input() -> None:
    order = info("order", {"total": 1}, type="Order", declared="dict")
    book = info("book", None, type="Book", declared=None)
    found = [
        manifest(
            {"free": ["order"]},
            variables=[order, book],
            groups=groups,
            literals=["order"],
        )
        for groups in ([group("order"), group("book")], [group("order", "book")])
    ]
    assert [names(ask(one), "inputs") for one in found] == [["order"], []]


def test_what_a_loop_of_the_cell_binds_is_no_input() -> None:
    cell = {"free": ["steps", "step"], "perhaps": ["step"], "others": ["step"]}
    variables = [info("steps", [1]), info("step", 1)]
    found = manifest(cell, variables=variables, literals=["steps", "step"])
    assert names(ask(found), "inputs") == ["steps"]


def test_a_number_that_json_cannot_say_is_carried() -> None:
    variables = [info("limit", None, type="float", declared="float"), info("n", 1)]
    found = manifest({"free": ["limit", "n"]}, variables=variables, literals=["limit", "n"])
    assert names(ask(found), "inputs") == ["n"]
