"""IPython's magics in a cell, as a node runs them: without IPython (user's interpreter).

Measuring magics run their code, what sets up the notebook's display or its packages is left out,
shell commands without values in them are run, and all others raise an error that names them.
"""

from __future__ import annotations

import ast
from typing import TypeVar, cast

_Node = TypeVar("_Node", bound=ast.AST)

#: They run their code; what they show about it is of no use to a caller.
_MEASURES = frozenset({"prun", "time"})
#: They set up the notebook, its display or packages that the node has already, or measure only.
_LEFT_OUT = frozenset(
    {
        "autoawait",
        "autocall",
        "automagic",
        "autoreload",
        "colors",
        "conda",
        "config",
        "doctest_mode",
        "gui",
        "load_ext",
        "mamba",
        "matplotlib",
        "micromamba",
        "pdb",
        "pinfo",
        "pinfo2",
        "pip",
        "precision",
        "reload_ext",
        "state_exclude",
        "state_exclude_ls",
        "state_include",
        "state_include_all",
        "timeit",
        "unload_ext",
        "uv",
        "who",
        "who_ls",
        "whos",
        "xmode",
    }
)
_COMMANDS = frozenset({"getoutput", "system"})
_INSTALLERS = ("conda install", "pip install", "pip3 install", "python -m pip", "uv pip")


def unwrapped(source: str) -> str:
    """Return the code of a cell that is all under ``%%time`` or the like, else the source.

    The lines of its errors are those of that code then.
    """
    while True:
        magic = _only_statement(source)
        if magic is None or magic.method != "run_cell_magic" or len(magic.texts) != 3:
            return source
        name, line, body = magic.texts
        if name == "timeit":
            return ""
        if name not in _MEASURES and (name, line.strip()) != ("capture", ""):
            return source
        source = body


def translated(tree: ast.Module) -> ast.Module:
    """Return a cell's tree without calls of IPython's shell."""
    return cast("ast.Module", ast.fix_missing_locations(_Translator().visit(tree)))


class _Magic:
    """A call of the shell that stands for a magic: its method, the constants it is called with."""

    def __init__(self, method: str, texts: list[str]) -> None:
        self.method = method
        self.texts = texts

    @property
    def name(self) -> str:
        """Return what the user typed."""
        if self.method in _COMMANDS:
            return f"!{self.texts[0]}"
        return ("%%" if self.method == "run_cell_magic" else "%") + self.texts[0]

    @property
    def command(self) -> str | None:
        """Return the shell command that it runs, if it does."""
        if self.method in _COMMANDS:
            return self.texts[0]
        is_line = self.method == "run_line_magic" and len(self.texts) > 1
        return self.texts[1] if is_line and self.texts[0] in ("sx", "system") else None

    @property
    def is_left_out(self) -> bool:
        command = self.command
        if command is not None:
            return command.strip().startswith(_INSTALLERS)
        return self.texts[0] in _LEFT_OUT

    @property
    def code(self) -> str | None:
        """Return the Python that it runs, if it does."""
        if self.method != "run_line_magic" or self.texts[0] not in _MEASURES:
            return None
        words = self.texts[1].split(" ")
        while words and words[0].startswith("-"):
            words.pop(0)
        return " ".join(words)


def _magic(node: ast.AST) -> _Magic | None:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return None
    shell = node.func.value
    texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
    if (
        isinstance(shell, ast.Call)
        and isinstance(shell.func, ast.Name)
        and shell.func.id == "get_ipython"
        and texts
        and len(texts) == len(node.args)
        and all(isinstance(text, str) for text in texts)
    ):
        return _Magic(node.func.attr, cast("list[str]", texts))
    return None


def _only_statement(source: str) -> _Magic | None:
    if not source.startswith("get_ipython()"):
        return None
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return None
    only = body[0] if len(body) == 1 else None
    return _magic(only.value) if isinstance(only, ast.Expr) else None


class _Translator(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.AST | list[ast.stmt]:
        magic = _magic(node.value)
        if magic is None:
            return self.generic_visit(node)
        if magic.is_left_out:
            return ast.copy_location(ast.Pass(), node)
        if magic.code is not None:
            try:
                body = ast.parse(magic.code).body
            except SyntaxError:
                return ast.copy_location(ast.Expr(_refused(magic)), node)
            return [_moved(statement, node) for statement in body]
        made = _refused(magic) if _is_filled(magic) else _run(magic, shown=True)
        return ast.copy_location(ast.Expr(_moved(made, node)), node)

    def visit_Call(self, node: ast.Call) -> ast.AST:
        magic = _magic(node)
        if magic is None:
            return self.generic_visit(node)
        if magic.is_left_out:
            return ast.copy_location(ast.Constant(None), node)
        if magic.code is not None:
            try:
                return _moved(ast.parse(magic.code, mode="eval").body, node)
            except SyntaxError:
                return _moved(_refused(magic), node)
        return _moved(_refused(magic) if _is_filled(magic) else _run(magic, shown=False), node)


def _is_filled(magic: _Magic) -> bool:
    """Tell whether it is no shell command, or one with values in it.

    These may come from a request, which could then run any command.
    """
    command = magic.command
    return command is None or "{" in command or "$" in command


def _run(magic: _Magic, *, shown: bool) -> ast.expr:
    text = (
        f"__import__('subprocess').run({magic.command!r}, shell=True, stdin=-3, stdout=-1, "
        "stderr=-2, text=True, errors='replace').stdout"
    )
    text = f"__import__('sys').stdout.write({text})" if shown else f"{text}.splitlines()"
    return ast.parse(text, mode="eval").body


def _refused(magic: _Magic) -> ast.expr:
    if magic.command is not None:
        words = (
            f"{magic.name} puts values into a shell command, so a request could run anything: "
            "use subprocess.run([...]) with a list of arguments"
        )
    else:
        words = f"{magic.name} works in notebooks only: take it out of the cell"
    text = f"(_ for _ in ()).throw(NotImplementedError({words!r}))"
    return ast.parse(text, mode="eval").body


def _moved(node: _Node, place: ast.AST) -> _Node:
    """Return a piece of code as one that stands at another's place."""
    for part in ast.walk(node):
        ast.copy_location(part, place)
    return node
