"""The node form: what it says, and that nothing typed is lost."""

from __future__ import annotations

from playwright.sync_api import expect

from .lab import Lab


def _open_form(lab: Lab) -> None:
    lab.open("randomizer.ipynb")
    lab.run(0)
    lab.run(1)
    lab.context_menu(lab.code_cells.nth(1).locator(".cm-line").last, "Deploy as node…")
    expect(lab.form.get_by_role("group", name="input_data")).to_be_visible()


def test_failing_cell_shows_its_traceback(lab: Lab) -> None:
    _open_form(lab)
    lab.form.get_by_label("Example input (JSON)").fill('{"input_data": {"left_bound": 1}}')
    details = lab.form.get_by_role("group", name="input_data")
    details.get_by_text("Details").click()
    details.get_by_label("JSON Schema").fill("")
    lab.form.get_by_role("button", name="Test", exact=True).click()
    expect(lab.form).to_contain_text("KeyError", timeout=60_000)
    expect(lab.form).to_contain_text("right_bound")
    lab.shot("traceback")


def test_errors_stand_at_their_fields_and_nothing_is_lost(lab: Lab) -> None:
    _open_form(lab)
    form = lab.form
    name = form.get_by_label("Name (required)")
    create = form.get_by_role("button", name="Create", exact=True)
    form.get_by_label("Description", exact=True).first.fill("Kept as typed")

    name.fill("")  # what the client knows
    create.click()
    expect(name).to_be_focused()
    expect(name).to_have_attribute("aria-invalid", "true")

    name.fill("Not A Name")
    create.click()
    expect(form).to_contain_text("Use lower-case letters")

    name.fill("fine")  # what only the server knows
    form.get_by_text("How requests run").click()
    form.get_by_label("Timeout, seconds").fill("-1")
    create.click()
    timeout = form.get_by_label("Timeout, seconds")
    expect(timeout).to_be_focused()
    expect(form).to_contain_text("greater than 0")
    name.focus()
    form.get_by_text("How requests run").click()
    form.get_by_role("alert").get_by_role("button", name="Timeout, seconds").click()
    expect(timeout).to_be_focused()  # unfolded again
    lab.shot("refused")

    timeout.fill("60")  # in a folded part
    form.get_by_text("Provisioning").click()
    form.get_by_label("Instances", exact=True).fill("1000")
    form.get_by_text("Provisioning").click()
    create.click()
    expect(form.get_by_label("Instances", exact=True)).to_be_focused()

    expect(form.get_by_label("Description", exact=True).first).to_have_value("Kept as typed")
    expect(form.get_by_role("radio", name="Docker")).to_be_disabled()


def test_what_goes_along_is_shown_and_chosen(lab: Lab) -> None:
    lab.open("pricing.ipynb")
    for index in range(4):
        lab.run(index)
    lab.context_menu(lab.code_cells.nth(3).locator(".cm-line").last, "Deploy as node…")
    form = lab.form
    form.get_by_text("Variables that go along").click()
    carried = form.get_by_role("group", name="Variables that go along").get_by_role("listitem")
    helper = carried.filter(has_text="zone_factor")
    expect(helper).to_contain_text("B")
    names = carried.all_inner_texts()
    helper.get_by_role("checkbox").uncheck()
    expect(helper).to_contain_text("stays behind")
    lab.shot("left-out")
    form.get_by_role("button", name="Test", exact=True).click()
    expect(form).to_contain_text("NameError", timeout=60_000)

    form.get_by_role("button", name="Only what the cell can reach").click()
    expect(helper.get_by_role("checkbox")).to_be_checked()
    assert carried.all_inner_texts() == names
    form.get_by_role("button", name="Test", exact=True).click()
    expect(form).to_contain_text("It works", timeout=60_000)
    form.get_by_label("Add another variable").select_option(index=1)
    expect(carried).to_have_count(len(names) + 1)
    added = carried.filter(has_text="added").get_by_role("checkbox", checked=True)
    expect(added).to_be_visible()
    form.get_by_label("Name (required)").fill("carries-more")
    form.get_by_role("button", name="Create", exact=True).click()
    expect(lab.main.get_by_role("status").first).to_contain_text("HEALTHY", timeout=60_000)
    assert lab.server.get("nodes/carries-more").json()["cell"]["carry"] != []


def test_an_edit_makes_a_revision_that_can_be_undone(lab: Lab) -> None:
    _open_form(lab)
    lab.form.get_by_label("Name (required)").fill("edited")
    lab.form.get_by_role("button", name="Create", exact=True).click()
    expect(lab.main.get_by_role("status").first).to_contain_text("HEALTHY", timeout=60_000)

    lab.main.get_by_role("button", name="Edit…").click()
    expect(lab.form.get_by_label("Name (required)")).to_have_value("edited")
    lab.form.get_by_text("How requests run").click()
    lab.form.get_by_label("Timeout, seconds").fill("5")
    lab.form.get_by_role("button", name="Save", exact=True).click()
    lab.tab("Revisions")
    first = lab.main.get_by_role("row").nth(1)
    expect(first).to_contain_text("2")
    expect(first).to_contain_text("timeout")
    lab.shot("revisions")

    lab.main.get_by_role("button", name="Roll back").click()
    lab.dialog("Roll back")
    lab.tab("Overview")
    expect(lab.main).to_contain_text("Timeout, seconds60")


def test_a_half_filled_form_survives_a_reload(lab: Lab) -> None:
    _open_form(lab)
    lab.form.get_by_label("Name (required)").fill("half-filled")
    lab.form.get_by_label("Example input (JSON)").fill('{"input_data": {}}')
    lab.form.get_by_text("How requests run").click()
    lab.form.get_by_label("Timeout, seconds").fill("five")
    for _ in range(2):  # what was restored is kept on
        lab.page.wait_for_timeout(2000)  # the workspace is saved with a delay
        lab.page.goto(f"{lab.server.url}/lab")
        form = lab.form
        expect(form.get_by_label("Name (required)")).to_have_value("half-filled", timeout=30_000)
        expect(form.get_by_label("Example input (JSON)")).to_have_value('{"input_data": {}}')
    form.get_by_role("button", name="Create", exact=True).click()
    expect(form.get_by_label("Timeout, seconds")).to_have_value("five")
    expect(form.get_by_label("Timeout, seconds")).to_be_focused()
