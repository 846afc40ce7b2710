"""Messages that carry a reason, and the page that lists the reasons."""

import ast
import copy
import json
import pickle
import re
from pathlib import Path

import jupyter_node_deploy
from jupyter_node_deploy.errors import InvalidArgument, Message, NotFound

PACKAGE = Path(jupyter_node_deploy.__file__).parent
PAGE = PACKAGE.parent / "docs" / "api" / "errors.md"


def test_the_body_says_the_reason_of_the_message_and_of_each_detail() -> None:
    taken = Message("is taken", "TAKEN", name="x")
    error = InvalidArgument(
        Message("Not so.", "NOT_SO", cause=taken),
        [{"path": "name", "message": taken}, {"path": "b"}],
    )
    assert json.loads(json.dumps(error.body())) == {
        "code": 3,
        "message": "Not so.",
        "details": [
            {"path": "name", "message": "is taken", "reason": "TAKEN", "metadata": {"name": "x"}},
            {"path": "b"},
        ],
        "reason": "NOT_SO",
        "metadata": {
            "cause": {"message": "is taken", "reason": "TAKEN", "metadata": {"name": "x"}}
        },
    }


def test_words_without_a_reason_stay_as_they_are() -> None:
    assert NotFound("gone").body() == {"code": 5, "message": "gone", "details": []}


def used() -> dict[str, set[str]]:
    """Return the reasons in the code, with the names of their metadata."""
    found: dict[str, set[str]] = {}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message":
                reason = node.args[1] if len(node.args) > 1 else None
                if isinstance(reason, ast.Constant) and isinstance(reason.value, str):
                    names = {one.arg for one in node.keywords if one.arg is not None}
                    found.setdefault(reason.value, set()).update(names)
    return found


def test_the_page_lists_every_reason_with_its_metadata() -> None:
    rows = re.findall(r"^\| `([A-Z0-9_]+)` \|([^|]*)\|", PAGE.read_text(), re.MULTILINE)
    assert [name for name, _ in rows] == sorted({name for name, _ in rows})
    assert {name: set(re.findall(r"`(\w+)`", names)) for name, names in rows} == used()


def test_a_message_survives_copies():
    message = Message("3 of 4", "SOME_READY", ready=3, of=[4])
    for copied in (copy.deepcopy(message), pickle.loads(pickle.dumps(message))):
        assert copied == message
        assert copied.info() == message.info()
