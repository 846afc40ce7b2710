"""What can be done with a checkpoint, and that pages survive a reload."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Lab


def test_apply_puts_the_variables_back(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    lab.run(0)
    rows = panel.get_by_role("list", name="Checkpoints").get_by_role("listitem")
    expect(rows).to_have_count(1)
    lab.edit(0)
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.type("input_data = 'other'")
    lab.page.keyboard.press("Shift+Enter")
    expect(rows).to_have_count(2)
    rows.last.get_by_role("button").first.click()
    lab.main.get_by_role("button", name="Apply", exact=True).click()
    expect(lab.page.locator(".jp-Dialog")).to_contain_text("Rollback")
    lab.dialog("Apply")
    expect(rows.first).to_contain_text("Rollback", timeout=30_000)

    lab.page.locator(".lm-TabBar-tabLabel", has_text="randomizer.ipynb").click()
    lab.edit(0)
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.type("input_data['left_bound'] + 41")
    lab.page.keyboard.press("Shift+Enter")
    expect(lab.code_cells.nth(0).locator(".jp-OutputArea-output").last).to_contain_text("42")


def test_pages_survive_a_reload_and_go_with_their_checkpoint(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    lab.run(0)
    panel.get_by_role("listitem").first.get_by_role("button").first.click()
    expect(lab.main).to_contain_text("left_bound")
    lab.page.wait_for_timeout(2000)  # the workspace is saved with a delay
    lab.page.goto(f"{lab.server.url}/lab")
    expect(lab.main).to_contain_text("left_bound", timeout=30_000)
    expect(panel).to_be_visible()

    lab.main.get_by_role("button", name="Delete", exact=True).click()
    lab.dialog("Delete")
    expect(lab.page.locator(".jp-NodeDeploy-main")).to_have_count(0)
    expect(panel).to_contain_text("Run a cell with Shift+Enter")
