"""Options of what warns and logs."""

from __future__ import annotations

import operator
import sys
from collections.abc import Mapping
from typing import Any

from . import handlers
from .entry import START, Entry


class Warnings(Entry):
    """The filters. A category of a package is named by its name: it may not be loaded yet."""

    def live(self, module: Any) -> Any:
        return list(module.filters)

    def read(self, module: Any) -> dict[str, Any]:
        return {
            "filters": [
                (action, message, f"{category.__module__}:{category.__qualname__}", where, line)
                for action, message, category, where, line in module.filters
                if not category.__module__.startswith("IPython")  # a node has none
            ]
        }

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return {"filters": START}

    def shown(
        self, module: Any, values: Mapping[str, Any], start: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        # Packages filter their own warnings as they are imported.
        found = [
            f"{one[0]} {one[2].partition(':')[2]}"
            for one in values.get("filters", ())
            if one not in start["filters"] and one[1] is None and one[2].startswith("builtins:")
        ]
        return {"filters": ", ".join(found)} if found else {}

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        found = []
        for action, message, category, where, line in values["filters"]:
            kind = _loaded(category)
            if kind is not None:  # else nobody can warn of it
                found.append((action, message, kind, where, line))
        module.filters[:] = found
        changed = getattr(module, "_filters_mutated_lock_held", None)
        if changed is not None:
            with module._lock:
                changed()
        else:
            module._filters_mutated()


def missing(values: Mapping[str, Any]) -> set[str]:
    """Return the modules that the filters' categories are of, and that are not loaded.

    Their packages, too: these put filters of their own before ours until they are imported whole.
    """
    found: set[str] = set()
    for _, _, category, _, _ in values.get("filters", ()):
        if _loaded(category) is None:
            module = category.partition(":")[0]
            found |= {module, module.partition(".")[0]}
    return found - sys.modules.keys()


def _loaded(category: str) -> Any:
    module, _, path = category.partition(":")
    try:
        found = operator.attrgetter(path)(sys.modules[module])
    except (KeyError, AttributeError):
        return None
    return found if isinstance(found, type) else None


class Logging(Entry):
    """Levels of loggers, and their handlers that write to stdout or stderr."""

    # Of loggers of packages only the levels are live: a library may have a hundred of them.

    _plain = (0, False, True)
    _look = staticmethod(operator.attrgetter("level", "disabled", "propagate"))

    def __init__(self, module: str) -> None:
        super().__init__(module, "logg")
        self._count = -1
        self._loggers: list[Any] = []
        self._own: list[Any] = []
        self._handlers: set[int] = set()

    def live(self, module: Any) -> Any:
        root = module.root
        found = root.manager.loggerDict
        if self._count != len(found):
            self._count = len(found)
            self._loggers = [one for one in list(found.values()) if hasattr(one, "level")]
            self._own = [one for _, one in self._of_notebook(module)]
        levels = [one.level for one in self._loggers]
        added = [(one.level, one.formatter) for own in self._own for one in own.handlers]
        quiet = module._warnings_showwarning is None
        return root.level, root.manager.disable, quiet, added, levels

    def _of_notebook(self, module: Any) -> list[tuple[str, Any]]:
        """Return the loggers that are no package's, by name."""
        return [("root", module.root)] + [
            (name, one)
            for name, one in list(module.root.manager.loggerDict.items())
            if hasattr(one, "level")
            and (name.partition(".")[0] not in sys.modules or name == "__main__")
        ]

    def _added(self, module: Any, logger: Any) -> list[Any]:
        return [
            one
            for one in handlers.of_logger(logger)
            if id(one) not in self._handlers and type(one) is not module.NullHandler
        ]

    def begin(self, module: Any) -> None:
        loggers = [module.root, *module.root.manager.loggerDict.values()]
        self._handlers = {id(one) for logger in loggers for one in handlers.of_logger(logger)}

    def read(self, module: Any) -> dict[str, Any]:
        root = module.root
        found: dict[str, Any] = {
            f"logger {name}": state
            for name, one in list(root.manager.loggerDict.items())
            if hasattr(one, "level") and (state := self._look(one)) != self._plain
        }
        for name, logger in self._of_notebook(module):
            added = [handlers.plain(module, one) for one in self._added(module, logger)]
            if plain := [one for one in added if one is not None]:
                found[f"handlers {name}"] = plain
        return {
            "root": root.level,
            "disable": root.manager.disable,
            "captureWarnings": module._warnings_showwarning is not None,
            **found,
        }

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return {"root": module.WARNING, "disable": 0, "captureWarnings": False}

    def changed(self, module: Any, start: Mapping[str, Any]) -> dict[str, Any]:
        now = {**dict.fromkeys(start, self._plain), **self.read(module)}
        before = {**start, **self.defaults(module)}
        return {
            name: state for name, state in now.items() if before.get(name, self._plain) != state
        }

    def shown(
        self, module: Any, values: Mapping[str, Any], start: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        # Loggers with handlers were made ready by their packages.
        own = {
            f"logger {name}"
            for name, one in list(module.root.manager.loggerDict.items())
            if getattr(one, "handlers", None) or name.partition(".")[2].startswith("_")
        }
        return {
            name: value[0]
            if name.startswith("logger ")
            else ", ".join(one[0] for one in value)
            if name.startswith("handlers ")
            else value
            for name, value in values.items()
            if name not in own and not (name.startswith("logger ") and value[0] == 0)
        }

    def lost(self, module: Any, start: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        for name, logger in self._of_notebook(module):
            kinds = [
                type(one).__name__
                for one in self._added(module, logger)
                if handlers.plain(module, one) is None
            ]
            if kinds and f"logger {name}" not in start:
                found[f"handlers of the logger {name}"] = (
                    f"the notebook has added {', '.join(kinds)}; in the node, messages from "
                    "WARNING on go to its log"
                )
        return found

    def back(
        self, module: Any, values: Mapping[str, Any], start: Mapping[str, Any]
    ) -> dict[str, Any]:
        before = {**start, **self.defaults(module)}
        return {name: before.get(name, self._plain) for name in values}

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name == "root":
                module.root.setLevel(value)
            elif name == "disable":
                module.disable(value)
            elif name == "captureWarnings":
                module.captureWarnings(value)
            elif name.startswith("handlers "):
                if value != self._plain:  # those that came later stay
                    own = name.removeprefix("handlers ")
                    logger = module.root if own == "root" else module.getLogger(own)
                    handlers.add(module, logger, value)
            else:
                logger = module.getLogger(name.removeprefix("logger "))
                level, logger.disabled, logger.propagate = value
                logger.setLevel(level)


class Loguru(Entry):
    """Its handlers lead out of the process, and stay behind."""

    def live(self, module: Any) -> Any:
        return tuple(module.logger._core.handlers)

    def read(self, module: Any) -> dict[str, Any]:
        return {}

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return {}

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        raise NotImplementedError

    def lost(self, module: Any, start: Mapping[str, Any]) -> dict[str, str]:
        if self.live(module) == (0,):
            return {}
        return {"handlers": "the notebook has changed them; the node has the one to stderr"}


LOGS: list[Entry] = [Logging("logging"), Loguru("loguru")]
#: Set last, so that the work of setting the others is not filtered.
LAST: list[Entry] = [Warnings("warnings")]
