"""What can't be saved is told, hostile objects do no harm, and corrupted blobs are named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

UNSAVABLE: dict[str, tuple[str, str, str]] = {
    "open file": (
        "bad = open('/dev/null')",
        "bad",
        "an open file: open it inside the service cell",
    ),
    "file inside": (
        "class R: pass\nbad = R()\nbad.log = {'h': [open('/dev/null')]}",
        "bad",
        "an open file at bad.log['h'][0]: open it inside the service cell",
    ),
    "generator": (
        "bad = (i for i in range(3))",
        "bad",
        "a generator: turn it into a list, or make it inside the service cell",
    ),
    "coroutine": (
        "async def co(): pass\nbad = co()\nimport atexit; atexit.register(bad.close)",
        "bad",
        "a running coroutine: await it and keep the result",
    ),
    "lock": ("import threading\nbad = threading.local()", "bad", "a thread's own data"),
    "thread": ("import threading\nbad = threading.Thread()", "bad", "a thread: start it"),
    "socket": ("import socket\nbad = socket.socket()", "bad", "a network connection: open it"),
    "database": (
        "import sqlite3\nbad = sqlite3.connect(':memory:')",
        "bad",
        "a database connection: connect inside the service cell",
    ),
    "cursor": (
        "import sqlite3\nbad = sqlite3.connect(':memory:').cursor()",
        "bad",
        "a database cursor: connect inside the service cell",
    ),
    "handler of a log": (
        "import logging\nbad = logging.StreamHandler()",
        "bad",
        "a handler of a log: add it inside the service cell",
    ),
    "pool": (
        "import concurrent.futures as cf\nbad = cf.ThreadPoolExecutor()",
        "bad",
        "a pool of workers",
    ),
    "memoryview": ("bad = memoryview(b'x')", "bad", "a view of memory: keep bytes(…)"),
    "module without a file": (
        "import types\nclass M(types.ModuleType): pass\nbad = M('made_up')",
        "bad",
        "a module that no import finds",
    ),
    "recursion without end": (
        (
            "class Endless:\n    def __reduce__(self):\n"
            "        return Endless, (), {'next': Endless()}\nbad = Endless()"
        ),
        "bad",
        "nested too deeply",
    ),
    "reduce raises": (
        "class H:\n    def __reduce__(self): raise ValueError('no way')\nbad = H()",
        "bad",
        "an object of type H (ValueError: no way): make it inside the service cell",
    ),
    "reduce exits": (
        "class H:\n    def __reduce__(self): raise SystemExit(3)\nbad = H()",
        "bad",
        "an object of type H (SystemExit: 3): ",
    ),
    "str of the error raises": (
        (
            "class E(BaseException):\n    def __str__(self): raise E\n"
            "class H:\n    def __getstate__(self): raise E\nbad = H()"
        ),
        "bad",
        "an object of type H (E): ",
    ),
    "class that holds a lock": (
        "import threading\nclass C:\n    lock = threading.local()\nbad = C()",
        "bad",
        "it needs 'C', which can't be saved (a thread's own data at C.lock: ",
    ),
    "function with a default file": (
        "def bad(f=open('/dev/null')): pass\n",
        "bad",
        "an open file at bad (a default value): open it inside the service cell",
    ),
}


@pytest.mark.parametrize("name", UNSAVABLE)
def test_what_cannot_be_saved_is_told_and_the_rest_is_saved(name: str, notebook: Any) -> None:
    cell, variable, reason = UNSAVABLE[name]

    saved = notebook.save("before = [1]", cell, "def after(): return before")

    assert saved["unsaved"][variable].startswith(reason)
    assert notebook.restore(f"assert after() == [1] and {variable!r} not in globals()") == []


def test_who_shares_with_the_unsavable_is_saved(notebook: Any) -> None:
    saved = notebook.save("shared = [1]\nbad = [shared, open('/dev/null')]\ngood = {'s': shared}")

    assert list(saved["unsaved"]) == ["bad"]
    assert notebook.restore("assert good['s'] is shared") == []


def test_an_excluded_class_travels_with_its_instance(notebook: Any) -> None:
    notebook.save("class C:\n    def v(self): return 4\nc = C()\nd = [C]", excluded=["C"])

    assert notebook.restore("assert c.v() == 4 and type(c) is d[0] and 'C' not in globals()") == []


def test_submodules_that_were_imported_are_imported_again(notebook: Any) -> None:
    notebook.save("import xml.dom.minidom", submodules={"xml": ["xml.dom.minidom"]})

    assert notebook.restore("assert xml.dom.minidom.parseString('<a/>')") == []


def test_local_modules_are_imported_by_name(notebook: Any, tmp_path: Path) -> None:
    (tmp_path / "helpers_of_mine.py").write_text("class A:\n    pass\ndef f():\n    return A()\n")

    saved = notebook.save("import helpers_of_mine as h\nfrom helpers_of_mine import f\na = f()")

    groups = {tuple(group["names"]): group for group in saved["groups"]}
    assert groups["a",]["modules"] == ["helpers_of_mine"]
    assert notebook.restore("assert type(f()) is type(a) is h.A") == []


def test_uses_and_references(notebook: Any) -> None:
    saved = notebook.save(
        """
        import math
        rate, data, unused = 2, [1], 0
        def inner(x): return x * rate
        def outer(rows): return [(lambda r: inner(r) + math.pi)(r) for r in rows]
        class Model:
            def predict(self): return outer(data)
        model = Model()
        def anything(name): return globals()[name]
        """
    )

    uses = {name: group["uses"] for group in saved["groups"] for name in group["names"]}
    assert "rate" in uses["inner"]
    assert "*" not in uses["inner"]
    assert {"inner", "math"} <= set(uses["outer"])
    assert "pi" not in uses["outer"]
    assert {"outer", "data"} <= set(uses["Model"])
    assert uses["model"] == ["Model"]
    assert "*" in uses["anything"]
    assert not {"model", "data"} & set(uses["outer"])


def test_groups_come_after_those_they_refer_to(notebook: Any) -> None:
    saved = notebook.save(
        """
        class Base: pass
        things = {}
        class Holder(Base):
            kept = things
        class Later(Holder): pass
        first = Later()
        """,
        "aaa = [first]",
    )

    order = [name for group in saved["groups"] for name in group["names"]]
    assert order.index("Base") < order.index("Holder") < order.index("Later")
    assert order.index("Later") < order.index("first")
    assert notebook.restore("assert first.kept is things and aaa[0] is first") == []


def test_a_corrupted_blob_is_named_and_the_rest_is_restored(notebook: Any, tmp_path: Path) -> None:
    saved = notebook.save("good = [1]\nbad = {'k': 2}\nclass C: pass\nneedy = C()")
    broken = next(g["pickle"] for g in saved["groups"] if g["names"] == ["bad"])
    missing = next(g["pickle"] for g in saved["groups"] if g["names"] == ["C"])
    blobs = tmp_path / "state" / "blobs"
    (blobs / broken).write_bytes(b"\0" + (blobs / broken).read_bytes()[1:])
    (blobs / missing).unlink()

    failures = {one["names"][0]: one for one in notebook.restore("assert good == [1]")}

    assert failures["bad"]["blob"] == broken
    assert "bad is corrupted" in failures["bad"]["reason"]
    assert broken in failures["bad"]["reason"]
    assert failures["C"]["blob"] == missing
    assert "it needs 'C', which could not be restored" in failures["needy"]["reason"]


def test_a_missing_module_is_named(notebook: Any, tmp_path: Path) -> None:
    (tmp_path / "gone_soon.py").write_text("class A: pass\n")
    notebook.save("import gone_soon\na = gone_soon.A()\nb = 1")
    (tmp_path / "gone_soon.py").unlink()

    failures = notebook.restore("assert b == 1")

    assert {name for one in failures for name in one["names"]} == {"gone_soon", "a"}
    assert all("the module 'gone_soon', which is not installed" in f["reason"] for f in failures)


def test_setstate_that_raises_stops_nobody(notebook: Any) -> None:
    notebook.save(
        "class S:\n    def __getstate__(self): return 1\n"
        "    def __setstate__(self, s): raise SystemExit('bye')\ns = S()\nt = 2"
    )

    failures = notebook.restore("assert t == 2 and S")

    assert [one["names"] for one in failures] == [["s"]]
    assert "SystemExit: bye" in failures[0]["reason"]


def test_a_malformed_manifest_is_refused(notebook: Any, tmp_path: Path) -> None:
    notebook.save("x = 1")
    (tmp_path / "state" / "manifest.json").write_text(json.dumps({"format": 2}))

    with pytest.raises(AssertionError, match="written by a newer version"):
        notebook.restore("")


def test_streams_name_only_the_private_package(notebook: Any, tmp_path: Path) -> None:
    saved = notebook.save("def f(): pass\nclass C: pass\nx = [C(), globals()]")

    for group in saved["groups"]:
        stream = (tmp_path / "state" / "blobs" / group["pickle"]).read_bytes()
        assert stream.count(b"jupyter_node_deploy") == stream.count(b"_jupyter_node_deploy")


def test_the_same_state_gives_the_same_streams(notebook: Any) -> None:
    saved = notebook.save(
        """
        import sys
        from _jupyter_node_deploy.namespace import save as _save
        def f(a, b={'k': [1]}): return [x for x in a if x > 1], 'text', f
        class C:
            def m(self): return super().__init__
        c = C()
        c.x = {'a': c}
        _names = ['f', 'C', 'c']
        _one = [bytes(g.stream) for g in _save(globals(), _names).groups]
        f([1])
        _two = [bytes(g.stream) for g in _save(globals(), _names).groups]
        same = _one == _two
        del _one, _two, _save
        """
    )

    assert saved["unsaved"] == {}
    assert notebook.restore("assert same") == []


def test_globals_of_generated_methods_are_cut_to_what_they_use(notebook: Any) -> None:
    # As attrs does it: methods are compiled in a copy of the notebook's namespace.
    saved = notebook.save(
        """
        big = list(range(1000))
        limit = [3]
        class A: pass
        space = dict(globals())
        exec('def check(self, v): return v < limit[0]\\ndef other(self): return check', space)
        A.check, A.other = space['check'], space['other']
        del space
        """
    )

    groups = {name: group for group in saved["groups"] for name in group["names"]}
    assert groups["big"]["names"] == ["big"]
    assert groups["A"]["names"] == ["limit", "A"]
    assert (
        notebook.restore(
            "assert A().check(2) and not A().check(4)\n"
            "assert A().other() is A.check and A.check.__globals__ is A.other.__globals__"
        )
        == []
    )
