"""What is written of a saved namespace beside its blobs: a checkpoint's manifest, a bundle's state.

The agent writes manifests in kernels and in processes forked from them. The server reads them, and
writes the state of bundles, which the workers of nodes read.
"""

from __future__ import annotations

import enum
import hashlib
import sys
from dataclasses import dataclass, field
from typing import Any, Literal

from .difference import Difference
from .records import decode, require_format

#: Of both; how it is raised: docs/decisions/0032-formats-are-guarded.md.
FORMAT = 1


class Operation(str, enum.Enum):  # noqa: UP042 - StrEnum is not in Python 3.10
    """What made the checkpoint."""

    CELL_RUN = "Cell run"
    FORCED = "Forced"
    ROLLBACK = "Rollback"


@dataclass(kw_only=True)
class VariableInfo:
    """One name of the kernel's user namespace at the time of the checkpoint.

    Attributes:
        name: the name in the namespace.
        kind: ``data``, ``function``, ``class`` or ``module``.
        type: the type's name, qualified when it is not a builtin (``numpy.ndarray``).
        size: bytes that its saved form takes (of its whole group); 0 when not saved.
        preview: a short text of the value, at most 200 characters.
        shape: ``(100, 3)`` for arrays and frames, ``len`` for sized ones, else null.
        declared: the variable type a node would declare for it, null when it can't be returned.
        schema: JSON Schema of an answer's form, inferred from the value; null when there is none.
        example: the value as a request would bring it, null when none can or it is over 64 KiB.
        input_schema: JSON Schema of a request's form, where that is another than an answer's.
        no_input: why no request could bring such a value; null when one can.
        no_output: why it can't be returned; null when it can.
        reason: why it could not be saved and what to do; null when it was saved.
    """

    name: str
    kind: Literal["data", "function", "class", "module"] = "data"
    type: str
    size: int = 0
    preview: str = ""
    shape: str | None = None
    declared: str | None = None
    schema: dict[str, Any] | None = None
    example: Any = None
    input_schema: dict[str, Any] | None = None
    no_input: str | None = None
    no_output: str | None = None
    reason: str | None = None


@dataclass(kw_only=True)
class Group:
    """Variables that share objects, saved together as one pickle.

    Attributes:
        names: the variables; the pickle holds ``{name: value}``. One of a module is called
            ``module.variable``, an attribute of its class ``module.Class.attribute``, an entry of
            a register ``module.register[key]``.
        pickle: SHA-256 of the pickle stream's blob (protocol 5).
        buffers: SHA-256 of each out-of-band buffer's blob, in stream order.
        size: bytes of all its blobs.
        uses: global names that its functions, classes and name references may read.
        modules: top-level modules that loading it imports, and local ones that its functions do.
        concerns: top-level modules whose users need it, ``*`` for everybody: it has what the
            notebook changed in them, ``package.Class.attribute``.
        digest: blob that tells what the variables were made of; empty where their types leave no
            doubt, null while it was not made.
        environment: names in its functions that may be of environment variables that they read.
    """

    names: list[str]
    pickle: str
    buffers: list[str] = field(default_factory=list)
    size: int
    uses: list[str] = field(default_factory=list)
    modules: list[str] = field(default_factory=list)
    concerns: list[str] = field(default_factory=list)
    digest: str | None = None
    environment: list[str] = field(default_factory=list)

    @property
    def blobs(self) -> tuple[str, ...]:
        """All that the group is stored in, the pickle first."""
        return (self.pickle, *self.buffers)

    def content(self) -> str:
        """Return the SHA-256 by which what the group holds is known."""
        return hashlib.sha256("\n".join(self.blobs).encode()).hexdigest()


@dataclass
class CellInfo:
    """What the cell's own text says, analysed by the kernel's own Python.

    Attributes:
        source: the code as Python (magics transformed); what a node runs.
        reads: global names it may read, also inside functions it defines.
        free: the names among them that it reads before it assigns them itself, in order of
            appearance.
        assigns: global names that it binds to values (not imports, functions or classes).
        results: those of them that its own statements set; null when not known.
        others: those that only its loops set, or functions that it calls.
        alters: names that it reads and then binds anew, or changes in place, so that the
            checkpoint's value is another than the one that it began with.
        last: the name that its last line shows, if that is a bare name.
        modules: top-level modules that it imports.
        opaque: it uses ``exec``, ``globals()`` and the like, so anything may be reached.
        flags: compiler flags of the ``__future__`` imports in force.
        syntax_error: the cell did not compile; it can't back a node.
        environment: names in its text that may be of environment variables that it reads.
        perhaps: names in ``free`` that it may have bound itself by then: in a loop, or in a branch.
    """

    source: str
    reads: list[str] = field(default_factory=list)
    free: list[str] = field(default_factory=list)
    assigns: list[str] = field(default_factory=list)
    results: list[str] | None = None
    others: list[str] = field(default_factory=list)
    alters: list[str] = field(default_factory=list)
    last: str | None = None
    modules: list[str] = field(default_factory=list)
    opaque: bool = False
    flags: int = 0
    syntax_error: bool = False
    environment: list[str] = field(default_factory=list)
    perhaps: list[str] = field(default_factory=list)


@dataclass
class PythonInfo:
    """The kernel's interpreter.

    Attributes:
        path: its ``sys.path``.
        hash_seed: by which it hashes text, as PYTHONHASHSEED gives it; None where nobody knows.
    """

    executable: str
    version: str
    implementation: str = "cpython"
    path: list[str] = field(default_factory=list)
    hash_seed: int | None = None

    @classmethod
    def current(cls, hash_seed: int | None = None) -> PythonInfo:
        """Return the interpreter that runs this."""
        return cls(
            sys.executable,
            ".".join(str(part) for part in sys.version_info[:3]),
            sys.implementation.name,
            [entry for entry in sys.path if isinstance(entry, str)],
            hash_seed,
        )


@dataclass(kw_only=True)
class LocalFile:
    """The source of a local module as it was when the checkpoint was made.

    Attributes:
        module: its import name.
        path: relative path that makes it importable again (``pkg/__init__.py``).
        blob: SHA-256 of the source's blob.
        edited: the file was changed after the module was loaded and before it was read.
        changed: variables of the module that are not as loading it makes them, and could not be
            saved.
        changed_by: other local modules whose code has changed it while they were loaded.
        environment: names in it that may be of environment variables that it reads.
        origin: the file that it was loaded from; empty when not known.
    """

    module: str
    path: str
    blob: str
    edited: bool = False
    changed: list[str] = field(default_factory=list)
    changed_by: list[str] = field(default_factory=list)
    environment: list[str] = field(default_factory=list)
    origin: str = ""


@dataclass(kw_only=True)
class Options:
    """Options of the process and of packages that are not as they are where nobody sets them.

    Attributes:
        blob: SHA-256 of a pickle of ``{module: pickle of {option: value}}``.
        values: each value as text, by module and option.
        uses: global names that functions among the values may use.
    """

    blob: str
    values: dict[str, Any]
    uses: list[str] = field(default_factory=list)


@dataclass(kw_only=True)
class EnvironmentInfo:
    """An environment variable that the notebook has set, or that its code may read.

    Attributes:
        value: null where the name or the value looks like a secret's.
        assigned: the notebook has set it, by its name.
    """

    name: str
    value: str | None = None
    assigned: bool = False


@dataclass(kw_only=True)
class Manifest:
    """What the agent writes for one checkpoint (``spool/KERNEL_ID/CHECKPOINT_ID.json``).

    Attributes:
        code: the cell as the user typed it.
        created_at: Unix seconds (UTC).
        duration: seconds that the cell ran.
        capture_seconds: from the end of the cell until the checkpoint was written.
        cwd: the kernel's directory; empty when it was removed.
        groups: in load order.
        random: blob: state of the shared random generators.
        excluded: variables that the user keeps out of checkpoints.
        literals: variables whose values the texts of cells show, so that a caller may send others;
            what the cell reads, as it was before the cell ran. Null when not known.
        amends: it takes the place of an earlier one with the same id.
        differences: what of the session no node made from it would have as it was.
        options: None where all are at their defaults.
        environment: the variables that the code may read.
    """

    format: int = FORMAT
    id: str
    kernel_id: str
    msg_id: str | None = None
    cell_id: str | None = None
    execution_count: int | None = None
    operation: Operation
    status: Literal["ok", "error"] = "ok"
    code: str
    created_at: float
    duration: float = 0.0
    capture_seconds: float = 0.0
    cwd: str = ""
    python: PythonInfo
    cell: CellInfo
    variables: list[VariableInfo] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    random: str | None = None
    files: list[LocalFile] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    literals: list[str] | None = None
    amends: bool = False
    differences: list[Difference] = field(default_factory=list)
    options: Options | None = None
    environment: list[EnvironmentInfo] = field(default_factory=list)

    @classmethod
    def read(cls, data: Any) -> Manifest:
        """Return the manifest in decoded JSON.

        Raises:
            NewerFormat: a newer version has written it.
            Malformed: it is none.
        """
        _require_format("The checkpoint's manifest", data)
        return decode(cls, data)

    def blobs(self) -> set[str]:
        """Return the SHA-256 of every blob the checkpoint refers to."""
        named = {file.blob for file in self.files}
        named.update(group.digest for group in self.groups if group.digest)
        if self.random is not None:
            named.add(self.random)
        if self.options is not None:
            named.add(self.options.blob)
        return named.union(*(group.blobs for group in self.groups))


@dataclass(kw_only=True)
class BundleState:
    """The saved namespace in a bundle (``state/manifest.json``, beside ``state/blobs/``).

    Attributes:
        groups: in load order.
        random: blob: state of the shared random generators, where the node begins with that.
        options: None where all are at their defaults.
        imports: modules that are imported before the groups are loaded.
        alters: the names that the cell binds anew or changes in place; see ``CellInfo``.
    """

    format: int = FORMAT
    groups: list[Group]
    random: str | None = None
    options: Options | None = None
    imports: list[str] = field(default_factory=list)
    alters: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, data: Any) -> BundleState:
        """Return the state in decoded JSON.

        Raises:
            NewerFormat: a newer version has written it.
            Malformed: it is none.
        """
        _require_format("The bundle's state", data)
        return decode(cls, data)


def _require_format(what: str, data: Any) -> None:
    require_format(what, data.get("format") if isinstance(data, dict) else None, FORMAT)
