"""Pages stay in step: with a server that goes and comes back, other tabs, and other servers."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from .lab import Lab
from .server import Server


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


@pytest.fixture
def other_server(lab: Lab) -> Iterator[Server]:
    """Return a second server of the same home."""
    other = lab.server.beside()
    other.start()
    yield other
    other.stop()


def test_pages_of_another_server_of_the_home_follow(lab: Lab, other_server: Server) -> None:
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    others = lab.another(other_server).panel()
    expect(others).to_contain_text("Run a cell with Shift+Enter")
    lab.run(0)
    rows = others.get_by_role("list", name="Checkpoints").get_by_role("listitem")
    expect(rows.first).to_contain_text("input_data")
    panel.get_by_role("button", name="New secret…").click()
    lab.page.locator(".jp-Dialog").get_by_label("Name").fill("shared-secret")
    lab.page.locator(".jp-Dialog").get_by_label("Value").fill("open sesame")
    lab.dialog("Save")
    expect(others.get_by_role("list", name="Secrets")).to_contain_text("shared-secret")
    checkpoint = lab.server.get("checkpoints").json()["checkpoints"][0]["id"]
    other_server.delete(f"checkpoints/{checkpoint}").raise_for_status()
    expect(panel).to_contain_text("Run a cell with Shift+Enter")
    lab.server.delete("secrets/shared-secret").raise_for_status()
    expect(others.get_by_role("list", name="Secrets")).to_have_count(0)


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
