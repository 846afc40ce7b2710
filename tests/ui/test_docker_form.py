"""The form of a Docker image: what it checks itself, and what the server says of it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Route, expect

from .lab import Lab


@pytest.fixture
def offering(lab: Lab) -> Lab:
    """Return JupyterLab told that the backend runs images; the server still judges each form.

    What the form says needs no engine, and not every machine of ours has one.
    """

    def healthy(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json=answer.json() | {"docker_nodes": True, "missing": {}})

    lab.page.route("**/jupyter-node-deploy/v1/health*", healthy)
    return lab


def test_errors_of_an_image_stand_at_their_fields(offering: Lab) -> None:
    lab = offering
    lab.open("randomizer.ipynb")
    lab.panel().get_by_role("button", name="Create node…").click()
    form = lab.form
    form.get_by_role("radio", name="Docker").check()
    expect(form.get_by_role("region", name="Input variables")).to_have_count(0)
    form.get_by_label("Name (required)").fill("echo")
    create = form.get_by_role("button", name="Create", exact=True)
    create.click()
    image = form.get_by_label("Image path")
    expect(image).to_be_focused()  # the first of those that the client finds wrong
    port = form.get_by_role("region", name="Endpoint").get_by_label("Port")
    expect(port).to_have_attribute("aria-invalid", "true")

    image.fill("Not An Image")
    port.fill("99999")
    form.get_by_text("Show additional parameters").click()
    form.get_by_label("Username").fill("me")
    form.get_by_text("Show additional parameters").click()
    form.get_by_text("Healthcheck").click()
    form.get_by_role("group", name="Healthcheck").get_by_label("Type").select_option("HTTP")
    form.get_by_label("Path", exact=True).fill("no slash")
    form.get_by_text("Environment and network").click()
    form.get_by_role("button", name="Add variable").click()
    variable = form.get_by_role("group", name="New variable")
    variable.get_by_label("Name").fill("MODE")
    form.get_by_role("group", name="MODE").get_by_label("Source").select_option("Secret")
    form.get_by_role("group", name="MODE").get_by_label("Secret").select_option("New secret…")
    lab.page.locator(".jp-Dialog").get_by_label("Name").fill("the-mode")
    lab.page.locator(".jp-Dialog").get_by_label("Value").fill("quiet")
    lab.dialog("Save")
    expect(form.get_by_role("group", name="MODE").get_by_label("Secret")).to_have_value("the-mode")
    create.click()
    expect(image).to_be_focused()  # the first of those that the server finds wrong
    expect(form).to_contain_text("not an image")
    expect(form).to_contain_text("less than or equal to 65535")
    expect(form).to_contain_text("a path begins with '/'")
    expect(form.get_by_label("Password secret")).to_be_visible()  # unfolded again
    expect(form).to_contain_text("a user together with a secret")
    lab.shot("refused")

    image.fill("localhost:5000/echo")
    port.fill("8080")
    form.get_by_label("Path", exact=True).fill("/")
    form.get_by_role("group", name="Healthcheck").get_by_label("Port").fill("8080")
    form.get_by_label("Username").fill("")
    create.click()
    expect(form.get_by_role("alert")).to_contain_text("Docker")  # a backend of processes after all
    expect(image).to_have_value("localhost:5000/echo")
    lab.server.delete("secrets/the-mode").raise_for_status()
