"""Accessibility, the dark theme, a narrow window and Notebook 7."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from .conftest import ROOT
from .lab import Lab

_AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
_THEMES = "@jupyterlab/apputils-extension:themes"


@pytest.fixture(params=["JupyterLab Dark", "JupyterLab Dark High Contrast"])
def dark(lab: Lab, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """Return JupyterLab in one of its dark themes."""
    lab.server.setting(_THEMES, {"theme": request.param})
    yield lab
    lab.server.setting(_THEMES, {})


def _violations(root: Locator) -> list[str]:
    """Return what axe finds serious or critical below an element."""
    page = root.page
    if not page.evaluate("'axe' in window"):
        page.evaluate(_AXE.read_text())
    found = root.evaluate("async node => (await axe.run(node)).violations")
    return [
        f"{one['id']}: {node['html'][:200]} ({node['failureSummary'][:300]})"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"]
    ]


def _every_page(lab: Lab) -> None:
    """Go through all pages and check each."""
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    assert _violations(panel) == []
    lab.run(0)
    lab.run(1)
    rows = panel.get_by_role("list", name="Checkpoints").get_by_role("listitem")
    expect(rows).to_have_count(2)
    rows.first.get_by_role("button").first.click()
    expect(lab.main).to_contain_text("generate_value")
    lab.main.get_by_label("Compare with").select_option(index=1)
    expect(lab.main.get_by_role("region", name="Compare")).to_contain_text("added")
    assert _violations(lab.main) == []
    lab.shot("checkpoint")
    lab.main.get_by_role("button", name="Deploy…").click()
    form = lab.form
    expect(form.get_by_role("group", name="input_data")).to_be_visible()
    for summary in form.locator("summary").all():
        summary.click()
    form.get_by_role("button", name="Test", exact=True).click()
    expect(form).to_contain_text("It works", timeout=60_000)
    assert _violations(form) == []
    lab.shot("form")
    form.locator("h1").scroll_into_view_if_needed()
    lab.shot("form-top")
    form.get_by_role("button", name="Create", exact=True).click()
    expect(lab.main.get_by_role("status").first).to_contain_text("HEALTHY", timeout=60_000)
    assert _violations(panel) == []
    for tab in ("Overview", "Request", "Logs", "Revisions"):
        lab.tab(tab)
        if tab == "Request":
            lab.main.get_by_role("button", name="Execute", exact=True).click()
            expect(lab.main).to_contain_text("200")
        assert _violations(lab.main) == []
        lab.shot(tab.lower())


def test_light(lab: Lab) -> None:
    _every_page(lab)


def test_dark(dark: Lab) -> None:
    _every_page(dark)
    colour = dark.page.evaluate(
        "getComputedStyle(document.body).getPropertyValue('--jp-layout-color1')"
    )
    assert colour.strip() != "white"


def test_notebook7(lab: Lab) -> None:
    lab.open_in_notebook7("randomizer.ipynb")
    lab.run(0)
    lab.run(1)
    lab.page.keyboard.press("Control+k")
    expect(lab.page.locator(".Toastify__toast")).to_contain_text("Checkpoint made")
    lab.palette("Show checkpoints and nodes")
    panel = lab.page.locator("#jp-node-deploy-panel")
    expect(panel).to_contain_text("from random import randint")
    lab.shot("panel")
    lab.context_menu(lab.code_cells.nth(1).locator(".cm-line").last, "Deploy as node…")
    expect(lab.form.get_by_role("group", name="input_data")).to_be_visible()
    lab.shot("form")
    lab.form.get_by_role("button", name="Create", exact=True).click()
    expect(lab.main.get_by_role("status").first).to_contain_text("HEALTHY", timeout=60_000)
    lab.tab("Request")
    lab.main.get_by_role("button", name="Execute", exact=True).click()
    expect(lab.main).to_contain_text("200")


def test_narrow(lab: Lab) -> None:
    lab.page.set_viewport_size({"width": 800, "height": 700})
    lab.open("randomizer.ipynb")
    lab.run(0)
    lab.run(1)
    lab.context_menu(lab.code_cells.nth(1).locator(".cm-line").last, "Deploy as node…")
    form = lab.form
    expect(form.get_by_role("group", name="input_data")).to_be_visible()
    wide = form.evaluate("node => node.parentElement.scrollWidth - node.parentElement.clientWidth")
    assert wide <= 0
