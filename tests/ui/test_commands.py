"""The commands of a notebook: forced checkpoints and Deploy as Node."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from .lab import Lab


@pytest.mark.parametrize("mode", ["edit", "command"])
def test_accel_k_forces_a_checkpoint(lab: Lab, mode: str) -> None:
    lab.open("pricing.ipynb")
    panel = lab.panel()
    editor = lab.edit(0)
    before = editor.inner_text()
    if mode == "command":
        lab.page.keyboard.press("Escape")
    lab.page.keyboard.press("Control+k")
    expect(lab.page.locator(".Toastify__toast")).to_contain_text("Checkpoint made")
    lab.shot("toast")
    expect(panel.get_by_role("listitem").first).to_contain_text("Forced")
    assert editor.inner_text() == before
    if mode == "edit":
        expect(editor).to_be_focused()


def test_accel_k_elsewhere_does_nothing(lab: Lab) -> None:
    lab.open("pricing.ipynb")
    panel = lab.panel()
    before = lab.server.get("checkpoints").json()
    panel.get_by_role("searchbox").click()
    lab.page.keyboard.press("Control+k")
    lab.page.wait_for_timeout(1000)
    assert lab.server.get("checkpoints").json() == before


def test_right_click_deploys_the_cell_under_the_pointer(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    lab.run(0)
    # The right click is in the editor of a cell that is not the active one.
    lab.code_cells.nth(0).locator(".cm-content").click()
    lab.context_menu(lab.code_cells.nth(1).locator(".cm-line").last, "Deploy as node…")
    expect(lab.page.locator(".jp-Dialog")).to_contain_text("no checkpoint of this cell yet")
    lab.shot("asked")
    lab.dialog("Run and deploy")
    expect(lab.form.get_by_role("group", name="output_data")).to_be_visible(timeout=30_000)
    expect(lab.form.get_by_role("group", name="input_data")).to_be_visible()
    expect(panel.get_by_role("listitem").first).to_contain_text(
        re.compile(r"randomizer-checkpoint.*from random", re.DOTALL)
    )

    # Run and unchanged, it is deployed without a question.
    lab.page.locator(".lm-TabBar-tabLabel", has_text="randomizer.ipynb").click()
    lab.context_menu(lab.code_cells.nth(1).locator(".cm-line").last, "Deploy as node…")
    expect(lab.form).to_be_visible()
    expect(lab.page.locator(".jp-Dialog")).to_have_count(0)

    # Changed, it has to run again.
    lab.page.locator(".lm-TabBar-tabLabel", has_text="randomizer.ipynb").click()
    lab.edit(1)
    lab.page.keyboard.press("Control+End")
    lab.page.keyboard.type("\nraise SystemError('no')")
    lab.context_menu(lab.code_cells.nth(1).locator(".cm-line").last, "Deploy as node…")
    expect(lab.page.locator(".jp-Dialog")).to_contain_text("code has changed")
    lab.dialog("Run and deploy")
    expect(lab.page.locator(".Toastify__toast", has_text="raised an error")).to_be_visible()


def test_cells_above_run_first_where_they_have_not(lab: Lab) -> None:
    lab.open("pricing.ipynb")
    lab.context_menu(lab.code_cells.nth(3).locator(".cm-line").last, "Deploy as node…")
    dialog = lab.page.locator(".jp-Dialog")
    expect(dialog).to_contain_text("Cells above it have not run")
    lab.shot("asked")
    lab.page.keyboard.press("Enter")
    order = lab.form.get_by_role("group", name="order")
    expect(order).to_be_visible(timeout=30_000)
    lab.shot("form")


def test_palette_deploys_the_active_cell(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    lab.run(0)
    lab.run(1)
    lab.edit(0)
    # An earlier right click elsewhere must not count.
    lab.code_cells.nth(1).locator(".cm-line").last.click(button="right")
    lab.page.keyboard.press("Escape")
    lab.palette("Deploy as node")
    expect(lab.form.get_by_role("region", name="Output variables")).to_contain_text("Name")
    expect(lab.form.get_by_role("group", name="output_data")).to_have_count(0)
