"""What tests do in JupyterLab and Notebook 7."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from .server import Server

_PICTURES = Path(__file__).parents[2] / "docs" / "guide" / "pictures"


class Lab:
    """JupyterLab in a browser page.

    Args:
        shots: directory of the screenshots.
        name: of the test; screenshots begin with it.
    """

    def __init__(self, page: Page, server: Server, shots: Path, name: str) -> None:
        self.page = page
        self.server = server
        self._shots = shots
        self._name = name

    def another(self, server: Server | None = None) -> Lab:
        """Return JupyterLab, of another server too, in another tab and a workspace of its own."""
        server = server or self.server
        other = Lab(self.page.context.new_page(), server, self._shots, f"{self._name}-other")
        other.page.goto(f"{server.url}/lab/workspaces/other?reset&token={server.token}")
        return other

    def open(self, notebook: str) -> None:
        """Open a notebook in a fresh workspace, with its kernel ready."""
        self.page.goto(f"{self.server.url}/lab/tree/{notebook}?reset&token={self.server.token}")
        # The indicator in the status bar knows the kernel; the one in the toolbar is too early.
        expect(self.page.locator("#jp-main-statusbar")).to_contain_text("| Idle", timeout=60_000)
        expect(self.cells.first).to_be_visible()

    def open_in_notebook7(self, notebook: str) -> None:
        """Open a notebook in Notebook 7, with its kernel ready."""
        self.page.goto(f"{self.server.url}/notebooks/{notebook}?token={self.server.token}")
        expect(self.page.locator(".jp-Notebook-ExecutionIndicator")).to_have_attribute(
            "data-status", "idle", timeout=60_000
        )
        self.page.wait_for_timeout(1500)

    def panel(self) -> Locator:
        """Open the side panel and return it."""
        panel = self.page.locator("#jp-node-deploy-panel")
        if not panel.is_visible():
            self.page.locator('[data-id="jp-node-deploy-panel"]').click()
        expect(panel).to_be_visible()
        return panel

    @property
    def cells(self) -> Locator:
        """The cells of the notebook."""
        return self.page.locator(".jp-Notebook .jp-Cell")

    @property
    def code_cells(self) -> Locator:
        """The code cells of the notebook."""
        return self.page.locator(".jp-Notebook .jp-CodeCell")

    @property
    def form(self) -> Locator:
        """The node form that is shown."""
        return self.page.locator(".jp-NodeDeploy-form:visible")

    @property
    def main(self) -> Locator:
        """The page of ours that is shown in the main area."""
        return self.page.locator(".jp-NodeDeploy-main:visible .jp-NodeDeploy-page")

    def edit(self, index: int) -> Locator:
        """Put the cursor into a code cell; return its editor."""
        editor = self.code_cells.nth(index).locator(".cm-content")
        editor.click()
        return editor

    def run(self, index: int) -> None:
        """Run a code cell with Shift+Enter and wait for its end."""
        self.edit(index)
        self.page.keyboard.press("Shift+Enter")
        prompt = self.code_cells.nth(index).locator(".jp-InputArea-prompt")
        expect(prompt).to_have_text(re.compile(r"\[\d+\]:"), timeout=30_000)

    def context_menu(self, target: Locator, item: str) -> None:
        """Choose an item of a context menu."""
        target.click(button="right")
        self.page.locator(".lm-Menu-item", has_text=item).click()

    def palette(self, command: str) -> None:
        """Run a command of the palette."""
        self.page.keyboard.press("Control+Shift+c")
        self.page.locator(".lm-CommandPalette-input").fill(command)
        self.page.keyboard.press("Enter")

    def dialog(self, button: str) -> None:
        """Press a button of the dialog."""
        self.page.locator(".jp-Dialog").get_by_role("button", name=button, exact=True).click()

    def tab_to(self, name: str) -> None:
        """Press Tab until what has the name has the focus."""
        for _ in range(100):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(
                "() => (document.activeElement.ariaLabel || document.activeElement.innerText || '')"
            )
            if focused.strip().startswith(name):
                return
        raise AssertionError(f"Tab does not come to {name!r}")

    def tab(self, name: str) -> None:
        """Choose a tab of the page shown."""
        self.main.get_by_role("tab", name=name, exact=True).click()

    def picture(self, name: str) -> None:
        """Take a screenshot; with ``PICTURES=1`` it becomes the guide's picture of that name."""
        path = self.shot(name)
        if os.environ.get("PICTURES") == "1":
            shutil.copy(path, _PICTURES / path.name.removeprefix(f"{self._name}-"))

    def shot(self, name: str) -> Path:
        """Take a screenshot for people to look at."""
        self._shots.mkdir(exist_ok=True)
        path = self._shots / f"{self._name}-{name}.png"
        self.page.screenshot(path=path)
        return path
