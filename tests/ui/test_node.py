"""The node page: how a node comes up, and that pages elsewhere follow."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Lab


def _slow_node(lab: Lab) -> None:
    """Create a node that takes seconds to start: its state imports a slow module."""
    (lab.server.notebooks / "slow_module.py").write_text("import time\ntime.sleep(4)\n")
    lab.open("randomizer.ipynb")
    lab.edit(0)
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.type("import slow_module\nx = 1")
    lab.page.keyboard.press("Shift+Enter")
    lab.edit(1)
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.type("print(slow_module)\ny = x")
    lab.run(1)
    lab.context_menu(lab.code_cells.nth(1).locator(".cm-line").last, "Deploy as node…")
    lab.form.get_by_label("Name (required)").fill("slow")
    lab.form.get_by_role("button", name="Create", exact=True).click()


def test_the_head_tells_how_a_node_comes_up_and_other_pages_follow(lab: Lab) -> None:
    other = lab.another()
    others = other.panel()
    expect(others).to_contain_text("Right-click a code cell")
    _slow_node(lab)
    steps = lab.main.locator(".jp-NodeDeploy-steps")
    expect(steps).to_contain_text("Health check: under way", timeout=60_000)
    expect(steps).to_contain_text("Starting: done")
    expect(lab.main.get_by_role("progressbar", name="Start of the node")).to_be_visible()
    expect(lab.main.get_by_role("status").first).to_contain_text("being restored")
    expect(lab.main.get_by_label("The last log lines")).to_contain_text("listening")
    lab.shot("rising")
    lab.main.get_by_role("button", name="Show all").click()
    expect(lab.main.get_by_role("log")).to_contain_text("listening")
    expect(lab.main.get_by_role("status").first).to_contain_text("HEALTHY", timeout=60_000)
    expect(steps).to_have_count(0)
    lab.shot("up")

    nodes = others.get_by_role("list", name="Nodes")
    expect(nodes).to_contain_text("HEALTHY")
    nodes.get_by_role("button").click()
    expect(other.main.get_by_role("heading", name="slow")).to_be_visible()
    lab.main.get_by_role("button", name="Suspend").click()
    lab.dialog("Suspend")
    expect(other.main.get_by_role("status").first).to_contain_text("SUSPENDED", timeout=60_000)
    lab.main.get_by_role("button", name="Delete").click()
    lab.dialog("Delete")
    expect(other.page.locator(".jp-NodeDeploy-main")).to_have_count(0, timeout=60_000)
