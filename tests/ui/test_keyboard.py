"""From the panel to an answered request without a pointer."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Lab


def test_the_keyboard_alone_is_enough(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    lab.run(0)
    lab.run(1)
    lab.palette("Show checkpoints and nodes")
    panel = lab.page.locator("#jp-node-deploy-panel")
    expect(panel.get_by_role("searchbox")).to_be_focused()
    expect(panel).to_contain_text("from random import randint")
    keyboard = lab.page.keyboard
    lab.tab_to("from random import randint")
    keyboard.press("ArrowDown")
    expect(panel.get_by_role("listitem").nth(1).get_by_role("button").first).to_be_focused()
    keyboard.press("ArrowUp")
    keyboard.press("Enter")
    expect(lab.main).to_contain_text("generate_value")
    lab.tab_to("Deploy…")
    keyboard.press("Enter")
    expect(lab.form.get_by_role("group", name="input_data")).to_be_visible()
    lab.tab_to("Create")
    keyboard.press("Enter")
    expect(lab.main.get_by_role("status").first).to_contain_text("HEALTHY", timeout=60_000)
    lab.tab_to("Overview")
    keyboard.press("ArrowRight")
    lab.tab_to("Execute")
    keyboard.press("Enter")
    expect(lab.main.locator(".jp-NodeDeploy-json")).to_contain_text("generated_value")
