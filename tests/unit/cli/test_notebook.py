"""Reading notebooks and finding the cell that is meant."""

import json
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from jupyter_node_deploy.cli import notebook
from jupyter_node_deploy.cli.failure import Failure


@pytest.fixture
def path(tmp_path: Path) -> Path:
    content = new_notebook(
        cells=[
            new_markdown_cell("# Title"),
            new_code_cell("a = 1", id="first"),
            new_code_cell("skipped", id="no", metadata={"tags": ["skip-execution"]}),
            new_code_cell("1 / 0", id="second", metadata={"tags": ["raises-exception"]}),
        ],
        metadata={"kernelspec": {"name": "other", "display_name": "Other"}},
    )
    nbformat.write(content, tmp_path / "n.ipynb")
    return tmp_path / "n.ipynb"


def test_code_cells_are_counted_from_one(path: Path) -> None:
    book = notebook.read(path)
    assert book.kernel == "other"
    assert [cell.id for cell in book.upto("1")] == ["first"]
    assert [(cell.id, cell.may_raise) for cell in book.upto("2")] == [
        ("first", False),
        ("second", True),
    ]


def test_a_cell_can_be_named_by_its_id(path: Path) -> None:
    assert [cell.source for cell in notebook.read(path).upto("second")] == ["a = 1", "1 / 0"]


@pytest.mark.parametrize("wanted", ["0", "3", "no", "-1", ""])
def test_a_cell_that_is_not_there_is_told_with_those_that_are(path: Path, wanted: str) -> None:
    with pytest.raises(Failure, match=r"it has 2.*first, second"):
        notebook.read(path).upto(wanted)


def test_notebooks_of_older_formats_have_cells_without_ids(tmp_path: Path) -> None:
    cell = {"cell_type": "code", "source": ["x = 1"], "metadata": {}, "outputs": []}
    content = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 2}
    path = tmp_path / "old.ipynb"
    path.write_text(json.dumps(content | {"cells": [cell | {"execution_count": None}]}))
    book = notebook.read(path)
    assert book.kernel is None
    assert [(cell.source, bool(cell.id)) for cell in book.cells] == [("x = 1", True)]


@pytest.mark.parametrize("content", ["", "print('no notebook')", "[]", '{"a": 1}'])
def test_other_files_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "n.ipynb"
    path.write_text(content)
    with pytest.raises(Failure, match="is not a notebook"):
        notebook.read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(Failure, match=r"Can't read .*gone.ipynb"):
        notebook.read(tmp_path / "gone.ipynb")


@pytest.mark.parametrize("named", [None, {}, {"name": None}, "python3"])
def test_a_notebook_need_not_name_its_kernel(path: Path, named: object) -> None:
    content = json.loads(path.read_text())
    content["metadata"]["kernelspec"] = named
    path.write_text(json.dumps(content))
    assert notebook.read(path).kernel is None
