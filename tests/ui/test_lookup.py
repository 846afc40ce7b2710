"""Which run a node has the state of: of copies of a notebook, of a cell whose state is gone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import Page, expect

from .conftest import ROOT, _lab
from .lab import Lab
from .server import Server

FRESH = "Run all up to it in a fresh kernel"


def write(server: Server, name: str, *cells: str) -> None:
    notebook = new_notebook(
        cells=[new_code_cell(source, id=f"c{number}") for number, source in enumerate(cells)],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    nbformat.write(notebook, Path(server.notebooks) / name)


def run_all(lab: Lab, count: int) -> None:
    lab.edit(0)
    lab.palette("Run All Cells")
    prompt = lab.code_cells.nth(count - 1).locator(".jp-InputArea-prompt")
    expect(prompt).to_have_text(f"[{count}]:", timeout=30_000)


def deploy(lab: Lab, index: int) -> None:
    lab.context_menu(lab.code_cells.nth(index).locator(".cm-line").last, "Deploy as node…")


def carried(lab: Lab, name: str) -> object:
    """Return a variable's value in the checkpoint that the shown form is of."""
    chosen = lab.form.get_by_role("combobox", name="Checkpoint").first.input_value()
    found = lab.server.get(f"checkpoints/{chosen}/variables").json()["variables"]
    return {one["name"]: one["example"] for one in found}[name]


@pytest.fixture
def small_lab(page: Page, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Return JupyterLab on a server that keeps little."""
    server = Server(
        tmp_path / "server", ROOT / "examples", backend="process", checkpoint_budget="1500000"
    )
    server.start()
    yield from _lab(page, server, request)
    server.stop()


def test_a_copy_has_the_state_of_its_own_run(lab: Lab) -> None:
    for name, rate in (("one.ipynb", 1), ("two.ipynb", 2), ("never.ipynb", 3)):
        write(lab.server, name, f"rate = {rate}", "fee = rate * 10\nfee")
    for name in ("one.ipynb", "two.ipynb"):
        lab.open(name)
        run_all(lab, 2)
    lab.open("one.ipynb")
    deploy(lab, 1)
    expect(lab.form).to_be_visible()
    assert carried(lab, "fee") == 10
    lab.open("never.ipynb")
    deploy(lab, 1)
    expect(lab.page.locator(".jp-Dialog")).to_contain_text("no checkpoint of this cell yet")


def test_a_cell_of_a_long_run_has_its_state(lab: Lab) -> None:
    cells = ["price = 100.0", "price += 10", "price += 10", "shown = price\nshown"]
    write(lab.server, "long.ipynb", *cells, *["price += 1"] * 13)
    lab.open("long.ipynb")
    panel = lab.panel()
    run_all(lab, 17)
    expect(panel.get_by_text("17 kept, 0 of them pinned")).to_be_visible()
    deploy(lab, 3)
    expect(lab.form).to_be_visible()
    assert (carried(lab, "shown"), carried(lab, "price")) == (120.0, 120.0)


def test_where_the_state_is_gone_a_fresh_kernel_makes_it(small_lab: Lab) -> None:
    lab = small_lab
    cells = ["import os\nprice = 100.0", "price += 20", "shown = price\nshown", "price += 30"]
    write(lab.server, "gone.ipynb", *cells, *["data = os.urandom(1_000_000)"] * 4)
    lab.open("gone.ipynb")
    panel = lab.panel()
    run_all(lab, 8)
    expect(panel.get_by_text("checkpoint_budget")).to_be_visible()
    deploy(lab, 2)
    dialog = lab.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("went to make room")
    lab.shot("asked")
    expect(dialog.get_by_role("button", name=FRESH)).to_be_focused()
    lab.page.keyboard.press("Enter")
    expect(lab.form).to_be_visible(timeout=60_000)
    assert (carried(lab, "shown"), carried(lab, "price")) == (120.0, 120.0)
    lab.shot("form")
