"""Runs in the kernel's interpreter: which distributions are behind some modules.

Standard library only, and nothing of the user's is imported: it reads installed metadata. Reads
``{"modules": [...], "path": [...], "sources": [...], "text": "..."}`` on standard input
(``sources`` are files of local modules whose imports count, too; ``text`` is the cell, whose
imports tell which part of a namespace is meant) and writes one JSON object, see
``distributions.py``.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from importlib import metadata
from pathlib import Path

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_BUILT_BY_CONDA = ("file:///home/conda/feedstock_root/", "file:///croot/", "file:///opt/conda/")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


def normalized(name: str) -> str:
    """Return a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imports_of(path: str) -> set[str]:
    """Return the modules that a source file imports; what it takes from them may be one, too."""
    try:
        return imports_in(Path(path).read_bytes())
    except OSError:
        return set()


def imports_in(source: str | bytes) -> set[str]:
    """Return the same of a source."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    found: set[str] = set()
    for part in ast.walk(tree):
        if isinstance(part, ast.Import):
            found.update(alias.name for alias in part.names)
        elif isinstance(part, ast.ImportFrom) and part.module and not part.level:
            found.add(part.module)
            found.update(f"{part.module}.{alias.name}" for alias in part.names)
    return found


def brings(distribution: metadata.Distribution, module: str) -> bool:
    """Tell whether a distribution has the file of a module, or of a package."""
    path = module.replace(".", "/")
    for file in distribution.files or ():
        name = str(file)
        if name.startswith(path):
            rest = name[len(path) :]
            if rest == "/__init__.py" or (
                rest.startswith(".") and rest.endswith((".py", ".so", ".pyd"))
            ):
                return True
    return False


def behind(
    module: str, providers: list[str], installed: dict[str, metadata.Distribution]
) -> list[str]:
    """Return the distributions behind a module: of a namespace those that bring that part of it."""
    if len(providers) < 2:
        return providers
    found: list[str] = []
    while module and not found:
        found = [name for name in providers if brings(installed[name], module)]
        module = module.rpartition(".")[0]
    return found


def top_level(distribution: metadata.Distribution) -> set[str]:
    """Return the top-level modules that a distribution brings."""
    listed = distribution.read_text("top_level.txt")
    if listed:
        return set(listed.split())
    found = set()
    for file in distribution.files or ():
        first = file.parts[0]
        if len(file.parts) > 1:
            if not first.endswith((".dist-info", ".egg-info", ".data")) and first != "..":
                found.add(first)
        elif first.endswith((".py", ".so", ".pyd")):
            found.add(first.partition(".")[0])
        elif first.endswith(".pth") and origin(distribution)[1]:
            found |= in_place(Path(str(distribution.locate_file(file))))
    return found


def in_place(pth: Path) -> set[str]:
    """Return the modules in the folders that a ``.pth`` file of an installation in place names."""
    found: set[str] = set()
    try:
        folders = [Path(line) for line in pth.read_text().splitlines() if line.startswith("/")]
        for folder in folders:
            found.update(one.stem for one in folder.glob("*.py"))
            found.update(one.parent.name for one in folder.glob("*/__init__.py"))
    except (OSError, ValueError):
        pass
    return found


def origin(distribution: metadata.Distribution) -> tuple[str, bool]:
    """Return the URL that it was installed from ('' for an index), and whether in place.

    What conda has installed names the folder that it was built in on another machine.
    """
    try:
        direct = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError:
        direct = {}
    url = direct.get("url", "")
    if url.startswith("file:"):
        installer = (distribution.read_text("INSTALLER") or "").strip()
        if installer == "conda" or url.startswith(_BUILT_BY_CONDA):
            return "", False
        return url, bool((direct.get("dir_info") or {}).get("editable"))
    if url and "vcs_info" in direct:
        url = "{vcs}+{url}@{commit_id}".format(url=url, **direct["vcs_info"])
    return url, False


def dependencies(
    distribution: metadata.Distribution, extras: set[str]
) -> list[tuple[str, set[str]]]:
    """Return ``(name, extras)`` of what it requires; whether a marker holds is not decided here.

    The environment was resolved when it was installed: what a marker rules out is not there.
    """
    found = []
    for line in distribution.requires or ():
        requirement, _, marker = line.partition(";")
        wanted = _EXTRA.findall(marker)
        match = _NAME.match(requirement)
        if match is None or (wanted and not extras.intersection(wanted)):
            continue
        inner = {extra.strip() for extra in (match[2] or "").split(",") if extra.strip()}
        found.append((normalized(match[1]), inner))
    return found


def main() -> None:
    """Answer one question on standard input."""
    asked = json.load(sys.stdin)
    modules = {module.partition(".")[0] for module in asked["modules"]}
    local = {*asked["modules"]}
    for source in asked["sources"]:
        local |= imports_of(source)
    local |= {one for one in imports_in(asked["text"]) if one.partition(".")[0] in modules}
    installed: dict[str, metadata.Distribution] = {}
    for distribution in metadata.distributions(path=asked["path"]):
        name = distribution.metadata["Name"]
        if name:  # left-overs of interrupted installs have none
            installed.setdefault(normalized(name), distribution)
    providers: dict[str, list[str]] = {}
    for name, distribution in installed.items():
        for module in top_level(distribution):
            providers.setdefault(module, []).append(name)
    wanted = {one for one in local if one.partition(".")[0] not in sys.stdlib_module_names}
    queue: list[tuple[str, set[str]]] = [
        (name, set())
        for module in wanted
        for name in behind(module, providers.get(module.partition(".")[0], []), installed)
    ]
    done: dict[str, set[str]] = {}
    while queue:
        name, extras = queue.pop()
        if name not in installed or (name in done and extras <= done[name]):
            continue
        done[name] = done.get(name, set()) | extras
        queue += dependencies(installed[name], done[name])
    found = []
    for name in sorted(done):
        url, in_place = origin(installed[name])
        found.append(
            {
                "name": installed[name].metadata["Name"],
                "version": installed[name].version,
                "url": url,
                "local": in_place,
            }
        )
    known = {*providers, *sys.stdlib_module_names}
    unknown = sorted(module for module in modules if module not in known)
    json.dump({"distributions": found, "unknown": unknown}, sys.stdout)


main()
