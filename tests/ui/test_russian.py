"""The interface in Russian."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from .lab import Lab

_TRANSLATION = "@jupyterlab/translation-extension:plugin"


@pytest.fixture
def russian(lab: Lab) -> Iterator[Lab]:
    """Return JupyterLab in Russian."""
    lab.server.setting(_TRANSLATION, {"locale": "ru_RU"})
    yield lab
    lab.server.setting(_TRANSLATION, {})


def test_russian(russian: Lab) -> None:
    lab = russian
    lab.page.goto(f"{lab.server.url}/lab/tree/randomizer.ipynb?reset&token={lab.server.token}")
    expect(lab.page.locator("#jp-main-statusbar")).to_contain_text("| Простаивает", timeout=60_000)
    expect(lab.cells.first).to_be_visible()
    panel = lab.panel()
    expect(panel).to_contain_text("Запустите ячейку")
    lab.run(0)
    lab.run(1)
    expect(panel.get_by_role("listitem").first).to_contain_text("Запуск ячейки")
    lab.context_menu(lab.code_cells.nth(1).locator(".cm-line").last, "Развернуть как ноду…")
    expect(lab.form.get_by_role("group", name="input_data")).to_be_visible()
    expect(lab.form).to_contain_text("Входные переменные")
    expect(lab.form).to_contain_text("Нодам из Docker-образов нужен Docker")
    expect(lab.form).to_contain_text("Выбран бэкенд process.")
    lab.shot("form")
    lab.form.get_by_text("Выполнение запросов").click()
    lab.form.get_by_label("Таймаут, секунд").fill("-1")  # what only the server refuses
    lab.form.get_by_role("button", name="Создать", exact=True).click()
    expect(lab.form).to_contain_text("Должно быть больше 0")
    lab.form.get_by_label("Таймаут, секунд").fill("60")
    lab.form.get_by_role("button", name="Создать", exact=True).click()
    expect(lab.main.get_by_role("status").first).to_contain_text("HEALTHY", timeout=60_000)
    lab.tab("Запрос")
    lab.main.get_by_role("button", name="Выполнить", exact=True).click()
    expect(lab.main).to_contain_text("200")
    lab.shot("node")
    lab.main.get_by_role("button", name="Приостановить").click()
    lab.dialog("Приостановить")
    expect(lab.main.get_by_role("status").first).to_contain_text(
        "Нода приостановлена", timeout=60_000
    )


def test_the_settings_are_in_russian(russian: Lab) -> None:
    lab = russian
    lab.page.goto(f"{lab.server.url}/lab?reset&token={lab.server.token}")
    expect(lab.page.locator("#jp-main-statusbar")).to_be_visible(timeout=60_000)
    lab.page.keyboard.press("Control+,")
    lab.page.locator(".jp-PluginList").get_by_text("Развёртывание нод").click()
    setting = lab.page.locator(".jp-SettingsPanel").get_by_label("Автосохранение контрольных точек")
    expect(setting).not_to_be_checked()
    lab.shot("settings")
