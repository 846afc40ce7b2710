"""What a dry run touched outside of its environment: what may be missing, or change, elsewhere.

Noted in the workers of a dry run (``runtime/worker/touching.py``), told by the front that runs
them, shown by the server.
"""

from __future__ import annotations

from dataclasses import dataclass, field


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
