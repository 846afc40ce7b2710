"""Runs in the kernel's interpreter: which distributions are behind some top-level modules.

Standard library only, and nothing of the user's is imported: it reads installed metadata. Reads
``{"modules": [...], "path": [...], "sources": [...]}`` on standard input (``sources`` are files of
local modules whose imports count, too) and writes one JSON object, see ``distributions.py``.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from importlib import metadata
from pathlib import Path

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


def normalized(name: str) -> str:
    """Return a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def imports_of(path: str) -> set[str]:
    """Return the top-level modules that a source file imports."""
    try:
        tree = ast.parse(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return set()
    found: set[str] = set()
    for part in ast.walk(tree):
        if isinstance(part, ast.Import):
            found.update(alias.name.partition(".")[0] for alias in part.names)
        elif isinstance(part, ast.ImportFrom) and part.module and not part.level:
            found.add(part.module.partition(".")[0])
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
    return found


def origin(distribution: metadata.Distribution) -> tuple[str, bool]:
    """Return the URL that it was installed from ('' for an index) and whether that is local."""
    try:
        direct = json.loads(distribution.read_text("direct_url.json") or "{}")
    except ValueError:
        direct = {}
    url = direct.get("url", "")
    if url.startswith("file:"):
        return url, True
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
    local = set()
    for source in asked["sources"]:
        local |= imports_of(source)
    installed: dict[str, metadata.Distribution] = {}
    for distribution in metadata.distributions(path=asked["path"]):
        name = distribution.metadata["Name"]
        if name:  # left-overs of interrupted installs have none
            installed.setdefault(normalized(name), distribution)
    providers: dict[str, list[str]] = {}
    for name, distribution in installed.items():
        for module in top_level(distribution):
            providers.setdefault(module, []).append(name)
    wanted = (set(asked["modules"]) | local) - set(sys.stdlib_module_names)
    queue: list[tuple[str, set[str]]]
    queue = [(name, set()) for module in wanted for name in providers.get(module, ())]
    done: dict[str, set[str]] = {}
    while queue:
        name, extras = queue.pop()
        if name not in installed or (name in done and extras <= done[name]):
            continue
        done[name] = done.get(name, set()) | extras
        queue += dependencies(installed[name], done[name])
    found = []
    for name in sorted(done):
        url, is_local = origin(installed[name])
        found.append(
            {
                "name": installed[name].metadata["Name"],
                "version": installed[name].version,
                "url": url,
                "local": is_local,
            }
        )
    unknown = sorted(module for module in set(asked["modules"]) & wanted if module not in providers)
    json.dump({"distributions": found, "unknown": unknown}, sys.stdout)


main()
