"""IPython's magics in a transformed cell: which are harmless, and which hold code."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from typing import Any

_HARMLESS_LINES = frozenset(
    {
        "alias_magic",
        "autoawait",
        "autocall",
        "automagic",
        "autoreload",
        "autosave",
        "bookmark",
        "cd",
        "colors",
        "conda",
        "config",
        "connect_info",
        "debug",
        "dhist",
        "dirs",
        "doctest_mode",
        "env",
        "gui",
        "hist",
        "history",
        "load_ext",
        "logoff",
        "logon",
        "logstart",
        "logstate",
        "logstop",
        "lsmagic",
        "magic",
        "mamba",
        "matplotlib",
        "notebook",
        "page",
        "pdb",
        "pdoc",
        "pfile",
        "pinfo",
        "pinfo2",
        "pip",
        "popd",
        "pprint",
        "precision",
        "psearch",
        "psource",
        "pushd",
        "pwd",
        "pycat",
        "qtconsole",
        "quickref",
        "rehashx",
        "reload_ext",
        "state_exclude",
        "state_exclude_ls",
        "state_include",
        "state_include_all",
        "subshell",
        "sx",
        "system",
        "tb",
        "unalias",
        "unload_ext",
        "uv",
        "who",
        "who_ls",
        "whos",
        "xmode",
    }
)
_HARMLESS_CELLS = frozenset(
    {
        "HTML",
        "SVG",
        "bash",
        "cmd",
        "file",
        "html",
        "javascript",
        "js",
        "latex",
        "markdown",
        "perl",
        "ruby",
        "script",
        "sh",
        "svg",
        "sx",
        "system",
        "writefile",
    }
)
#: Magics whose text is Python that runs in the user's namespace.
_CODE = frozenset({"time", "timeit", "prun", "capture"})


@dataclass(frozen=True)
class InnerCode:
    """Code that a magic runs with the user's names.

    Attributes:
        binds: names that the magic itself binds.
        keeps: whether what the code binds stays; ``%timeit`` throws it away.
    """

    source: str
    binds: list[str] = field(default_factory=list)
    keeps: bool = True


def is_harmless(method: str, arguments: list[Any]) -> bool:
    """Tell whether a call of the shell neither reads nor binds variables unseen.

    Args:
        method: of the shell, like ``run_line_magic``.
        arguments: the constants it is called with.
    """
    texts = [argument for argument in arguments if isinstance(argument, str)]
    if method in ("system", "getoutput"):
        return not any("{" in text or "$" in text for text in texts)
    if method == "run_line_magic" and texts:
        return texts[0] in _CODE or (
            texts[0] in _HARMLESS_LINES and not any("{" in t or "$" in t for t in texts[1:])
        )
    return method == "run_cell_magic" and bool(texts) and texts[0] in _HARMLESS_CELLS | _CODE


def inner_code(method: str, arguments: list[Any]) -> InnerCode | None:
    """Return the Python that a magic runs in the user's namespace, if it does."""
    texts = [argument for argument in arguments if isinstance(argument, str)]
    if not texts or texts[0] not in _CODE:
        return None
    if method == "run_line_magic" and len(texts) == 2:
        words = texts[1].split()
        while words and words[0].startswith("-"):
            words.pop(0)
        return InnerCode(" ".join(words), keeps=texts[0] != "timeit")
    if method == "run_cell_magic" and len(texts) == 3:
        binds = [word for word in texts[1].split() if word.isidentifier()]
        return InnerCode(texts[2], binds if texts[0] == "capture" else [], texts[0] != "timeit")
    return None


def is_shell(node: ast.expr) -> bool:
    """Tell whether an expression is the call of ``get_ipython`` that stands for a magic."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "get_ipython"
    )
