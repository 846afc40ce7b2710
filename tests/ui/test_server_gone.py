"""The server goes and comes back while the page is open."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from .lab import Lab


def test_server_goes_and_comes_back(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    lab.run(0)
    expect(panel.get_by_role("listitem").first).to_contain_text("input_data")
    lab.server.stop()
    notice = panel.get_by_role("status")
    expect(notice).to_contain_text("does not answer")
    expect(panel.get_by_role("listitem").first).to_contain_text("input_data")
    lab.shot("gone")
    lab.server.start()
    expect(notice).to_have_text("", timeout=30_000)
    # A change that the page could only see if it listens again.
    checkpoint = lab.server.get("checkpoints").json()["checkpoints"][0]["id"]
    lab.server.post(f"checkpoints/{checkpoint}:pin", {"name": "after-the-restart"})
    expect(panel).to_contain_text("after-the-restart")


def test_two_pages_stay_in_step(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    lab.run(0)
    other = lab.another()
    others = other.panel()
    expect(others.get_by_role("listitem").first).to_contain_text("input_data")
    others.get_by_role("listitem").first.hover()
    others.get_by_role("button", name=re.compile("^Pin$")).first.click()
    other.page.locator(".jp-Dialog input").fill("from-the-other-page")
    other.dialog("Pin")
    expect(panel).to_contain_text("from-the-other-page")
