"""Names that things can have, and those that are proposed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from jupyter_node_deploy.access.models import FolderCreate
from jupyter_node_deploy.api.failure import invalid
from jupyter_node_deploy.specs.names import is_valid, proposed


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Расчёт", "raschyot"),
        ("Расче\u0308т", "raschyot"),  # as macOS writes it in paths
        ("Їжак да щука", "yizhak-da-shchuka"),
        ("Café №2", "cafe-no2"),
        ("Straße", "strasse"),
        ("2024 Sales_Model v1", "sales-model-v1"),
        ("分析", ""),
        ("a" * 80, "a" * 63),
        ("--", ""),
    ],
)
def test_a_name_is_proposed_in_letters_that_are_allowed(text: str, name: str) -> None:
    assert proposed(text) == name
    assert not name or is_valid(name)


@pytest.mark.parametrize("name", ["", "a-", "-a", "1a", "A", "a_b", "a" * 64, "a\n", "расчёт"])
def test_what_is_no_name_is_refused_in_words(name: str) -> None:
    assert not is_valid(name)
    with pytest.raises(ValidationError) as caught:
        FolderCreate(name=name)
    error = invalid(caught.value)
    assert "begins with a letter" in error.message
    assert "[" not in error.message
    assert error.details[0]["message"].reason == "NAME_INVALID"
