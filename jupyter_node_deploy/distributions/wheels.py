"""Wheels of what is installed from folders and files of this machine, which no index has.

Packed from the installed files, data files among them, and not from the folder: that may be gone,
or have changed. Reads files only; nothing of the package runs.
"""

from __future__ import annotations

import base64
import hashlib
import re
import zipfile
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path, PurePosixPath

from ..errors import FailedPrecondition, Message

#: A requirement that was installed from this machine.
_OF_THIS_MACHINE = re.compile(r"\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*@\s*file:")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same files make the same wheel


def is_of_this_machine(requirement: str) -> str:
    """Return the name in a requirement ``name @ file:…``; empty for others."""
    match = _OF_THIS_MACHINE.match(requirement)
    return match[1] if match else ""


def pack(name: str, path: Iterable[str], target: Path) -> Path:
    """Write the wheel of an installed distribution into a directory; return its file.

    Args:
        name: the distribution's.
        path: ``sys.path`` of the interpreter that has it.

    Raises:
        FailedPrecondition: it is not installed (any more), or in place; the message says so.
    """
    wanted = normalized(name)
    distribution = next(
        (
            one
            for one in metadata.distributions(path=[*path])
            if normalized(one.metadata["Name"] or "") == wanted
        ),
        None,
    )
    files = _files(distribution) if distribution is not None else {}
    own = [one for one in files if ".dist-info/" not in one and not one.startswith("__editable__")]
    if distribution is None or not own:
        raise FailedPrecondition(
            Message(
                "'{package}' was installed from a folder of this machine, and its files are not in "
                "the kernel's environment: install it from the folder again without --editable, or "
                "take it out of the requirements.",
                "PACKAGE_NOT_PACKED",
                package=name,
            )
        )
    info = next(one.partition("/")[0] for one in files if ".dist-info/" in one)
    tags = re.findall(r"^Tag:\s*(\S+)", distribution.read_text("WHEEL") or "", re.MULTILINE)
    stem = info.removesuffix(".dist-info")
    target.mkdir(mode=0o700, exist_ok=True)
    wheel = target / f"{stem}-{_tag(tags)}.whl"
    record = f"{info}/RECORD"
    lines = []
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, place in sorted(files.items()):
            content = place.read_bytes()
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=")
            lines.append(f"{inside},sha256={digest.decode()},{len(content)}\n")
            archive.writestr(_entry(inside), content)
        archive.writestr(_entry(record), "".join([*lines, f"{record},,\n"]))
    return wheel


def normalized(name: str) -> str:
    """Return a distribution's name as package indexes compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _files(distribution: metadata.Distribution) -> dict[str, Path]:
    """Return the files that it has beside its metadata, by their path in a wheel."""
    found = {}
    for file in distribution.files or ():
        inside = PurePosixPath(*file.parts)
        place = Path(str(distribution.locate_file(file)))
        if inside.is_absolute() or ".." in inside.parts or inside.suffix in (".pyc", ".pth"):
            continue  # programs, manual pages; what runs at each start
        if inside.parent.name.endswith(".dist-info") and inside.name in (
            *("RECORD", "INSTALLER", "REQUESTED", "direct_url.json"),
        ):
            continue
        if place.is_file():
            found[str(inside)] = place
    return found


def _tag(tags: list[str]) -> str:
    """Return the one tag that stands for all: ``py2.py3-none-any`` for two."""
    parts = [tag.split("-") for tag in tags if tag.count("-") == 2] or [["py3", "none", "any"]]
    return "-".join(".".join(sorted({one[place] for one in parts})) for place in range(3))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.external_attr = 0o644 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry
