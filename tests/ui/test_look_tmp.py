from playwright.sync_api import expect
import json
from .lab import Lab

def test_dockerlook(lab: Lab) -> None:
    def health(route):
        r = route.fetch(); b = r.json(); b["docker_nodes"]=True; b["missing"]={}
        route.fulfill(response=r, json=b)
    lab.page.route("**/jupyter-node-deploy/v1/health*", health)
    lab.open("randomizer.ipynb")
    panel = lab.panel()
    panel.get_by_role("button", name="Create node…").click()
    form = lab.form
    form.get_by_role("radio", name="Docker").check()
    form.get_by_role("button", name="Create", exact=True).click()
    lab.shot("docker-empty")
    for summary in form.locator("summary").all():
        summary.click()
    form.get_by_role("combobox", name="Type").nth(1).select_option("prometheus")
    form.get_by_role("combobox", name="Type").nth(2).select_option("http")
    form.get_by_role("button", name="Add variable").click()
    form.get_by_label("Source").select_option("secret")
    lab.page.set_viewport_size({"width": 1280, "height": 2400})
    lab.shot("docker-open")
    form.get_by_label("Password secret").select_option(label="New secret…")
    lab.page.wait_for_timeout(300)
    lab.page.set_viewport_size({"width": 1280, "height": 800})
    lab.page.locator(".jp-Dialog input").first.fill("x")
    lab.page.locator(".jp-Dialog input").last.fill("x")
    lab.dialog("Save")
    expect(lab.page.locator(".jp-Dialog [role=alert]")).to_be_visible()
    lab.shot("secret")
    lab.page.locator(".jp-Dialog input").first.fill("registry-password")
    lab.dialog("Save")
    expect(form.get_by_label("Password secret")).to_have_value("registry-password")
    panel.get_by_text("Secrets", exact=True).click()
    lab.shot("panel")

def test_celllook(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    lab.run(0); lab.run(1)
    lab.context_menu(lab.code_cells.nth(1).locator(".cm-line").last, "Deploy as node…")
    expect(lab.form.get_by_role("group", name="input_data")).to_be_visible()
    for summary in lab.form.locator("summary").all():
        summary.click()
    lab.page.set_viewport_size({"width": 1280, "height": 3000})
    lab.shot("cell-open")
