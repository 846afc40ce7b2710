"""What a dry run touched outside of its environment: what may be missing, or change, elsewhere.

Noted in the workers of a dry run (``runtime/worker/touching.py``), told by the front that runs
them, shown by the server.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, fields
from pathlib import Path

#: Of one kind; a run that opens more files has said enough.
_MOST = 200


@dataclass(kw_only=True)
class Touched:
    """What the runs of a cell used of the machine.

    Opens by native code that raises no audit event are seen only while the file is open or mapped
    when the cell ends.

    Attributes:
        files: absolute paths of files that were read, and of directories that were listed.
        written: absolute paths of files that were written, but for the run's own temporary ones.
        missing: paths as the code gave them of files that were to be read and are not there.
        programs: programs that were started, as paths where these are known.
        addresses: ``HOST:PORT`` or ``unix:PATH`` that connections were opened to.
        variables: names of environment variables that were read and are set.
        modules: of packages that are loaded: names that are enough to tell the distribution.
        libraries: absolute paths of shared objects that are loaded and not of the interpreter's
            environment.
    """

    files: list[str] = field(default_factory=list)
    written: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    programs: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)
    variables: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    libraries: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, path: Path) -> Touched:
        """Return what was noted in a file, one JSON array of kind and text a line."""
        found: dict[str, dict[str, None]] = {one.name: {} for one in fields(cls)}
        try:
            lines = path.read_bytes().split(b"\n")
        except OSError:
            lines = []
        for line in lines:
            try:
                kind, what = json.loads(line)
            except ValueError:  # the process ended while it wrote
                continue
            found[kind][what] = None
        for name in found["written"]:  # read back, or made by another process of the run
            found["files"].pop(name, None)
        made = {kind: sorted(whats) for kind, whats in found.items()}
        modules, libraries = made.pop("modules"), made.pop("libraries")
        limited = {kind: whats[:_MOST] for kind, whats in made.items()}
        return cls(**limited, modules=modules, libraries=libraries)
