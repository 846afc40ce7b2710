"""What a cell's text may change outside of the notebook."""

from __future__ import annotations

import ast

import pytest

from jupyter_node_deploy.agent.analysis.changes import changes


def only(text: str):
    (part,) = changes(ast.parse(text)).parts
    return part


@pytest.mark.parametrize(
    ("text", "stores", "into"),
    [
        ("pd.DataFrame.double = f", ["pd.DataFrame.double"], []),
        ("a.b, (c.d, x) = 1, (2, 3)", ["a.b", "c.d"], []),
        ("a.b += 1", ["a.b"], []),
        ("a.b: int = 1", ["a.b"], []),
        ("del a.b", ["a.b"], []),
        ("setattr(a.b, 'c', 1)", ["a.b.c"], []),
        ("a.b['k'] = 1", [], ["a.b"]),
        ("a.b['k'].c = 1", [], ["a.b"]),
        ("a.b.append(1)", [], ["a.b"]),
        ("def f():\n    a.b = 1", ["a.b"], []),
        ("try:\n    a.b = 1\nexcept X: pass", ["a.b"], []),
    ],
)
def test_what_is_assigned_to(text: str, stores: list[str], into: list[str]) -> None:
    part = only(text)
    assert (part.stores, part.into) == (stores, into)


@pytest.mark.parametrize(
    "text",
    [
        "x = 1",
        "def f(self):\n    self.x = 1",
        "a().b = 1",
        "y = a.b.copy()",
        "x[0] = 1\n",
    ],
)
def test_what_changes_nothing_elsewhere(text: str) -> None:
    assert all("." not in path for part in changes(ast.parse(text)).parts for path in part.into)
    assert not any(part.stores or part.registers for part in changes(ast.parse(text)).parts)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("tqdm.pandas()", "tqdm.pandas"),
        ("copyreg.pickle(A, f)", "copyreg.pickle"),
        ("@pd.api.extensions.register_dataframe_accessor('geo')\nclass A: pass",
         "pd.api.extensions.register_dataframe_accessor"),
        ("@Language.component('x')\ndef f(d): pass", "Language.component"),
        ("@size.register\ndef _(a: int): pass", "size.register"),
        ("@spacy.registry.misc('x')\ndef f(): pass", "spacy.registry.misc"),
        ("done = atexit.register(f)", "atexit.register"),
        ("for f in all: atexit.register(f)", "atexit.register"),
    ],
)  # fmt: skip
def test_what_registers_something(text: str, path: str) -> None:
    assert [one for one, _ in only(text).registers] == [path]


def test_which_of_them_are_called_without_arguments() -> None:
    assert only("nest_asyncio.apply()").bare == ["nest_asyncio.apply"]
    assert not only("nest_asyncio.apply(loop)").bare
    assert not only("tqdm.pandas(disable=True)").bare


def test_calls_that_only_compute_register_nothing() -> None:
    for text in ("pickle.dumps(x)", "df.plot()", "plt.show()", "@functools.wraps(f)\ndef g(): 1"):
        assert not only(text).registers


def test_names_stand_for_what_was_imported() -> None:
    found = changes(ast.parse("import a.b, c.d as e\nfrom f.g import h as i, j\nfrom . import k"))
    assert found.imported == {"a": "a", "e": "c.d", "i": "f.g.h", "j": "f.g.j"}
