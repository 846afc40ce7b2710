"""Options of the interpreter and of the standard library."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..garbage_collection import collecting
from .entry import START, Calls, Entry, Setting, call


def _limits(module: Any) -> Any:
    return module.getrlimit(module.RLIMIT_STACK)[0]


def _set_limits(module: Any, soft: int) -> None:
    hard = module.getrlimit(module.RLIMIT_STACK)[1]
    if hard != module.RLIM_INFINITY and (soft == module.RLIM_INFINITY or soft > hard):
        soft = hard
    module.setrlimit(module.RLIMIT_STACK, (soft, hard))


def _stack_size(module: Any) -> int:
    size: int = module.stack_size()  # sets it to 0 in passing
    if size:
        module.stack_size(size)
    return size


def _category(name: str, default: Any) -> Setting:
    return Setting(
        lambda module: module.setlocale(getattr(module, name)),
        lambda module, value: module.setlocale(getattr(module, name), value),
        default,
    )


class Umask(Entry):
    """The rights that new files do not get."""

    def live(self, module: Any) -> Any:
        return None  # it takes too long for every cell

    def read(self, module: Any) -> dict[str, Any]:
        # Not by ``os.umask``, which would set it for a moment: other threads make files.
        try:
            found = re.search(
                r"^Umask:\s*(\d+)", Path("/proc/self/status").read_text(), re.MULTILINE
            )
        except OSError:
            found = None
        return {"umask": int(found[1], 8)} if found else {}

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return {"umask": START}

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        module.umask(values["umask"])


def _set_collecting(module: Any, value: bool) -> None:
    (module.enable if value else module.disable)()


def _dialects(module: Any) -> Any:
    parts = (
        *("delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting"),
        *("skipinitialspace", "strict"),
    )
    return {
        name: {part: getattr(module.get_dialect(name), part) for part in parts}
        for name in module.list_dialects()
        if name not in ("excel", "excel-tab", "unix")
    }


def _set_dialects(module: Any, value: Mapping[str, Any]) -> None:
    for name in _dialects(module).keys() - value.keys():
        module.unregister_dialect(name)
    for name, parts in value.items():
        module.register_dialect(name, **parts)


class TimeZone(Entry):
    """The zone of local time: by TZ, or the machine's, which a container does not have."""

    def live(self, module: Any) -> Any:
        return os.environ.get("TZ"), module.tzname, module.timezone, module.altzone

    def read(self, module: Any) -> dict[str, Any]:
        name, *rule = self.live(module)
        return {"zone": (name, _rule(name), *rule)}

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return {"zone": (None, _rule(None), ("UTC", "UTC"), 0, 0)}

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        name, posix, *rule = values["zone"]
        if name is not None:
            os.environ["TZ"] = name
        else:
            os.environ.pop("TZ", None)
        module.tzset()
        if posix and [module.tzname, module.timezone, module.altzone] != rule:
            os.putenv("TZ", posix)  # not in os.environ, where the notebook has none
            module.tzset()


def _rule(name: str | None) -> str | None:
    """Return a zone's rule as POSIX writes it, which needs no file."""
    path = Path("/usr/share/zoneinfo", name.lstrip(":")) if name else Path("/etc/localtime")
    try:
        content = path.read_bytes()
    except (OSError, ValueError):
        return None
    if not content.startswith(b"TZif") or not content.endswith(b"\n"):
        return None
    return content[:-1].rpartition(b"\n")[2].decode("ascii", "replace") or None


class Decimal(Entry):
    """The context of this thread, and the one that others begin with; not their flags."""

    _parts = ("prec", "rounding", "Emin", "Emax", "capitals", "clamp")

    def live(self, module: Any) -> Any:
        (*now, _, traps) = module.getcontext().__reduce__()[1]
        (*first, _, first_traps) = module.DefaultContext.__reduce__()[1]
        return now, traps, first, first_traps

    def read(self, module: Any) -> dict[str, Any]:
        now, traps, first, first_traps = self.live(module)
        return {"context": _context(now, traps), "DefaultContext": _context(first, first_traps)}

    def defaults(self, module: Any) -> Mapping[str, Any]:
        traps = ("DivisionByZero", "InvalidOperation", "Overflow")
        plain = (28, "ROUND_HALF_EVEN", -999999, 999999, 1, 0, traps)
        return {"context": plain, "DefaultContext": plain}

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        for name, (*parts, traps) in values.items():
            context = module.getcontext() if name == "context" else getattr(module, name)
            for part, value in zip(self._parts, parts, strict=True):
                setattr(context, part, value)
            for signal in context.traps:
                context.traps[signal] = signal.__name__ in traps


def _context(parts: list[Any], traps: list[type]) -> tuple[Any, ...]:
    return (*parts, tuple(sorted(signal.__name__ for signal in traps)))


#: These are set before variables are restored: reading those may depend on them.
FIRST: list[Entry] = [
    Calls(
        "sys",
        {
            "recursionlimit": call("getrecursionlimit", "setrecursionlimit", 1000),
            "switchinterval": call("getswitchinterval", "setswitchinterval", 0.005),
            **(
                {
                    "int_max_str_digits": call(
                        "get_int_max_str_digits", "set_int_max_str_digits", 4300
                    )
                }
                if hasattr(sys, "get_int_max_str_digits")
                else {}
            ),
        },
    ),
    Calls("resource", {"RLIMIT_STACK": Setting(_limits, _set_limits, START)}),
    Calls("threading", {"stack_size": Setting(_stack_size, lambda m, v: m.stack_size(v), 0)}),
    Calls(
        "locale",
        {
            "LC_CTYPE": _category("LC_CTYPE", START),
            **{
                name: _category(name, "C")
                for name in ("LC_COLLATE", "LC_TIME", "LC_MONETARY", "LC_NUMERIC")
            },
        },
    ),
    TimeZone("time"),
    Umask("os", "umask"),
]
STANDARD_LIBRARY: list[Entry] = [
    Calls(
        "gc",
        {
            "enabled": Setting(lambda _: collecting(), _set_collecting, True),
            "threshold": Setting(
                lambda module: module.get_threshold(),
                lambda module, value: module.set_threshold(*value),
                START,
            ),
        },
    ),
    Calls("socket", {"defaulttimeout": call("getdefaulttimeout", "setdefaulttimeout", None)}),
    Calls(
        "csv",
        {
            "field_size_limit": Setting(
                lambda module: module.field_size_limit(),
                lambda module, value: module.field_size_limit(value),
                131072,
            ),
            "dialects": Setting(_dialects, _set_dialects, {}),
        },
    ),
    Calls("calendar", {"firstweekday": call("firstweekday", "setfirstweekday", 0)}),
    Calls(
        "multiprocessing",
        {
            "start_method": Setting(
                lambda module: module.get_start_method(allow_none=True),
                lambda module, value: module.set_start_method(value, force=True),
                None,
            )
        },
    ),
    Decimal("decimal"),
]
