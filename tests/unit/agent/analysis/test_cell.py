"""What is read off a cell's text."""

from __future__ import annotations

import ast
import sys
from textwrap import dedent

import pytest

from jupyter_node_deploy.agent.analysis.cell import analyse
from jupyter_node_deploy.namespace.manifest import CellInfo

# source: (free, assigns)
CASES: dict[str, tuple[str, list[str], list[str]]] = {
    "straight line": ("y = x + 1\nz = y", ["x"], ["y", "z"]),
    "read before and after": ("a = b\nb = a\nc = b", ["b"], ["a", "b", "c"]),
    "augmented": ("n += k", ["n", "k"], ["n"]),
    "annotated": ("n: int = k\nm: str", ["k"], ["n"]),
    "attributes and items": ("a.x = 1\nb[i] = c", ["a", "c", "b", "i"], []),
    "unpacking": ("(a, *b), c = d", ["d"], ["a", "b", "c"]),
    "imports are no values": ("import os.path\nfrom a import b as c\nd = c(os)", [], ["d"]),
    "walrus": ("if (n := f()) > 1: pass\nm = n", ["f"], ["n", "m"]),
    "walrus in a comprehension": ("r = [y := g(x) for x in xs]\ny", ["xs", "g"], ["y", "r"]),
    "comprehension": ("[a for a in b if c for d in a]", ["b", "c"], []),
    "comprehension's name outside": ("[a for a in b]\na", ["b", "a"], []),
    "nested comprehension": ("{k: [v for v in w] for k, w in p.items()}", ["p"], []),
    "walrus behind another": (
        "if (m := f(s)) and (g := m.h()) > 1:\n    r = g\nr = m",
        ["f", "s"],
        ["m", "g", "r"],
    ),
    "lambda": ("f = lambda x, y=d: x + k", ["d"], ["f"]),
    "lambda called": ("f = lambda x: x + k\nf(1)", ["k"], ["f"]),
    "lambda passed": ("r = sorted(xs, key=lambda x: w[x])", ["xs", "w"], ["r"]),
    "function not called": ("def f(a): return a + g(b)", [], []),
    "function called": ("def f(a): return a + g(b)\nx = f(1)", ["g", "b"], ["x"]),
    "function called after the binding": ("def f(): return b\nb = 1\nx = f()", [], ["b", "x"]),
    "function called before the binding": ("def f(): return b\nx = f()\nb = 1", ["b"], ["x", "b"]),
    "functions that call each other": (
        "def f(): return g()\ndef g(): return h\nf()",
        ["h"],
        [],
    ),
    "function shadows": ("r = f()\ndef f(): return k", ["f"], ["r"]),
    "defaults and decorators": (
        "@d(e)\ndef f(x=v, *, y=w) -> t: return u",
        ["d", "e", "v", "w", *(["t"] if sys.version_info < (3, 14) else []), "u"],
        [],
    ),
    "global in a function": ("def f():\n    global n\n    n += 1\nf()\nm = n", ["n"], ["n", "m"]),
    "nonlocal": (
        "def f():\n    a = 1\n    def g():\n        nonlocal a\n        a += b\n    g()\nf()",
        ["b"],
        [],
    ),
    "locals of functions": (
        (
            "def f(p, *q, **r):\n    import s\n    for t in p: u = t\n    with q as v: pass\n"
            "    try: w = 1\n    except E as x: pass\n    del w\n"
            "    return s, t, u, v, x, q, r, z\nf(1)"
        ),
        ["E", "z"],
        [],
    ),
    "class": (
        "class A(B, metaclass=M):\n    x = y\n    z = x\n    def m(self): return k\na = A()",
        ["B", "M", "y", "k"],
        ["a"],
    ),
    "class not used": ("class A:\n    def m(self): return k", [], []),
    "class scope is not seen by methods": (
        "class A:\n    x = 1\n    def m(self): return x\nA()",
        ["x"],
        [],
    ),
    "if binds in one branch": ("if c: x = 1\ny = x", ["c", "x"], ["x", "y"]),
    "if binds in both branches": ("if c: x = 1\nelse: x = 2\ny = x", ["c"], ["x", "y"]),
    "for may not run": ("for i in xs: s = i\nprint(s, i)", ["xs", "s", "i"], ["i", "s"]),
    "inside of a loop": ("for i in xs:\n    t = i\n    print(t)", ["xs"], ["i", "t"]),
    "accumulator": ("s = 0\nfor i in xs: s += i", ["xs"], ["s", "i"]),
    "while": ("while n: n -= 1", ["n"], ["n"]),
    "while true": ("while True:\n    r = f()\n    break\nr", ["f"], ["r"]),
    "with": ("with open(p) as f: d = f.read()\nd", ["p"], ["f", "d"]),
    "try that falls back": (
        "try: v = f()\nexcept ValueError: v = 0\nfinally: print(v)",
        ["f"],
        ["v"],
    ),
    "try that passes": ("try: v = f()\nexcept E as e: pass\nv", ["f", "E", "v"], ["v"]),
    "try that raises": ("try: v = f()\nexcept E: raise\nv", ["f", "E"], ["v"]),
    "delete": ("a = 1\nb = a\ndel a", [], ["b"]),
    "delete of an earlier one": ("del a", ["a"], []),
    "match": (
        (
            "match p:\n    case {'k': v, **rest}: r = v\n    case [a, *b] if b: r = a\n"
            "    case C(x=y): r = y\n    case _: r = 0\nr"
        ),
        ["p", "C"],
        ["v", "rest", "r", "a", "b", "y"],
    ),
    "await": (
        "import asyncio\nr = await f(x)\nasync with l: pass\nasync for i in g(): pass",
        ["f", "x", "l", "g"],
        ["r", "i"],
    ),
    "f-string": ("print(f'{a!r:{w}}')", ["a", "w"], []),
    "a builtin that is no variable": ("x = max(sum)", [], ["x"]),
    "time magics": (
        (
            "get_ipython().run_line_magic('time', 'y = f(x)')\n"
            "get_ipython().run_cell_magic('capture', 'out', 'z = y\\n')"
        ),
        ["f", "x"],
        ["y", "z", "out"],
    ),
    "conditional expression": ("r = (a := 1) if c else b\na", ["c", "b", "a"], ["a", "r"]),
}


@pytest.mark.parametrize("name", CASES)
def test_free_and_assigned(name: str) -> None:
    source, free, assigns = CASES[name]

    info = analyse(source).info

    assert not info.syntax_error
    assert info.free == free
    assert info.assigns == assigns
    assert set(info.free) <= set(info.reads)
    assert not info.opaque


OPAQUE = [
    "exec('x = 1')",
    "eval(text)",
    "globals()['x']",
    "def f(): return globals()",
    "x = locals()",
    "vars()",
    "from m import *",
    "import __main__",
    "from __main__ import x",
    "get_ipython().run_line_magic('run', 'other.py')",
    "get_ipython().run_cell_magic('javascripty', '', '')",
    "get_ipython().system('cat {name}')",
    "ip = get_ipython()",
]
CLEAR = [
    "vars(x)",
    "dir(x)",
    "get_ipython().run_line_magic('matplotlib', 'inline')",
    "get_ipython().system('pip install numpy')",
    "get_ipython().run_cell_magic('time', '', 'x = 1\\n')",
    "import sys",
]


@pytest.mark.parametrize("source", OPAQUE)
def test_opaque(source: str) -> None:
    assert analyse(source).info.opaque


@pytest.mark.parametrize("source", CLEAR)
def test_not_opaque(source: str) -> None:
    assert not analyse(source).info.opaque


def test_variables_that_are_named_like_builtins() -> None:
    info = analyse("y = eval(max)", variables={"eval", "max"}).info

    assert info.free == ["eval", "max"]
    assert not info.opaque


def test_modules_and_submodules() -> None:
    analysis = analyse(
        "import a.b.c, d as e\nfrom f.g import h\ndef k():\n    import l\n    from . import m"
    )

    assert analysis.info.modules == ["a", "d", "f", "l"]
    assert analysis.submodules == ["a.b.c"]


def test_the_last_name() -> None:
    assert analyse("x = 1\nx").info.last == "x"
    assert analyse("x = 1\nx.y").info.last is None
    assert analyse("").info.last is None


def test_future_flags() -> None:
    import __future__

    flags = __future__.annotations.compiler_flag
    info = analyse("x: T = v", flags=flags | ast.PyCF_ONLY_AST).info

    assert info.flags == flags
    assert info.free == ["v"]


@pytest.mark.parametrize("source", ["x = = 1", "return 1", "nonlocal x", "%magic", "x\0y", "if:"])
def test_syntax_errors(source: str) -> None:
    assert analyse(source).info == CellInfo(source, syntax_error=True)


def test_cells_that_are_nested_too_deeply() -> None:
    info = analyse("x = " + "-" * 5_000 + "1").info

    assert info.syntax_error or info.opaque or info.assigns == ["x"]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="newer syntax")
def test_type_parameters() -> None:
    info = analyse(dedent("def f[T](x: T) -> T:\n    y: T = k\n    return y\nf(1)")).info

    assert "k" in info.free


RESULTS: dict[str, tuple[str, list[str], list[str], list[str]]] = {
    # source: (results, others, alters)
    "plain": ("a = 1\nb = c", ["a", "b"], [], []),
    "loop": ("for i, (j, k) in x:\n    a = i", ["a"], ["i", "j", "k"], []),
    "loop variable that is set, too": ("for i in x:\n    pass\ni = 1", ["i"], [], []),
    "global": ("def f():\n    global g\n    g = 1\na = 1", ["a"], [], []),
    "global of what is called": ("def f():\n    global g\n    g = 1\nf()", [], ["g"], []),
    "timeit": ("get_ipython().run_line_magic('timeit', 'a = 1')", [], [], []),
    "time": ("get_ipython().run_line_magic('time', 'a = 1')", ["a"], [], []),
    "walrus": ("if (n := f()):\n    pass", ["n"], [], []),
    "changed in place": ("rows.append(1)\nlen(others)", [], [], ["rows"]),
    "bound anew": ("n = n + 1\nm += 1", ["n", "m"], [], ["m", "n"]),
    "item": ("d['a'] = 1\nd.b.c = 2", [], [], ["d"]),
}


@pytest.mark.parametrize("name", RESULTS)
def test_results(name: str) -> None:
    source, results, others, alters = RESULTS[name]
    info = analyse(source).info
    assert (info.results, info.others, info.alters) == (results, others, alters)


def test_what_is_timed_is_not_bound() -> None:
    info = analyse("get_ipython().run_line_magic('timeit', 'a = 1')\nb = a").info
    assert info.free == ["a"]
    assert info.assigns == ["b"]


@pytest.mark.parametrize(
    ("source", "perhaps"),
    [
        ("for step in steps: pass\ndel step", ["step"]),
        ("for a, (b, *c) in steps: pass\nx = a, b, c", ["a", "b", "c"]),
        ("for step in steps: last = step\nx = last", ["last"]),
        ("if ready: x = 1\nprint(x)", ["x"]),
        ("while ready: x = 1\nprint(x)", ["x"]),
        ("try: x = f()\nexcept E: pass\nprint(x)", ["x"]),
        ("x = y\nfor y in z: pass", []),
        ("print(step)\nfor step in steps: pass\nprint(step)", []),
        ("for step in steps: print(step)", []),
        ("for step in steps: pass\ndel step\nprint(step)", ["step"]),
    ],
)
def test_what_it_may_have_bound_itself(source: str, perhaps: list[str]) -> None:
    assert analyse(source).info.perhaps == perhaps
