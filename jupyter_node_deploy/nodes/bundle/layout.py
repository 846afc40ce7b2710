"""The layout of a bundle: which files it has, written into a directory."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...checkpoints.blobs import BlobStore
from ...distributions import libraries, wheels
from ...errors import DataLoss, FailedPrecondition, InvalidArgument, Message
from ...namespace.manifest import BundleState, Manifest
from ...namespace.records import encode
from ...namespace.touched import Touched
from ...specs import CellSpec, RunSettings, Variable
from ...web.server import BODY_LIMIT
from . import beside, checks, readme
from .example import example_of
from .slice import DOES_NOT_COMPILE, Slice, cut

FORMAT = 1
#: The dry run's answer, where the smoke test is due; and where an instance has passed it.
SMOKE_TEST, SMOKE_TEST_PASSED = "smoke_test.json", "smoke_test_passed.json"
WHEELS = "wheels"


@dataclass(frozen=True)
class Identity:
    """Whose bundle it is."""

    id: str
    name: str
    revision: int


def slice_for(manifest: Manifest, spec: CellSpec) -> Slice:
    """Return what the spec's bundle must carry.

    Raises:
        FailedPrecondition: the cell needs a variable that could not be saved, or does not compile.
        InvalidArgument: a variable to carry or to leave out is not there, or shares objects.
    """
    if manifest.cell.syntax_error:
        raise FailedPrecondition(DOES_NOT_COMPILE)
    given = [one.name for one in spec.inputs if one.required or one.has_default]
    inputs = [one.name for one in spec.inputs]
    part = cut(manifest, inputs, given, spec.carry, spec.leave_out)
    if part.unsaved:
        raise FailedPrecondition(
            part.shortage,
            [
                {"path": "cell.checkpoint", "variable": one.name, "message": one.reason}
                for one in part.unsaved
            ],
        )
    return part


def build(
    target: Path,
    *,
    identity: Identity,
    manifest: Manifest,
    spec: CellSpec,
    blobs: BlobStore,
    body_limit: int = BODY_LIMIT,
) -> Slice:
    """Write the bundle of a cell node into ``target``, a directory that does not exist yet.

    The caller renames it into place: a bundle under its final name is a whole one.

    Args:
        blobs: where the checkpoint's values are.
        body_limit: bytes of a request's body.

    Raises:
        InvalidArgument: a schema or a chosen file is not usable; details name the field.
        FailedPrecondition: see ``slice_for``.
        DataLoss: a blob is missing or does not have the content that its name says.
    """
    part = slice_for(manifest, spec)
    generated = checks.generate(spec.inputs, spec.outputs)
    state = target / "state"
    (state / "blobs").mkdir(mode=0o700, parents=True)
    saved = BundleState(
        groups=part.groups,
        random=_random(manifest, spec),
        options=manifest.options,
        imports=part.imports,
        alters=manifest.cell.alters,
    )
    _state(state, saved, blobs)
    _files(target / "files", manifest, part, spec, blobs)
    _write(target / "cell.py", manifest.cell.source)
    _write(target / "checks.py", generated)
    write_requirements(target, spec.requirements, manifest)
    node = describe(identity, manifest, spec, body_limit)
    _write(target / "README.md", readme.text(node))
    # Last: a directory without it is no bundle.
    _write(target / "node.json", _json(node))
    return part


def write_requirements(target: Path, requirements: Iterable[str], manifest: Manifest) -> None:
    """Write ``requirements.txt``, and wheels of what was installed from this machine's folders.

    Raises:
        FailedPrecondition: one of these is not installed.
    """
    lines = []
    for requirement in requirements:
        if name := wheels.is_of_this_machine(requirement):
            packed = wheels.pack(name, manifest.python.path, target / WHEELS)
            lines.append(f"./{WHEELS}/{packed.name}")
        else:
            lines.append(requirement)
    _write(target / "requirements.txt", "".join(f"{line}\n" for line in lines))


def write_libraries(target: Path, touched: Touched | None) -> None:
    """Write ``libraries.txt``: system libraries that a run has loaded, and their packages."""
    needed = libraries.packages(touched.libraries if touched is not None else ())
    if needed:
        lines = (f"{name}={package}\n" for name, package in sorted(needed.items()))
        _write(target / "libraries.txt", "".join(lines))


def copy(source: Path, target: Path, identity: Identity, *, alike: bool) -> None:
    """Write the same bundle under another identity; files are shared where links are possible.

    Args:
        alike: whether instances are like those of the source, which may have passed the smoke test.
    """
    shutil.copytree(source, target, copy_function=_link)
    if not alike and (passed := target / SMOKE_TEST_PASSED).exists():
        passed.rename(target / SMOKE_TEST)
    _change(target, node=identity.__dict__)


def ask(target: Path, output: dict[str, Any] | None) -> None:
    """Have the first instance make a smoke test.

    Args:
        output: what the dry run answered.
    """
    _write(target / SMOKE_TEST, _json({"output": output}))


def set_isolation(target: Path, isolation: str) -> None:
    """Write the isolation that the dry run chose into a bundle."""
    _change(target, isolation=isolation)


def _change(target: Path, **values: Any) -> None:
    path = target / "node.json"
    node = json.loads(path.read_text(encoding="utf-8"))
    path.unlink()  # it may be a link: writing would change another bundle's, too
    _write(path, _json({**node, **values}))


def describe(
    identity: Identity, manifest: Manifest, spec: CellSpec, body_limit: int
) -> dict[str, Any]:
    """Return ``node.json``."""
    return {
        "format": FORMAT,
        "node": identity.__dict__,
        "python": {
            "version": manifest.python.version,
            "executable": manifest.python.executable,
            "hash_seed": manifest.python.hash_seed,
        },
        "inputs": [_variable(one) for one in spec.inputs],
        "outputs": [_variable(one) for one in spec.outputs],
        **spec.model_dump(mode="json", include=set(RunSettings.model_fields)),
        "body_limit": body_limit,
        "flags": manifest.cell.flags,
        "example": example_of(manifest, spec.inputs),
    }


def _variable(variable: Variable) -> dict[str, Any]:
    return variable.model_dump(mode="json", by_alias=True)


def _random(manifest: Manifest, spec: CellSpec) -> str | None:
    if spec.random_state == "fresh":
        return None
    if manifest.random is None:
        told = Message(
            "The checkpoint was made without the state of the random generators. Run the cell "
            "again and pin the new checkpoint, or choose fresh.",
            "RANDOM_STATE_NOT_SAVED",
        )
        raise FailedPrecondition(told, [{"path": "cell.random_state", "message": told}])
    return manifest.random


def _state(state: Path, saved: BundleState, blobs: BlobStore) -> None:
    for group in saved.groups:
        for sha in (*group.blobs, *([group.digest] if group.digest else ())):
            _blob(blobs, sha, state / "blobs" / sha, f"variables {', '.join(group.names)}")
    if saved.random is not None:
        _blob(blobs, saved.random, state / "blobs" / saved.random, "the random state")
    if saved.options is not None:
        blob = saved.options.blob
        _blob(blobs, blob, state / "blobs" / blob, "the options of packages")
    _write(state / "manifest.json", f"{encode(saved, indent=1)}\n")


def _files(target: Path, manifest: Manifest, part: Slice, spec: CellSpec, blobs: BlobStore) -> None:
    target.mkdir(mode=0o700)
    for file in part.files:
        place = _inside(target, file.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        _blob(blobs, file.blob, place, f"local module {file.module}", link=False)
    for name, source in beside.of_packages(part)[0].items():
        place = _inside(target, name)
        if not place.exists():  # what ran at the checkpoint comes first
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, place)
    base = Path(manifest.cwd) if manifest.cwd else None
    for index, name in enumerate(spec.files):
        field = f"cell.files.{index}"
        source = _chosen(base, name, field)
        for path in _regular_files(source, base, name, field):
            place = target / path.relative_to(Path(base or "/"))
            if place.exists():
                continue  # a local module: what ran at the checkpoint comes first
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, place)


def _chosen(base: Path | None, name: str, field: str) -> Path:
    if base is None:
        raise _bad(field, f"{name!r}: the notebook's folder is not known for this checkpoint")
    relative = Path(name)
    if not name or relative.is_absolute() or ".." in relative.parts or relative == Path():
        raise _bad(field, f"{name!r} is not a path inside the notebook's folder")
    source = base / relative
    if not source.exists():
        raise _bad(field, f"there is no file {name!r} in {base}")
    return source


def _regular_files(source: Path, base: Path | None, name: str, field: str) -> Iterable[Path]:
    """Return the files at or under ``source``; a link must not lead out of the folder."""
    assert base is not None
    root = base.resolve()
    if source.is_dir() and source.resolve().is_relative_to(root):
        paths = sorted(
            Path(place, file)
            for place, _, files in os.walk(source)  # does not follow links to directories
            for file in files
            if "__pycache__" not in place
        )
    else:
        paths = [source]
    for path in paths:
        resolved = path.resolve()
        if not resolved.is_relative_to(root):
            raise _bad(field, f"{name!r} leads out of the notebook's folder ({resolved})")
        if not resolved.is_file():
            raise _bad(field, f"{path.relative_to(base)} is not a regular file")
    return paths


def _inside(root: Path, name: str) -> Path:
    relative = Path(name)
    if relative.is_absolute() or ".." in relative.parts:
        raise DataLoss(f"The checkpoint's manifest is broken: it has a local module at {name!r}.")
    return root / relative


def _blob(store: BlobStore, sha: str, target: Path, what: str, *, link: bool = True) -> None:
    """Put a blob in place after checking its content."""
    if target.exists():
        return
    try:
        store.verify(sha)
    except DataLoss as error:
        raise DataLoss(
            Message(
                "The checkpoint's data of {what} is damaged. {cause} Run the cell again and pin "
                "the new checkpoint.",
                "CHECKPOINT_DAMAGED",
                what=what,
                cause=error.message,
            ),
            [{"blob": sha, "message": error.message}],
        ) from error
    if link:
        store.link(sha, target)
    else:
        shutil.copyfile(store.path(sha), target)  # a copy: people may edit what is in files/


def _link(source: str | Path, target: str | Path) -> None:
    try:
        os.link(source, target)
    except OSError:  # another file system, or one without links
        shutil.copyfile(source, target)


def _bad(path: str, message: str) -> InvalidArgument:
    return InvalidArgument(f"{path}: {message}", [{"path": path, "message": message}])


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def _write(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
