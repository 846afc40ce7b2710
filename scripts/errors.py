"""Writes the table of docs/api/errors.md: the messages in the code, by their reasons.

Run it from the project's directory after a change of messages: ``python scripts/errors.py``.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "api" / "errors.md"
PLACEHOLDER = re.compile(r"\{(\w+)\}")
_BEGIN, _END = "<!-- scripts/errors.py writes from here -->\n", "<!-- to here -->\n"


@dataclass(frozen=True)
class Call:
    """A message in the code.

    Attributes:
        place: ``FILE:LINE``.
        reason: None where it is not a literal.
        template: None where it is not a literal.
        values: the names of its values; ``**`` for names that are not literal.
    """

    place: str
    reason: str | None
    template: str | None
    values: frozenset[str]


def calls(package: Path = ROOT / "jupyter_node_deploy") -> Iterator[Call]:
    """Yield every call of ``Message``."""
    for file in sorted(package.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Message":
                template, reason = map(_literal, node.args)
                values = frozenset(one.arg or "**" for one in node.keywords)
                place = f"{file.relative_to(package.parent).as_posix()}:{node.lineno}"
                yield Call(place, reason, template, values)


def placeholders(template: str) -> set[str]:
    """Return the names of the values that a template shows."""
    return set(PLACEHOLDER.findall(template))


def page(text: str) -> str:
    """Return the page with the table of now."""
    before, _, rest = text.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return f"{before}{_BEGIN}\n{_table()}\n{_END}{after}"


def _table() -> str:
    found = sorted(
        ((one.reason, one.template, one.values) for one in calls() if one.reason and one.template),
        key=lambda one: one[:2],
    )
    lines = ["| reason | metadata | template |", "| --- | --- | --- |"]
    for reason, group in groupby(found, key=lambda one: one[0]):
        same = list(group)
        names = ", ".join(f"`{name}`" for name in sorted(set().union(*(one[2] for one in same))))
        templates = "<br>".join(dict.fromkeys(_code(one[1]) for one in same))
        lines.append(f"| `{reason}` | {names} | {templates} |")
    return "\n".join(lines) + "\n"


def _code(template: str) -> str:
    """Return a template as Markdown that shows it as it is; a line's end is shown as ``\\n``."""
    shown = template.replace("\n", "\\n")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def _literal(node: ast.expr) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
