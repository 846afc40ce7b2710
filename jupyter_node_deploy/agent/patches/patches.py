"""What of packages the notebook has changed, as it is saved: values by dotted names."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...namespace import OutOfTime
from ...namespace.difference import Difference
from ...namespace.format.registrations import Registration
from ...namespace.importable import MADE, found_in, module_of, qualname_of
from ...namespace.places import held, resolve
from . import lent
from .effects import told
from .ownership import Notebook
from .registers import entries
from .sites import Sites, short
from .suspicion import Suspicion
from .users import ANYBODY, users

_ATOMS = (type(None), bool, int, float, complex, str, bytes)
_PLAIN = (list, tuple, set, frozenset, dict)
_LIMIT = 2_000


@dataclass(frozen=True)
class Known:
    """What the last walk found out; nothing of the user's is in it.

    Attributes:
        sites: paths of what holds something of the notebook's.
        lent: attributes that other packages have set, as the notebook has asked them to.
        judged: the attributes among which these were found.
        differences: what can't be carried in any way.
        repeated: functions without arguments that are called in the node, too.
        users: by a top-level module that was changed those that use it.
    """

    sites: tuple[str, ...] = ()
    lent: tuple[str, ...] = ()
    judged: frozenset[str] = frozenset()
    differences: tuple[Difference, ...] = ()
    repeated: tuple[str, ...] = ()
    users: Mapping[str, list[str]] = field(default_factory=dict)


NOTHING = Known()


@dataclass
class Patches:
    """What the notebook has changed.

    Attributes:
        values: to be saved, by dotted names.
        known: for the next time.
        modules: for those that the notebook has made, their names.
        effects: what was done that nothing of this has found.
    """

    values: dict[str, Any] = field(default_factory=dict)
    known: Known = NOTHING
    modules: Mapping[str, str] = field(default_factory=dict)
    effects: Sequence[Difference] = ()

    def concerns(self, name: str) -> list[str]:
        """Return the top-level modules whose users need what is saved under a name."""
        if name in self.modules:
            return [self.modules[name]]
        top = name.partition(".")[0]
        return self.known.users.get(top, [top])

    def differences(self, unsaved: Mapping[str, str]) -> list[Difference]:
        """Return what can't be carried, given why values could not be saved."""
        found = [*self.known.differences, *self.effects]
        for name in self.values:
            if name in unsaved:
                concerned = [one for one in self.concerns(name) if one != ANYBODY]
                found.append(
                    Difference(kind="patch", subject=name, detail=unsaved[name], modules=concerned)
                )
        return found


def find(
    suspicion: Suspicion,
    namespace: dict[str, Any],
    is_local: Callable[[str], bool],
    known: Known,
    *,
    walk: bool,
    forked: bool,
    check: Callable[[], None] | None = None,
) -> Patches:
    """Return what the notebook has changed in packages.

    Args:
        suspicion: what its cells' texts say.
        namespace: the user's.
        is_local: tells whether a module is one of the user's own files.
        known: what is known from before.
        walk: look at all packages; else only at what is known.
        forked: the user does not wait for this process.
        check: called every so often in a walk.
    """
    sites = Sites(Notebook(namespace), is_local)
    if walk:
        known = _walked(sites, suspicion, known, check, forked=forked)
    values: dict[str, Any] = {}
    for site in known.sites:
        values.update(sites.values(site))
    for path in known.lent:
        _keep(values, path)
    for path in suspicion.stores:
        if not is_local(_module_of(path)):
            _keep(values, path)
    unknown = []
    for path in suspicion.into:
        if not is_local(_module_of(path)) and not _keep(values, path, plain=True):
            inside = sites.values(path)
            values.update(inside)
            if not inside:
                unknown.append(path)
    values.update(entries(suspicion.said))
    hidden = []
    for function, name in suspicion.hooks:
        if function == "codecs.register":
            search = _named_in(namespace, name)
            if callable(search):
                values[f"codecs.register[{name}]"] = Registration(function, (search,))
            else:
                hidden.append(_difference(function, name, "only functions with a name go along"))
    concerned = {}
    for path in known.repeated:
        call = Registration("functools.partial.__call__", (functools.partial(resolve(path)),))
        values[f"{path}()"] = call
        concerned[f"{path}()"] = ANYBODY
    for name in MADE:
        if name in sys.modules:
            call = Registration("sys.modules.__setitem__", (name, sys.modules[name]))
            values[f"sys.modules[{name!r}]"] = call
            concerned[f"sys.modules[{name!r}]"] = name
    missing = {name.partition(".")[0] for name in values} - known.users.keys()
    if missing - sys.stdlib_module_names and check is not None:
        raise OutOfTime  # to find who uses a package takes longer
    if missing:
        known = replace(known, users={**known.users, **users(missing)})
    effects = [path for path in suspicion.effects if not is_local(_module_of(path))]
    tops = {name.partition(".")[0] for name in values}
    tops.update(*(lent.lenders_of(values.get(path)) for path in known.lent))
    tops.update(*(one.modules for one in known.differences))
    effects_told = [*told(effects, unknown, values, tops), *hidden]
    return Patches(values, known, concerned, effects_told)


def _named_in(namespace: Mapping[str, Any], name: str) -> Any:
    """Return what a name with dots stands for in the notebook, None for other expressions."""
    first, *rest = name.split(".")
    try:
        return functools.reduce(getattr, rest, namespace.get(first))
    except Exception:  # no name, or the user's own code
        return None


def _difference(function: str, argument: str, detail: str) -> Difference:
    return Difference(kind="patch", subject=f"{function}({argument})", detail=detail)


def _walked(
    sites: Sites,
    suspicion: Suspicion,
    known: Known,
    check: Callable[[], None] | None,
    *,
    forked: bool,
) -> Known:
    found = [*lent.candidates(suspicion.callers, suspicion.imported, check)]
    if not forked:  # a fresh interpreter takes too long: only what the notebook has asked for
        found = [one for one in found if one.lender in suspicion.callers]
    paths = {one.path for one in found}
    new = [one for one in found if one.path not in known.judged]
    new = lent.absent(new) if forked else new
    carried = {path for path in known.lent if path in paths}
    named: dict[tuple[str, str], list[str]] = {}
    repeated = dict.fromkeys(known.repeated)
    for one in new:
        top = one.module.partition(".")[0]
        calls = [path for path in suspicion.bare if path.startswith(f"{one.lender}.")]
        if top in sys.stdlib_module_names and calls:  # as ``nest_asyncio.apply()`` does
            repeated.update(dict.fromkeys(calls))
        elif top in sys.stdlib_module_names:
            named.setdefault((top, one.lender), []).append(one.path)
        else:
            carried.add(one.path)
    differences = [one for one in known.differences if one.subject in paths]
    differences += [_named(top, lender, paths) for (top, lender), paths in named.items()]
    for function, name in suspicion.hooks:
        if function == "atexit.register":
            detail = "functions that run when the process ends are not known to the node"
            differences.append(_difference(function, name, detail))
    return Known(
        tuple(sites.walk(None if forked else suspicion.tops, check)),
        tuple(sorted(carried)),
        known.judged | paths,
        tuple({one.subject: one for one in differences}.values()),
        tuple(repeated),
    )


def _named(top: str, lender: str, paths: list[str]) -> Difference:
    more = f", as {len(paths) - 1} more of that module" if len(paths) > 1 else ""
    return Difference(
        kind="patch",
        subject=paths[0],
        detail=f"{lender} has replaced it{more}",
        modules=[top, lender],
    )


def _keep(values: dict[str, Any], path: str, *, plain: bool = False) -> bool:
    """Note an attribute's value; tell whether there is one that can be carried as a whole."""
    before, _, name = path.rpartition(".")
    try:
        holder = resolve(before)
        value = held(holder, name)
    except Exception:  # it is gone, or a part of the way is made when it is asked for
        return False
    if issubclass(type(value), types.ModuleType) or (plain and not is_plain(value)):
        return False
    values[f"{_canonical(before, holder)}.{name}"] = value
    return True


def _canonical(path: str, holder: Any) -> str:
    if issubclass(type(holder), type):
        module, qualname = module_of(holder), qualname_of(holder)
        if found_in(module, qualname, holder):
            return short(f"{module}.{qualname}", holder)
    return path


def is_plain(value: Any, room: int = _LIMIT) -> bool:
    """Tell whether a value is a container of numbers and texts, and not too large."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        kind = type(one)
        if kind in _ATOMS:
            continue
        if kind not in _PLAIN:
            return False
        room -= len(one)
        if room < 0:
            return False
        waiting += [*one, *one.values()] if kind is dict else [*one]
    return type(value) in _PLAIN


def _module_of(path: str) -> str:
    """Return the longest beginning of a path that is a loaded module."""
    while path and path not in sys.modules:
        path = path.rpartition(".")[0]
    return path
