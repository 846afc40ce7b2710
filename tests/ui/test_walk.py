"""The whole way in JupyterLab: from two cells to an answered request."""

from __future__ import annotations

import re
import subprocess
import sys

from playwright.sync_api import expect

from .lab import Lab

_PROGRAMS = {
    "cURL": ["bash", "-c"],
    "Python": [sys.executable, "-c"],
    "JavaScript": ["node", "--input-type=module", "-e"],
}


def test_walk(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    expect(panel).to_contain_text("Run a cell with Shift+Enter")
    lab.picture("empty")
    lab.run(0)
    lab.run(1)
    rows = panel.get_by_role("list", name="Checkpoints").get_by_role("listitem")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("from random import randint")
    expect(rows.first).to_contain_text("Cell run")

    rows.first.get_by_role("button").first.click()
    expect(lab.main).to_contain_text("def generate_value(input_data)")
    expect(lab.main.locator(".jp-OutputArea-output")).to_contain_text("generated_value")
    expect(lab.main.get_by_role("row", name=re.compile("^input_data"))).to_contain_text("dict")
    lab.picture("checkpoint")

    older = lab.server.get("checkpoints").json()["checkpoints"][1]["id"]
    lab.main.get_by_label("Compare with").select_option(older)
    compared = lab.main.get_by_role("region", name="Compare")
    expect(compared.locator(".cm-deletedChunk")).to_contain_text("left_bound=1")
    expect(compared.get_by_role("row", name=re.compile("^output_data"))).to_contain_text("added")
    compared.scroll_into_view_if_needed()
    lab.picture("compare")

    lab.main.get_by_role("button", name="Pin", exact=True).click()
    lab.page.locator(".jp-Dialog input").fill("randomizer-checkpoint")
    lab.dialog("Pin")
    expect(rows.first).to_contain_text("randomizer-checkpoint")
    expect(lab.main.get_by_role("button", name="Unpin")).to_be_visible()

    lab.main.get_by_role("button", name="Deploy…").click()
    expect(lab.form.get_by_label("Name (required)")).to_have_value("randomizer")
    lab.form.get_by_label("Name (required)").fill("randomizer-node")
    inputs = lab.form.get_by_role("region", name="Input variables")
    expect(inputs.get_by_role("group", name="input_data").get_by_label("Type")).to_have_value(
        "dict"
    )
    # Notifications come and go in their own time; the guide's pictures are without them.
    lab.page.add_style_tag(content=".Toastify { display: none; }")
    lab.picture("form")
    lab.form.get_by_role("button", name="Test", exact=True).click()
    expect(lab.form).to_contain_text("It works", timeout=60_000)
    lab.picture("tested")
    lab.form.get_by_role("button", name="Create", exact=True).click()

    expect(lab.main.get_by_role("heading", name="randomizer-node")).to_be_visible()
    expect(lab.main.get_by_role("status").first).to_contain_text("HEALTHY", timeout=60_000)
    lab.picture("node")
    expect(panel.get_by_role("list", name="Nodes")).to_contain_text("HEALTHY")
    expect(panel.get_by_role("list", name="Nodes")).to_contain_text("randomizer-node")

    lab.tab("Request")
    expect(lab.main.get_by_label("Input", exact=True)).to_have_value(re.compile("left_bound"))
    lab.main.get_by_role("button", name="Execute", exact=True).click()
    expect(lab.main).to_contain_text("200")
    expect(lab.main.locator(".jp-NodeDeploy-json")).to_contain_text("generated_value")
    lab.main.get_by_role("button", name="Create token").click()
    expect(lab.main).to_contain_text("Copy it now")
    lab.picture("request")
    lab.main.get_by_text("headers", exact=False).last.click()
    expect(lab.main).to_contain_text("application/json")
    for language, program in _PROGRAMS.items():
        lab.tab(language)
        lab.main.get_by_role("button", name=f"Copy: {language}").click()
        code = lab.page.evaluate("navigator.clipboard.readText()")
        done = subprocess.run([*program, code], capture_output=True, text=True, check=True)
        assert '"generated_value"' in done.stdout, done.stdout + done.stderr

    lab.tab("Logs")
    expect(lab.main.get_by_role("log")).to_contain_text(re.compile("worker|serving|ready|listen"))
    lab.shot("logs")
    lab.tab("Revisions")
    expect(lab.main).to_contain_text("current")

    lab.main.get_by_role("button", name="Suspend").click()
    lab.dialog("Suspend")
    expect(lab.main.get_by_role("status").first).to_contain_text("SUSPENDED", timeout=60_000)
    lab.main.get_by_role("button", name="Resume").click()
    expect(lab.main.get_by_role("status").first).to_contain_text("HEALTHY", timeout=60_000)
    lab.main.get_by_role("button", name="Delete").click()
    lab.dialog("Delete")
    expect(panel).to_contain_text("Right-click a code cell", timeout=60_000)
    expect(lab.page.locator(".jp-NodeDeploy-main")).to_have_count(1)  # the checkpoint's
