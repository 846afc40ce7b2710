"""Which variables' values the texts of cells say."""

from __future__ import annotations

import pytest

from jupyter_node_deploy.agent.analysis.cell import analyse
from jupyter_node_deploy.agent.analysis.origins import Origins

IMPORTS = "import datetime\nimport numpy as np\nimport pandas as pd\n"


def literals(*cells: str) -> list[str]:
    origins = Origins()
    found: list[str] = []
    for cell in cells:
        found = origins.ran(analyse(IMPORTS + cell))
    return found


@pytest.mark.parametrize(
    "value",
    [
        "1",
        "-1.5",
        "2 * 10**6",
        "[0] * 3",
        "'a,b'.split(',')",
        "{'a': [1, (2, None)]}",
        "{1, 2}",
        "dict(a=1)",
        "np.array([[1.0, 2.0]], dtype=np.float32)",
        "np.arange(400.0).reshape(-1, 1)",
        "pd.Series([1.0], index=['a'])",
        "pd.DataFrame({'t': pd.to_datetime(['2020-01-05']), 'v': [True]}).set_index('t')",
        "datetime.date(2020, 1, 2)",
        "[np.nan, -np.inf]",
        "Order(7, parts=[Part('tea')])",
        "Colour.RED",
    ],
)
def test_what_a_text_says(value: str) -> None:
    assert literals(f"x = {value}") == ["x"]
    assert literals(f"x: object = {value}") == ["x"]


@pytest.mark.parametrize(
    "value",
    [
        "pd.read_csv('t.csv')",
        "Model()",
        "Model(y)",
        "config.RED",
        "open('t').read()",
        "model.predict(1)",
        "[i for i in range(3)]",
        "y * 2",
        "np.random.rand(3)",
        "moment.date()",
        "f'{y}'",
        "data['a']",
        "lambda: 1",
    ],
)
def test_what_is_computed(value: str) -> None:
    assert literals(f"x = {value}") == []


def test_names_pass_on_what_they_are() -> None:
    assert literals("a = 1\nb = [a]\nc = a") == ["a", "b", "c"]
    assert literals("a = f()\nb = [a]") == []
    assert literals("a, (b, c) = 1, (f(), 2)") == ["a", "c"]
    assert literals("a = b = 1") == ["a", "b"]


@pytest.mark.parametrize(
    "change",
    [
        "x = f()",
        "x += y",
        "x.append(f())",
        "for i in range(3):\n    x.append(i)",
        "x[0] = f()",
        "x.attribute = f()",
        "x.sort_values(by=f(), inplace=True)",
        "for x in [1]:\n    pass",
        "with open('f') as x:\n    pass",
    ],
)
def test_what_is_changed_later_is_computed(change: str) -> None:
    assert literals("x = []", change, "other = 1") == ["other"]


@pytest.mark.parametrize(
    "change", ["x.append(1)", "x[0] = 2", "x.plot()", "print(x)", "y = x.sum()"]
)
def test_what_is_said_of_it_or_asked_leaves_it(change: str) -> None:
    assert "x" in literals("x = []", change)


def test_what_a_cell_reads_is_as_it_was_before_it_ran() -> None:
    assert literals("count = 1\nrows = []", "count = count + 1\nrows.append(f())") == [
        "count",
        "rows",
    ]
    assert literals("count = 1", "count = count + 1", "result = count") == []


def test_magics() -> None:
    assert literals("get_ipython().run_line_magic('time', 'x = 1')") == ["x"]
    assert literals("x = 1", "get_ipython().run_line_magic('timeit', 'x = f()')") == ["x"]


def test_a_cell_that_is_no_python_changes_nothing() -> None:
    assert literals("x = 1", "x = = 2") == ["x"]
