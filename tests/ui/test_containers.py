"""The way in JupyterLab where nodes run in containers; skipped where no Docker engine answers."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest
from playwright.sync_api import expect

from .lab import Lab

pytestmark = pytest.mark.timeout(240)
_OF_PIP = re.compile("Looking in links|Collecting|Downloading|Using cached|Installing")
_UP = 120_000  # ms; the machine may be busy


def test_a_cell_comes_up_in_a_container_and_answers(container_lab: Lab) -> None:
    lab = container_lab
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    lab.run(0)
    lab.run(1)
    row = panel.get_by_role("list", name="Checkpoints").get_by_role("listitem").first
    expect(row).to_contain_text("from random import randint")
    row.get_by_role("button", name="Pin").click()
    lab.page.locator(".jp-Dialog input").fill("randomizer-checkpoint")
    lab.dialog("Pin")
    expect(row).to_contain_text("randomizer-checkpoint")
    row.get_by_role("button").first.click()
    lab.main.get_by_role("button", name="Deploy…").click()
    form = lab.form
    form.get_by_label("Name (required)").fill("randomizer-node")
    form.get_by_text("Requirements and files").click()
    form.get_by_label("Requirements", exact=True).fill("iniconfig==2.0.0")
    form.get_by_role("button", name="Create", exact=True).click()

    steps = lab.main.locator(".jp-NodeDeploy-steps")
    expect(steps).to_contain_text("Building the environment: under way")
    lines = lab.main.get_by_label("The last log lines")
    expect(lines).to_contain_text(_OF_PIP, timeout=_UP)  # any: each is there for a moment only
    lab.shot("building")
    state = lab.main.get_by_role("status").first
    expect(state).to_contain_text("HEALTHY", timeout=_UP)
    expect(steps).to_have_count(0)
    expect(panel.get_by_role("list", name="Nodes")).to_contain_text("HEALTHY")
    lab.shot("up")

    lab.tab("Request")
    lab.main.get_by_role("button", name="Execute", exact=True).click()
    expect(lab.main.locator(".jp-NodeDeploy-json")).to_contain_text("generated_value")
    lab.main.get_by_role("button", name="Create token").click()
    expect(lab.main).to_contain_text("Copy it now")
    lab.tab("Python")
    lab.main.get_by_role("button", name="Copy: Python").click()
    code = lab.page.evaluate("navigator.clipboard.readText()")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert '"generated_value"' in done.stdout, done.stdout + done.stderr
    lab.shot("request")
    lab.tab("Logs")
    expect(lab.main.get_by_role("log")).to_contain_text("listening")
    lab.shot("logs")
    lab.main.get_by_role("button", name="Delete").click()
    lab.dialog("Delete")
    expect(panel).to_contain_text("Right-click a code cell", timeout=60_000)


def test_an_image_comes_up_and_answers(container_lab: Lab, http_image: str) -> None:
    lab = container_lab
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    panel.get_by_role("button", name="Create node…").click()
    form = lab.form
    form.get_by_role("radio", name="Docker").check()
    form.get_by_label("Name (required)").fill("echo")
    form.get_by_label("Image path").fill(http_image)
    form.get_by_role("region", name="Endpoint").get_by_label("Port").fill("8080")
    form.get_by_text("Healthcheck").click()
    check = form.get_by_role("group", name="Healthcheck")
    check.get_by_label("Type").select_option("HTTP")
    check.get_by_label("Path").fill("/health")
    check.get_by_label("Port").fill("8080")
    check.get_by_label("Interval, seconds").fill("1")
    check.get_by_label("Passes threshold").fill("1")
    form.get_by_text("Telemetry").click()
    telemetry = form.get_by_role("group", name="Telemetry")
    telemetry.get_by_label("Type").select_option("Prometheus")
    telemetry.get_by_label("Port").fill("8080")
    form.get_by_text("Environment and network").click()
    form.get_by_role("button", name="Add variable").click()
    variable = form.get_by_role("group", name="New variable")
    variable.get_by_label("Name").fill("GREETING")
    form.get_by_role("group", name="GREETING").get_by_label("Value").fill("hello")
    lab.shot("form")
    form.get_by_role("button", name="Create", exact=True).click()
    state = lab.main.get_by_role("status").first
    expect(state).to_contain_text("HEALTHY", timeout=_UP)
    lab.shot("up")

    lab.tab("Request")
    lab.main.get_by_label("Method").select_option("POST")
    lab.main.get_by_label("Path").fill("/greet?who=me")
    lab.main.get_by_label("Body").fill('{"a": 1}')
    lab.main.get_by_role("button", name="Execute", exact=True).click()
    answer = lab.main.locator(".jp-NodeDeploy-json")
    expect(answer).to_contain_text("/greet?who=me")
    expect(answer).to_contain_text("hello")
    lab.main.get_by_role("button", name="Create token").click()
    expect(lab.main).to_contain_text("Copy it now")
    lab.main.get_by_role("button", name="Copy: cURL").click()
    code = lab.page.evaluate("navigator.clipboard.readText()")
    done = subprocess.run(["bash", "-c", code], capture_output=True, text=True, check=True)
    assert "/greet?who=me" in done.stdout, done.stdout + done.stderr
    lab.shot("request")

    # A service that falls ill says why.
    lab.main.get_by_label("Path").fill("/health/503")
    lab.main.get_by_role("button", name="Execute", exact=True).click()
    expect(state).to_contain_text("/health answered with HTTP status 503", timeout=60_000)
    lab.shot("ill")
    lab.tab("Logs")
    expect(lab.main.get_by_role("log")).to_contain_text("GET /health")
    lab.shot("logs")
