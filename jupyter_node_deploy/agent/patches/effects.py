"""Calls that change something in a package where nothing of the notebook's leads to it.

``mimetypes.add_type("application/x-model", ".model")`` leaves two texts in a dict, a colormap goes
into an object of matplotlib's: to a walk over packages they look like the package's own. The names
of such functions are all there is to see, so these are told, unless what they did was found.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Set

from ...namespace.difference import Difference
from ...namespace.options.table import TABLE

#: What functions of Python's own modules are called that change the module or the process.
_STANDARD = re.compile(
    r"(un)?(set|add|register|install|enable|disable|override|alarm$|start$|nice$|signal$|sched_set)"
)
#: The same of other packages; what only shows or prints something changes no answer.
_OTHERS = re.compile(
    r"(un)?(set|add|register|install|enable|disable|define|configure|activate|override|listens?)(?![a-z])"
)
_SHOWN = re.compile(
    r"seed|verbos|log|js$|notebook|display|styl|theme|palette|progress|warning|option|format"
)
#: Functions, or all of a module, whose effects are carried, told elsewhere, or change no answer.
_SEEN = re.compile(
    r"(abc|asyncio|calendar|csv|decimal|faulthandler|functools|gc|locale|operator|random|resource"
    r"|subprocess|sys\.monitoring|types|typing|unittest|warnings|logging\.config)\.|atexit\."
    r"|codecs\.register$|copyreg\.(constructor|pickle)$|logging\.(disable|set(LogRecordFactory|LoggerClass))$"
    r"|multiprocessing\.set_start_method$|os\.set_(blocking|inheritable)$"
    r"|socket\.setdefaulttimeout$|tempfile\.|threading\.(settrace|setprofile)_all"
    r"|sys\.set(recursionlimit|switchinterval)$|sys\.set_int_max_str_digits$"
    r"|pint\.set_application_registry$"
)
#: Under which names what such a function was given goes along, if it does.
_PLACES = {
    "codecs.register_error": "codecs.register_error",
    "matplotlib.cm.register_cmap": "matplotlib.colormaps.",
    "matplotlib.colormaps.register": "matplotlib.colormaps.",
    "matplotlib.colormaps.unregister": "matplotlib.colormaps.",
    "matplotlib.pyplot.register_cmap": "matplotlib.colormaps.",
    "mimetypes.add_type": "mimetypes.types_map",
    "shutil.register_archive_format": "shutil._ARCHIVE_FORMATS",
    "shutil.register_unpack_format": "shutil._UNPACK_FORMATS",
    "sqlite3.register_adapter": "sqlite3.dbapi2.adapters",
    "sqlite3.register_converter": "sqlite3.dbapi2.converters",
}
_CALLED = "it was called, and what it entered or set there does not go along"
_INTO = "what the notebook has changed in it can't be told from the package's own, nor carried"


def is_effect(path: str, *, registers: bool) -> bool:
    """Tell whether a function is called for what it changes in its package or the process.

    Args:
        path: of the function.
        registers: its name is one of those that enter something somewhere.
    """
    if path in _PLACES:
        return True
    top, _, rest = path.partition(".")
    name = rest.rpartition(".")[2]
    if not name or _SEEN.match(path):
        return False
    if top in sys.stdlib_module_names:
        return _STANDARD.match(name) is not None
    return (registers or _OTHERS.match(name) is not None) and _SHOWN.search(name) is None


def told(
    called: Iterable[str], into: Iterable[str], carried: Iterable[str], found: Set[str]
) -> list[Difference]:
    """Return what is told of effects.

    Args:
        called: the functions that were called.
        into: objects of packages that were changed in a way that was not found in them.
        carried: the dotted names of what goes along.
        found: top-level modules of which something is carried, or told already.
    """
    carried = [*carried]
    tables = {name.partition(".")[0] for name in TABLE} - sys.stdlib_module_names
    subjects = {}
    for path in called:
        top = path.partition(".")[0]
        if (place := _PLACES.get(path)) is not None:
            known = any(name.startswith(place) for name in carried)
        else:
            known = top not in sys.stdlib_module_names and (top in found or top in tables)
        if not known:
            subjects[f"{path}()"] = path, _CALLED
    for path in into:
        subjects[path] = path, _INTO
    return [
        Difference(kind="patch", subject=subject, detail=detail, modules=_users(path))
        for subject, (path, detail) in subjects.items()
    ]


def _users(path: str) -> list[str]:
    top = path.partition(".")[0]
    return [] if top in sys.stdlib_module_names else [top]
