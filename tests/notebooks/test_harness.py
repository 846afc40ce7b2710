"""The measure itself: it draws the same notebooks each time, and sees what differs."""

from __future__ import annotations

from typing import Any

import pytest

from .difference import differences, lacking
from .fragment import Fragment, fragments
from .generator import Generator, compose
from .notebook import Notebook
from .oracles import Expected
from .product import Outcome
from .verdict import Verdict, judge

PLAIN = Fragment("option: digits", "option", ("import os", "result_N = number"), ("precision",))
LOOSE = Fragment("output: a series", "output", ("x_N = 1", "result_N = x_N"), output=True)
CLOSED = Fragment("object: a stream", "object", ("s_N = 1", "result_N = s_N"), refused="generator")


class Chance:
    """Takes the first of everything, and joins no cells."""

    def random(self) -> float:
        return 1.0

    def sample(self, values: list[str], count: int) -> list[str]:
        return values[:count]


def notebook(*parts: Fragment) -> Notebook:
    return compose("n", parts, Chance())  # type: ignore[arg-type]


def verdict(parts: list[Fragment], got: Any, right: Any, **more: Any) -> Verdict:
    """Judge a node that answers ``got`` in ``result_1`` where ``right`` is right."""
    answers = [{"output": {"result_1": value}} for value in (got, got)]
    outcome = Outcome(
        **{
            "first": {"result_1": right},
            "other": {"result_1": right},
            "inputs": ["number"],
            "outputs": ["result_1"],
            "answers": answers,
            **more,
        }
    )
    expected = Expected([], {"result_1": right}, [{"output": {"result_1": right}}] * 2)
    return judge(notebook(*parts), outcome, expected).verdict


def test_a_seed_gives_the_same_notebooks() -> None:
    pool = fragments()
    drawn = [Generator(pool, 3).notebook(number) for number in range(30)]
    assert drawn == [Generator(pool, 3).notebook(number) for number in range(30)]
    assert drawn != [Generator(pool, 4).notebook(number) for number in range(30)]
    assert all(1 < len(one.parts) < 5 for one in drawn)
    assert len({one.cells for one in drawn}) == 30


def test_there_are_fragments_of_every_kind_and_package() -> None:
    pool = fragments()
    assert len(pool) > 120
    wanted = "pandas numpy sklearn torch polars pydantic sqlalchemy requests matplotlib pint loguru"
    wanted += " joblib xgboost lightgbm spacy"
    assert {*wanted.split()} <= {package for one in pool for package in one.packages}


def test_fragments_of_one_notebook_have_names_of_their_own() -> None:
    found = notebook(LOOSE, LOOSE, PLAIN)
    assert found.cells[:2] == ("x_1 = 1", "x_2 = 1")
    assert found.cells[-2:] == (
        "number = 3",
        "result_1 = x_1\nresult_2 = x_2\nresult_3 = number",
    )
    assert (found.given, found.other) == ("number = 3", "number = 5")
    assert found.names == ["result_1", "result_2", "result_3"]


def test_a_difference_that_nobody_tells_of_is_silent() -> None:
    assert verdict([PLAIN], 1.0, 1.0 + 1e-9) is Verdict.RIGHT
    assert verdict([PLAIN], 1.5, 1.0) is Verdict.SILENT
    assert verdict([PLAIN], True, 1) is Verdict.SILENT
    assert verdict([PLAIN], 1.5, 1.0, told=["another option is lost"]) is Verdict.SILENT
    assert verdict([PLAIN], 1.5, 1.0, told=["the Precision is lost"]) is Verdict.WARNED
    assert verdict([PLAIN], 1.5, 1.0, told=["'result_1[0]' was another"]) is Verdict.WARNED
    assert verdict([PLAIN], 1.5, 1.0, told=["'result_10' was another"]) is Verdict.SILENT
    assert verdict([PLAIN], 1.0, 1.0, told=["the precision is lost"]) is Verdict.NEEDLESS
    assert verdict([PLAIN], 1.0, 1.0, told=["'result_1[0]' was another"]) is Verdict.RIGHT


def test_the_kernel_is_right_where_plain_ipython_is_another() -> None:
    # Both answers of the node are judged by what the kernel had.
    first = {"result_1": "wide"}
    assert verdict([PLAIN], "wide", "narrow", first=first, other=first) is Verdict.RIGHT
    assert verdict([PLAIN], "narrow", "narrow", first=first, other=first) is Verdict.SILENT


def test_the_form_of_an_output_is_the_products_choice() -> None:
    rows = [{"index": "a", "value": 2.0}]
    assert verdict([LOOSE], rows, {"a": 2.0}) is Verdict.RIGHT
    assert verdict([LOOSE], rows, {"a": 3.0}) is Verdict.SILENT


@pytest.mark.parametrize(
    ("refusal", "verdict"),
    [
        ("'s_1' is a generator, which can't be saved", Verdict.REFUSED),
        ("'s_1' is a database connection", Verdict.FAULT),
        ("'s_1' needs more memory", Verdict.FAULT),
        ("something else", Verdict.FAULT),
    ],
)
def test_a_refusal_needs_a_true_reason(refusal: str, verdict: Verdict) -> None:
    outcome = Outcome(inputs=["number"], outputs=["result_1"], refusal=refusal)
    expected = Expected([], {"result_1": 1}, [{"output": {"result_1": 1}}])
    assert judge(notebook(CLOSED), outcome, expected).verdict is verdict


def test_what_fails_in_the_kernel_too_may_be_refused() -> None:
    outcome = Outcome(refusal="The dry run failed", outputs=["result_1"])
    expected = Expected([], {"result_1": 1}, [{"error": "ValueError"}])
    assert judge(notebook(PLAIN), outcome, expected).verdict is Verdict.REFUSED
    broken = Expected([(0, "ImportError")], {}, [{"error": "NameError"}])
    assert judge(notebook(PLAIN), Outcome(raised="x"), broken).verdict is Verdict.INVALID


def test_an_error_or_an_output_that_is_not_suggested_is_told_apart() -> None:
    answers = [{"error": "500 broken"}]
    assert verdict([PLAIN], 1, 1, answers=answers) is Verdict.ERROR
    outcome = Outcome(inputs=["number"], outputs=["result_1", "result_2"], answers=answers)
    expected = Expected([], {}, [{"output": {"result_1": 1, "result_2": 2}}])
    assert judge(notebook(LOOSE, PLAIN), outcome, expected).parts == {}
    answers[0]["error"] = "500 x_1 is broken"
    assert judge(notebook(LOOSE, PLAIN), outcome, expected).parts == {1: Verdict.ERROR}
    assert verdict([PLAIN], 1, 1, outputs=["output"]) is Verdict.FAULT
    assert verdict([PLAIN], 1, 1, hang="calls") is Verdict.HANG


def test_places_are_told() -> None:
    right, got = {"a": [1, {"b": 2}], "c": 3}, {"a": [1, {"b": 5}], "c": 3.0000000001}
    assert [tuple(one) for one in differences(right, got)] == [(("a", 1, "b"), 2, 5)]
    assert [*differences([1], [1, 2])] == [((), [1], [1, 2])]
    assert [*differences({"a": 1}, {"a": 1, "b": 2})] == [((), {"a": 1}, {"a": 1, "b": 2})]
    assert lacking({"a": [1.5, None, "x"]}, [["x", 1.5]]) == []
    assert lacking([1, 1], [1]) == ["1"]


def test_words_are_whole_ones() -> None:
    for told, its in (("two precisions", Verdict.WARNED), ("imprecision", Verdict.SILENT)):
        assert verdict([PLAIN], 1.5, 1.0, told=[told]) is its


def test_an_input_that_is_not_suggested_is_not_sent() -> None:
    answers = [{"output": {"result_1": 1}}, {"output": {"result_1": 1}}]
    expected = Expected(
        [], {"result_1": 1}, [{"output": {"result_1": 1}}, {"output": {"result_1": 2}}]
    )
    outcome = Outcome(outputs=["result_1"], first={"result_1": 1}, answers=answers)
    found = judge(notebook(PLAIN), outcome, expected)
    assert (found.verdict, found.unasked) == (Verdict.RIGHT, ["number"])
    own = Fragment(
        "input: one", "input", ("x = 1", "result_N = o_N"), given="o_N = 1", other="o_N = 2"
    )
    assert judge(notebook(own), outcome, expected).verdict is Verdict.FAULT
    outcome.told = ["'o_1' can't be sent as JSON"]
    assert judge(notebook(own), outcome, expected).verdict is Verdict.WARNED
