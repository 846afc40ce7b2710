"""Files beside the notebook that a cell names: in its text, in local modules, in what it carries.

What the cell opened in the kernel nobody has noted, so the texts are asked. Files that only native
code opens are found this way, too, which a dry run does not see.
"""

from __future__ import annotations

import ast
import contextlib
import os
import pickletools
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from ...checkpoints.blobs import BlobStore
from ...namespace.difference import Difference
from ...namespace.manifest import Manifest
from ..touched import is_secret
from .slice import Slice

#: Bytes of a file or a directory that goes along unasked.
LARGE = 100 * 1024 * 1024
#: Bytes of pickles that are looked through for texts, and how long a path may be.
_PICKLES, _LENGTH = 256 * 1024, 1024
_PATHS = frozenset({"Path", "PosixPath", "PurePath", "join", "joinpath"})
_ALIKE = frozenset({"str", "fspath", "abspath", "realpath", "normpath", "resolve", "absolute"})
_WRITES = re.compile(r"to_\w+|save\w*|dump|write\w*|imsave|imwrite|mkdir|makedirs|unlink|remove")
_LISTS = re.compile(
    r"listdir|scandir|walk|i?glob|rglob|iterdir|load\w*|read_\w+|from_pretrained|\w*[Ff]older|"
    r"\w*dataset\w*|copytree"
)
_PATH_VALUE = re.compile(r"(?:Posix|PurePosix)Path\('([^']+)'\)")


def named(manifest: Manifest, part: Slice, blobs: BlobStore) -> list[str]:
    """Return the paths of existing files and directories that the code names, relative, sorted.

    Args:
        manifest: the checkpoint.
        part: what of it goes along.
        blobs: where its values and local modules are.
    """
    if not manifest.cwd:
        return []
    base = Path(manifest.cwd).resolve()
    known = _known(manifest)
    texts: dict[str, bool] = {}
    for source in (manifest.cell.source, *_sources(part, blobs)):
        for text, lists in _Texts.within(source, known):
            texts[text] = texts.get(text, False) or lists
    read = {*part.carried, *manifest.cell.reads}
    values = [text for name, text in known.items() if name in read]
    for text in (*values, *_carried(part, blobs)):
        texts.setdefault(text, False)
    own = {file.path for file in part.files}
    found = {path for text, lists in texts.items() for path in _there(base, text, lists)}
    found = {path for path in found if path not in own and not path.endswith(".ipynb")}
    return sorted(one for one in found if found.isdisjoint(_parents(one)))


def changed(manifest: Manifest, names: Iterable[str]) -> list[Difference]:
    """Return those of some files beside the notebook that were changed since the checkpoint."""
    base = Path(manifest.cwd)
    found = []
    for name in names:
        place = base / name
        try:
            later = place.is_file() and place.stat().st_mtime > manifest.created_at
        except OSError:
            continue
        if later:
            text = "it was changed after the checkpoint was made"
            found.append(Difference(kind="file", subject=name, detail=text))
    return found


def of_packages(part: Slice, limit: int = LARGE) -> tuple[dict[str, Path], list[str]]:
    """Return the files of local packages that are no loaded modules, by their path in the node.

    And the folders of packages that have more of them than go along unasked.
    """
    tops = [
        file
        for file in part.files
        if file.origin and file.path.endswith("/__init__.py") and file.path.count("/") == 1
    ]
    found: dict[str, Path] = {}
    large = []
    for file in tops:
        folder = Path(file.origin).parent
        of_it = {}
        for where, folders, names in os.walk(folder):
            folders[:] = [one for one in folders if one != "__pycache__" and one[0] != "."]
            for name in names:
                place = Path(where, name)
                if name[0] != "." and place.is_file() and not is_secret(str(place)):
                    of_it[f"{file.module}/{place.relative_to(folder).as_posix()}"] = place
        if sum(place.stat().st_size for place in of_it.values()) > limit:
            large.append(str(folder))
        else:
            found |= of_it
    return found, large


def size(base: Path, name: str) -> int:
    """Return the bytes of a file, or of the files in a directory."""
    place = base / name
    if place.is_file():
        return place.stat().st_size
    return sum(
        os.lstat(Path(where, file)).st_size for where, _, files in os.walk(place) for file in files
    )


def _known(manifest: Manifest) -> dict[str, str]:
    """Return variables of the session that are texts or paths."""
    found = {}
    for one in manifest.variables:
        if isinstance(one.example, str) and len(one.example) <= _LENGTH:
            found[one.name] = one.example
        elif match := _PATH_VALUE.fullmatch(one.preview):
            found[one.name] = match[1]
    return found


def _sources(part: Slice, blobs: BlobStore) -> Iterator[str]:
    for file in part.files:
        try:
            yield blobs.path(file.blob).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            continue


def _carried(part: Slice, blobs: BlobStore) -> Iterator[str]:
    """Yield the texts in what is carried: constants of functions, values of variables."""
    left = _PICKLES
    for group in sorted(part.groups, key=lambda one: one.size):
        try:
            content = blobs.path(group.pickle).read_bytes()
        except OSError:
            continue
        left -= len(content)
        if left < 0:
            return
        try:
            for operation, value, _ in pickletools.genops(content):
                if isinstance(value, str) and "UNICODE" in operation.name:
                    yield value
        except ValueError:
            continue


def _parents(path: str) -> list[str]:
    return [str(one) for one in PurePosixPath(path).parents]


def _there(base: Path, text: str, lists: bool) -> Iterator[str]:
    """Yield the paths that a text means, relative to the notebook's folder."""
    if not text or len(text) > _LENGTH or "\0" in text or "\n" in text:
        return
    if "*" in text:
        if not text.startswith("/") and ".." not in text:
            try:
                matched = sorted(base.glob(text))
            except (OSError, ValueError, NotImplementedError):
                return
            for path in matched:
                if path.is_file() and path.resolve().is_relative_to(base):
                    yield path.relative_to(base).as_posix()
        return
    relative = PurePosixPath(text)
    if relative.is_absolute() or ".." in relative.parts or not relative.parts:
        return
    try:
        place = base / relative
        looks_like_one = "." in relative.name or len(relative.parts) > 1
        there = (place.is_file() and looks_like_one) or (place.is_dir() and lists)
        if there and place.resolve().is_relative_to(base):
            yield relative.as_posix()
    except (OSError, RuntimeError):
        return


class _Texts:
    """The texts in a source, folded as far as it is plain what they are.

    Args:
        known: variables that are texts.
    """

    def __init__(self, known: Mapping[str, str]) -> None:
        self._known = dict(known)
        self.found: list[tuple[str, bool]] = []

    @classmethod
    def within(cls, source: str, known: Mapping[str, str]) -> list[tuple[str, bool]]:
        """Return them, each with whether it may name a directory."""
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError):
            return []
        texts = cls(known)
        with contextlib.suppress(RecursionError):
            texts._look(tree, lists=False)
        return texts.found

    def _look(self, node: ast.AST, *, lists: bool) -> None:
        if isinstance(node, ast.expr) and (text := self._fold(node)) is not None:
            self.found.append((text, lists))
            return
        if isinstance(node, ast.Assign) and (text := self._fold(node.value)) is not None:
            for target in node.targets:
                if isinstance(target, ast.Name):
                    self._known[target.id] = text
        inner = lists
        if isinstance(node, ast.Call):
            name = _name(node.func)
            if _WRITES.fullmatch(name) or (name == "open" and self._writes(node)):
                # What it is called on may read: pd.read_csv("a.csv").to_csv("b.csv")
                if isinstance(node.func, ast.Attribute) and self._fold(node.func.value) is None:
                    self._look(node.func.value, lists=False)
                return
            inner = _LISTS.fullmatch(name) is not None
        for child in ast.iter_child_nodes(node):
            self._look(child, lists=inner)

    def _fold(self, node: ast.expr) -> str | None:
        if isinstance(node, ast.Constant):
            return node.value if isinstance(node.value, str) else None
        if isinstance(node, ast.Name):
            return self._known.get(node.id)
        if isinstance(node, ast.JoinedStr):
            parts = [
                self._fold(one.value if isinstance(one, ast.FormattedValue) else one)
                for one in node.values
            ]
            return None if None in parts else "".join(one or "" for one in parts)
        if isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Div, ast.Add)):
            left, right = self._fold(node.left), self._fold(node.right)
            if left is None or right is None:
                return None
            return _joined(left, right) if isinstance(node.op, ast.Div) else left + right
        if isinstance(node, ast.Call) and not node.keywords:
            return self._call(node)
        return None

    def _call(self, node: ast.Call) -> str | None:
        name = _name(node.func)
        arguments = list(node.args)
        method = isinstance(node.func, ast.Attribute) and self._fold(node.func.value) is not None
        if (
            method
            and isinstance(node.func, ast.Attribute)
            and name in (*("joinpath", "resolve", "absolute", "glob", "rglob"),)
        ):
            arguments.insert(0, node.func.value)
        elif name not in _PATHS and name not in _ALIKE:
            return None
        parts = [self._fold(one) for one in arguments]
        if not parts or None in parts:
            return None
        if name == "rglob":
            parts.insert(1, "**")
        return _joined(*(one or "" for one in parts))

    def _writes(self, node: ast.Call) -> bool:
        given = [one.value for one in node.keywords if one.arg == "mode"]
        given += [node.args[1]] if len(node.args) > 1 else []
        # Path.open has the mode first.
        given += node.args[:1] if isinstance(node.func, ast.Attribute) else []
        modes = [self._fold(one) for one in given]
        return any(mode is not None and re.fullmatch(r"[wax][bt+]*", mode) for mode in modes)


def _joined(*parts: str) -> str:
    return str(PurePosixPath(*parts))


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""
