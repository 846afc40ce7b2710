"""Secrets: created, replaced, deleted, and never shown."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Lab


def test_a_secret_comes_and_goes(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    panel.get_by_role("button", name="New secret…").click()
    dialog = lab.page.locator(".jp-Dialog")
    dialog.get_by_label("Name").fill("x")
    dialog.get_by_label("Value").fill("open sesame")
    lab.dialog("Save")
    expect(dialog.get_by_role("alert")).to_contain_text("3 to 63")
    expect(dialog.get_by_label("Value")).to_have_value("open sesame")  # nothing typed is lost
    lab.shot("refused")
    dialog.get_by_label("Name").fill("registry-password")
    lab.dialog("Save")
    expect(dialog).to_have_count(0)

    secrets = panel.get_by_role("list", name="Secrets")
    expect(secrets).to_contain_text("registry-password")
    lab.shot("list")
    secrets.get_by_role("button", name="registry-password").first.click()
    expect(dialog).to_contain_text("New value of registry-password")
    expect(dialog.get_by_label("Value")).to_have_value("")
    dialog.get_by_label("Value").fill("another")
    lab.dialog("Save")
    expect(dialog).to_have_count(0)

    secrets.get_by_role("button", name="Delete registry-password").click()
    lab.dialog("Delete")
    expect(secrets).to_have_count(0)
    assert lab.server.get("secrets").json() == {"secrets": []}
