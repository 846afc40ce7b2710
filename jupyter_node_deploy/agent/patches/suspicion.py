"""Which cells may have changed something of a package, by what their text says."""

from __future__ import annotations

import enum
import sys
import types
from collections.abc import Mapping
from typing import Any

from ...namespace.importable import found_in, is_made, module_of, qualname_of
from ...namespace.reducers.attributes import SET_BY_NOTEBOOK
from ..analysis.cell import Analysis
from ..analysis.changes import Change, changes
from ..analysis.identifiers import Identifiers
from .effects import is_effect

#: What is called of these for its effect, or decorates, changes no package.
_HARMLESS = frozenset(
    {"IPython", "abc", "builtins", "contextlib", "dataclasses", "datetime", "display", "enum"}
    | {"functools", "gc", "itertools", "json", "matplotlib", "numba", "numpy", "os", "pathlib"}
    | {"pprint", "random", "shutil", "time", "typing", "unittest", "math", "ipywidgets", "tempfile"}
)
_SHOW = tuple(f"{top}." for top in _HARMLESS)
#: Options, which are looked at elsewhere, and what of the process is not a package's.
_OPTIONS = (
    "decimal.",
    "matplotlib.pyplot.rcParams",
    "matplotlib.rcParams",
    "os.environ",
    "pandas.options",
    "polars.Config",
    "sys.argv",
    "sys.modules",
    "sys.path.",
    "sys.std",
    "torch.backends",
    "torch.cuda",
    "warnings.filters",
)


class Degree(enum.IntEnum):
    """Whether packages must be looked at."""

    NONE = 0
    #: When the checkpoint is verified.
    LATER = 1
    #: For the checkpoint of this cell.
    NOW = 2


class Suspicion:
    """What the cells of a session may have changed, so far.

    Attributes:
        stores: attributes of modules and classes that they have assigned to, as dotted paths.
        into: containers of modules and classes that they have changed.
        callers: top-level modules of which they called what changes something, by its name.
        said: texts in such calls, by the top-level module.
        bare: functions of these that they called without arguments, as dotted paths.
        imported: top-level modules that they imported.
        effects: functions of packages that they called for what these change there.
        hooks: functions given to what keeps them where Python can't see, as (what keeps it, as
            it is written).
        sets_any: they have set attributes of what their texts do not tell.
        walked: whether packages were ever looked at.
    """

    def __init__(self) -> None:
        self.stores: dict[str, None] = {}
        self.into: dict[str, None] = {}
        self.callers: set[str] = set()
        self.said: dict[str, set[str]] = {}
        self.bare: dict[str, None] = {}
        self.imported: set[str] = set()
        self.hooks: dict[tuple[str, str], None] = {}
        self.effects: dict[str, None] = {}
        self.walked = False
        self.sets_any = False
        self._names: dict[str, str] = {}
        self._carriers: set[str] = set()
        self._called: set[str] = set()
        #: By a function of the notebook the effects that calling it has.
        self._inside: dict[str, list[str]] = {}

    @property
    def written(self) -> list[str]:
        """All that was assigned to, or into."""
        return [*self.stores, *self.into]

    @property
    def tops(self) -> frozenset[str] | None:
        """The top-level modules that may have been changed, as far as the texts tell."""
        if self.sets_any:
            return None
        return frozenset({*self.callers, *(path.partition(".")[0] for path in self.written)})

    def cell(
        self, analysis: Analysis, mentioned: Identifiers | None, namespace: Mapping[str, Any]
    ) -> Degree:
        """Note what a cell that has run may have changed.

        Args:
            analysis: of the cell.
            mentioned: names in its text; None: it may have done anything.
            namespace: the user's, as it is now.
        """
        degree = Degree.LATER if mentioned is None else Degree.NONE
        if mentioned is not None:
            if not self._carriers.isdisjoint(mentioned.names):
                degree = Degree.NOW
            for name in self._inside.keys() & mentioned.names:
                self.effects.update(dict.fromkeys(self._inside.pop(name)))
            if not mentioned.modules <= self.imported:
                self.imported |= mentioned.modules
                degree = max(degree, Degree.LATER)
        found = changes(analysis.tree)
        self._names.update(found.imported)
        for part in found.parts:
            SET_BY_NOTEBOOK.update(part.hidden)
            one = self._part(part, namespace)
            degree = max(degree, one)
            if one is Degree.NOW and part.name is not None:
                self._carriers.add(part.name)
        return degree

    def _part(self, part: Change, namespace: Mapping[str, Any]) -> Degree:
        self.sets_any = self.sets_any or part.sets_any
        degree = Degree.NOW if part.sets_any else Degree.NONE
        for written, noted in [(w, self.stores) for w in part.stores] + [
            (w, self.into) for w in part.into
        ]:
            path = self._resolved(written, namespace)
            if "." in path and not f"{path}.".startswith(_OPTIONS):
                noted[path] = None  # this tells the place: there is nothing to look for
        for written, names in part.registers:
            path = self._resolved(written, namespace)
            top = path.partition(".")[0]
            enters = path.rpartition(".")[2].startswith("register")
            if not path or (top in _HARMLESS and not enters):
                continue
            self.callers.add(top)
            self.said.setdefault(top, set()).update(part.texts.get(written, ()))
            if written in part.bare:
                self.bare[path] = None
            degree = Degree.NOW
            if path in HIDDEN:
                self.hooks.update(dict.fromkeys((path, name) for name in names[:1]))
        self._note_effects(part, namespace)
        if degree is Degree.NONE:
            for written in part.calls:
                path = self._resolved(written, namespace)
                if path and path not in self._called and path.partition(".")[0] not in _HARMLESS:
                    self._called.add(path)
                    degree = Degree.LATER
        return degree

    def _note_effects(self, part: Change, namespace: Mapping[str, Any]) -> None:
        called = [(path, True) for path, _ in part.registers]
        called += [(path, False) for path in part.calls]
        for written, registers in called:
            path = self._resolved(written, namespace)
            if path and is_effect(path, registers=registers and not path.startswith(_SHOW)):
                if part.name is None or written in part.decorates:
                    self.effects[path] = None
                else:
                    self._inside.setdefault(part.name, []).append(path)

    def _resolved(self, written: str, namespace: Mapping[str, Any]) -> str:
        """Return the path of what a name in the text stands for; empty if that is no package's."""
        root, _, rest = written.partition(".")
        base = _path_of(namespace[root]) if root in namespace else ""
        if not base:
            base = self._names.get(root, "")
            if root in namespace and not _is_at(base, namespace[root]):
                base = ""
        if not base and root in ("builtins", "__builtins__"):
            base = "builtins"
        if not base or base.partition(".")[0] == "__main__":
            return ""
        return f"{base}.{rest}" if rest else base


#: Where functions are kept out of sight, in C.
HIDDEN = frozenset({"atexit.register", "codecs.register"})


def _path_of(value: Any) -> str:
    """Return the path of a module, or of a class or function that a module has."""
    kind = type(value)
    if issubclass(kind, types.ModuleType):
        name = getattr(value, "__name__", None)
        return name if type(name) is str and not is_made(value) else ""
    if issubclass(kind, type):
        module, qualname = module_of(value), qualname_of(value)
    elif kind in (types.FunctionType, types.BuiltinFunctionType):
        module, qualname = value.__module__, value.__qualname__
    else:
        return ""
    return f"{module}.{qualname}" if found_in(module, qualname, value) else ""


def _is_at(path: str, value: Any) -> bool:
    """Tell whether a module has a value under that path."""
    module, _, name = path.rpartition(".")
    loaded = sys.modules.get(module)
    return isinstance(loaded, types.ModuleType) and vars(loaded).get(name) is value
