"""The settings, as a user changes them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from ..support.waiting import until
from .lab import Lab


@pytest.fixture
def settings(lab: Lab) -> Iterator[Lab]:
    """Return JupyterLab; afterwards its settings are those of before."""
    yield lab
    lab.server.setting("jupyter-node-deploy:plugin", {})
    lab.server.put("settings/mode", {"mode": "standard"})


def test_autosave_saves_when_the_kernel_is_idle(settings: Lab) -> None:
    lab = settings
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    lab.page.keyboard.press("Control+,")
    editor = lab.page.locator(".jp-SettingsPanel")
    lab.page.locator(".jp-PluginList").get_by_role("searchbox").fill("Autosave commit")
    lab.page.locator(".jp-PluginList").get_by_text("Node deploy").click()
    editor.get_by_label("Autosave commit mode").check()
    until(lambda: lab.server.get("settings/mode").json() == {"mode": "autosave"})
    lab.page.locator(".lm-TabBar-tabLabel", has_text="randomizer.ipynb").click()
    lab.run(0)
    lab.run(1)
    row = panel.get_by_role("list", name="Checkpoints").get_by_role("listitem").first
    expect(row).to_contain_text("from random import randint", timeout=30_000)
