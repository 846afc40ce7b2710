"""Messages: how they are filled, what goes with them, and that each has its row and translation."""

import copy
import json
import pickle
from pathlib import Path

import pytest

import jupyter_node_deploy
from jupyter_node_deploy.errors import InvalidArgument, Message, NotFound
from scripts import errors

PACKAGE = Path(jupyter_node_deploy.__file__).parent
CALLS = list(errors.calls(PACKAGE))
#: Where messages get a reason and words that others made: the class, the catalog's column, and
#: pydantic's and Jupyter's own refusals.
OF_OTHERS = {
    "jupyter_node_deploy/errors.py",
    "jupyter_node_deploy/catalog/messages.py",
    "jupyter_node_deploy/api/failure.py",
}


def test_the_body_says_the_reason_of_the_message_and_of_each_detail() -> None:
    taken = Message("{name} is taken", "TAKEN", name="x")
    said = {"reason": "TAKEN", "template": "{name} is taken", "metadata": {"name": "x"}}
    error = InvalidArgument(
        Message("Not so: {cause}.", "NOT_SO", cause=taken),
        [{"path": "name", "message": taken}, {"path": "b"}],
    )
    assert json.loads(json.dumps(error.body())) == {
        "code": 3,
        "message": "Not so: x is taken.",
        "details": [{"path": "name", "message": "x is taken", **said}, {"path": "b"}],
        "reason": "NOT_SO",
        "template": "Not so: {cause}.",
        "metadata": {"cause": {"message": "x is taken", **said}},
    }


def test_words_without_a_reason_stay_as_they_are() -> None:
    assert NotFound("gone").body() == {"code": 5, "message": "gone", "details": []}


@pytest.mark.parametrize(
    ("template", "values", "text"),
    [
        ("No '{name}'.", {"name": "it's"}, "No 'it's'."),
        ("{name}'s", {"name": "a"}, "a's"),
        ("It is {a} {b}", {"a": "{b}", "b": "{a} {0} {"}, "It is {b} {a} {0} {"),
        ("No '{names}'.", {"names": ["a", "b"]}, "No 'a', 'b'."),
        ("No {names}.", {"names": ("a", 1)}, "No a, 1."),
        ("{a} of {b} s, {c}", {"a": 600.0, "b": 0.5, "c": 3}, "600 of 0.5 s, 3"),
        ("It is. {why} {how} Yes. {why}", {"why": "", "how": None}, "It is. Yes."),
        ("'{name}'", {"name": ""}, "''"),
        ("{template} {reason}", {"template": 1, "reason": 2}, "1 2"),
    ],
)
def test_a_template_is_filled(template: str, values: dict[str, object], text: str) -> None:
    assert Message(template, "ODD", **values) == text


def test_a_template_that_lacks_a_value_still_tells() -> None:
    assert Message("{a} {b", "ODD", b=1) == "{a} {b"


def test_a_message_survives_copies() -> None:
    message = Message("{ready} of {of}", "SOME_READY", ready=3, of=[4])
    for copied in (copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert copied == message == "3 of 4"
        assert copied.info() == message.info()


@pytest.mark.parametrize(
    "call", [one for one in CALLS if one.reason], ids=lambda call: f"{call.reason} {call.place}"
)
def test_a_message_in_the_code_is_whole(call: errors.Call) -> None:
    assert call.template, "its template is no literal"
    assert errors.placeholders(call.template) <= call.values, "the template asks for more"
    assert call.template.count("{") == call.template.count("}")
    assert call.template.count("{") == len(errors.PLACEHOLDER.findall(call.template))
    assert "|" not in call.template, "that ends the cell of the page's table"
    assert "\\" not in call.template, "the page shows a line's end so"
    same = next(one for one in CALLS if one.reason == call.reason)
    assert call.values == same.values, f"another message of the reason has others: {same.place}"


def test_only_words_of_others_have_no_template() -> None:
    assert {one.place.split(":")[0] for one in CALLS if not one.reason} == OF_OTHERS


def test_the_page_lists_the_messages_of_the_code() -> None:
    text = errors.PAGE.read_text(encoding="utf-8")
    assert text == errors.page(text), "run scripts/errors.py"


@pytest.mark.parametrize("language", sorted(one.name for one in (PACKAGE / "locale").glob("*_*")))
def test_every_message_has_its_translations(language: str) -> None:
    catalog = PACKAGE / "locale" / language / "LC_MESSAGES" / "jupyter_node_deploy.json"
    translations = json.loads(catalog.read_text(encoding="utf-8"))
    told = {one.template for one in CALLS if one.reason and one.template}
    wanted = {template: errors.placeholders(template) for template in told}
    found = {
        template: errors.placeholders(text)
        for template in wanted
        for text in translations.get(template, [])
    }
    assert found == wanted
    # One that is the same would be taken for none.
    assert [one for one in wanted if translations[one] == [one]] == []
