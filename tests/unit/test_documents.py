"""The documents agree with one another: numbers, links, references, the changelog's form."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

ROOT = Path(__file__).parents[2]
DECISIONS = ROOT / "docs" / "decisions"
CHANGES = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
    ROOT / "tests" / "bench" / "README.md",
]

_FENCE = re.compile(r"^ *(`{3,}|~{3,}).*?^ *\1`*~* *$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) +(.+?) *$", re.MULTILINE)
_LINK = re.compile(r"\]\(([^()\s]+)\)|^\[[^\]]+\]: +(\S+)", re.MULTILINE)
_MARGIN = re.compile(r"\n[ \t]*(?:#|//|\*)*[ \t]*")  # where a sentence goes on in a comment
_NUMBERS = r"[Dd]ecisions? (\d+(?:(?:, and|,| and| or| to) \d+)*)"


def prose(page: Path) -> str:
    return _FENCE.sub("", page.read_text())


def headings(page: Path) -> list[tuple[int, str]]:
    return [(len(marks), words) for marks, words in _HEADING.findall(prose(page))]


def anchors(page: Path) -> set[str]:
    """Return the anchors that GitHub gives to the page's headings."""
    found: set[str] = set()
    times: Counter[str] = Counter()
    for _, words in headings(page):
        shown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", words)
        anchor = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        found.add(f"{anchor}-{times[anchor]}" if times[anchor] else anchor)
        times[anchor] += 1
    return found


def decisions() -> list[Path]:
    return sorted(page for page in DECISIONS.glob("*.md") if page.name != "README.md")


def texts() -> Iterator[tuple[Path, str]]:
    """Yield what people wrote, each with its lines joined."""
    for page in PAGES:
        yield page, _MARGIN.sub(" ", page.read_text())
    for folder in ("jupyter_node_deploy", "src", "scripts", "tests"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.suffix in {".py", ".ts", ".tsx", ".yaml"} and file != Path(__file__):
                yield file, _MARGIN.sub(" ", file.read_text())


def test_decisions_are_numbered_without_gaps() -> None:
    names = [page.name for page in decisions()]
    assert names
    assert [name[:5] for name in names] == [f"{n:04d}-" for n in range(1, len(names) + 1)]


def test_the_heading_of_a_decision_carries_its_number() -> None:
    for page in decisions():
        level, words = headings(page)[0]
        assert (level, words.split(". ")[0]) == (1, str(int(page.name[:4]))), page.name


def test_the_index_lists_each_decision_with_its_title_and_status() -> None:
    row = re.compile(r"^\| (\d+) +\| \[(.+)\]\((\S+)\) +\| (.+?) +\|$", re.MULTILINE)
    expected = []
    for page in decisions():
        number, title = headings(page)[0][1].split(". ", 1)
        status = re.search(r"^Status: (.+?)\.?$", page.read_text(), re.MULTILINE)
        expected.append((number, title, page.name, status[1] if status else "accepted"))
    assert row.findall((DECISIONS / "README.md").read_text()) == expected


def test_references_to_decisions_lead_to_decisions() -> None:
    there = {int(page.name[:4]) for page in decisions()}
    found, dead = 0, []
    for file, text in texts():
        named = [n for some in re.findall(_NUMBERS, text) for n in re.findall(r"\d+", some)]
        for number in [*named, *re.findall(r"decisions/(\d+)", text)]:
            found += 1
            if int(number) not in there:
                dead.append(f"{file.relative_to(ROOT)}: decision {number}")
    assert dead == []
    assert found


def test_links_lead_to_files_and_headings_that_exist() -> None:
    found, dead = 0, []
    for page in PAGES:
        text = re.sub(r"`[^`]*`", "", prose(page))
        for link in (inline or defined for inline, defined in _LINK.findall(text)):
            if re.match(r"[a-z]+:", link):
                continue
            found += 1
            path, _, anchor = unquote(link).partition("#")
            target = page.parent / path if path else page
            if not target.exists() or (anchor and anchor not in anchors(target)):
                dead.append(f"{page.relative_to(ROOT)}: {link}")
    assert dead == []
    assert found


def test_the_changelog_has_versions_and_below_them_only_the_kinds_of_changes() -> None:
    (level, words), *rest = headings(ROOT / "CHANGELOG.md")
    assert (level, words) == (1, "Changelog")
    version, seen = "", set()
    for level, words in rest:
        if level == 2:
            assert re.fullmatch(r"\[Unreleased\]|\[\d+\.\d+\.\d+\] - \d{4}-\d\d-\d\d", words), words
            version = words
        else:
            assert version, f"{words} is below no version"
            assert level == 3, words
            assert words in CHANGES, words
        assert (version, level, words) not in seen, f"{words} is there twice"
        seen.add((version, level, words))
    assert version


def test_architecture_draws_the_layers_that_the_contracts_hold() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    held = {
        (number, name.strip())
        for number, layer in enumerate(reversed(layers), start=1)
        for name in layer.split("|")
    }
    text = (ROOT / "docs/architecture.md").read_text()
    rows = re.findall(r"^\| (\d+) +\| (.*?) +\|", text, re.MULTILINE)
    drawn = {
        (int(number), name.removesuffix(".py").rstrip("/"))
        for number, cell in rows
        for name in re.findall(r"`([\w./]+)`", cell)
    }
    assert drawn == held


def test_every_room_on_the_map_is_there() -> None:
    text = (ROOT / "docs/architecture.md").read_text()
    package = ROOT / "jupyter_node_deploy"
    for row in re.findall(r"^\| \d+ +\| .*", text, re.MULTILINE):
        _, _, folder, _, floors, _ = (cell.strip() for cell in row.split("|"))
        for floor in re.findall(r"`(\w+/)`", floors):
            parents = [folder.strip("`"), "backends/docker/"]
            assert any((package / parent / floor).is_dir() for parent in parents), floor
