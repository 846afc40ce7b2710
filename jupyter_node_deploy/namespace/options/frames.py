"""Options of packages for tables and for plots."""

from __future__ import annotations

import ast
import inspect
import json
import os
from collections.abc import Mapping
from typing import Any

from .entry import Calls, Entry, Setting

#: Of matplotlib: where pictures go is the node's own matter.
_OF_THE_SESSION = ("backend", "interactive", "toolbar", "webagg", "tk.", "savefig.directory")


class Pandas(Entry):
    """All registered options."""

    def live(self, module: Any) -> Any:
        return module._config.config._global_config

    def copy(self, live: Any) -> Any:
        return {name: self.copy(one) if type(one) is dict else one for name, one in live.items()}

    def read(self, module: Any) -> dict[str, Any]:
        found = {}
        for name in list(module._config.config._registered_options):
            value = self.live(module)
            for part in name.split("."):
                value = value[part]
            found[name] = value
        return found

    def defaults(self, module: Any) -> Mapping[str, Any]:
        registered = module._config.config._registered_options
        found = {name: option.defval for name, option in registered.items()}
        # By whether IPython's kernel is there when pandas is imported: it is not in a node.
        return {**found, "display.max_columns": 0}

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            module.set_option(name, value)


class Polars(Entry):
    """``Config``: variables of the environment that polars reads, and some of its own."""

    _direct: Mapping[str, Any] = {
        "set_fmt_float": "mixed",
        "set_float_precision": None,
        "set_thousands_separator": "",
        "set_decimal_separator": ".",
        "set_trim_decimal_zeros": False,
    }

    def live(self, module: Any) -> Any:
        # All of the environment: decoding what is polars' takes longer than comparing it.
        direct = module.config._POLARS_CFG_DIRECT_VARS
        return os.environ._data, [get() for get in direct.values()]  # type: ignore[attr-defined]

    def copy(self, live: Any) -> Any:
        return live[0].copy(), live[1]

    def read(self, module: Any) -> dict[str, Any]:
        found = json.loads(module.Config.save())
        return {**found.get("environment", {}), **found.get("direct", {})}

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return {**dict.fromkeys(module.config._POLARS_CFG_ENV_VARS), **self._direct}

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            if name in module.config._POLARS_CFG_DIRECT_VARS:
                getattr(module.Config, name)(value)
            elif value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


class Xarray(Entry):
    """All options."""

    def live(self, module: Any) -> Any:
        return dict(module.get_options())

    def read(self, module: Any) -> dict[str, Any]:
        return self.live(module)  # type: ignore[no-any-return]

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return _in_source(module.core.options, "OPTIONS")

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        module.set_options(**values)


def _in_source(module: Any, name: str) -> dict[str, Any]:
    """Return the dict that a module's source gives a name; empty where it can't be read."""
    try:
        for statement in ast.parse(inspect.getsource(module)).body:
            target: Any = statement.target if isinstance(statement, ast.AnnAssign) else None
            if isinstance(statement, ast.Assign):
                target = statement.targets[0]
            if isinstance(target, ast.Name) and target.id == name:
                found = ast.literal_eval(statement.value)  # type: ignore[attr-defined]
                return found if type(found) is dict else {}
    except (OSError, TypeError, ValueError, SyntaxError):
        pass
    return {}


class Matplotlib(Entry):
    """All parameters but those of the session."""

    def live(self, module: Any) -> Any:
        return module.rcParams

    def copy(self, live: Any) -> Any:
        return dict(dict.items(live))

    def equal(self, live: Any, copy: Any) -> bool:
        return dict.__eq__(copy, live)

    def read(self, module: Any) -> dict[str, Any]:
        return self._without(module.rcParams)

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return self._without(module.rcParamsDefault)

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        module.rcParams.update(values)

    @staticmethod
    def _without(values: Any) -> dict[str, Any]:
        # Not by its own methods, which look for a backend.
        return {
            name: value
            for name, value in dict.items(values)
            if not name.startswith(_OF_THE_SESSION)
        }


def _set_colors(module: Any, values: Mapping[str, Any]) -> None:
    module.colorConverter.colors.update(values)
    module.colorConverter.cache.clear()


FRAMES: list[Entry] = [
    Pandas("pandas"),
    Polars("polars"),
    Xarray("xarray"),
    Matplotlib("matplotlib"),
    Calls(
        "matplotlib.colors",  # seaborn gives the letters other colours
        {
            "letters": Setting(
                lambda module: {one: module.colorConverter.colors[one] for one in "bgrcmykw"},
                _set_colors,
                {
                    "b": (0, 0, 1),
                    "g": (0, 0.5, 0),
                    "r": (1, 0, 0),
                    "c": (0, 0.75, 0.75),
                    "m": (0.75, 0, 0.75),
                    "y": (0.75, 0.75, 0),
                    "k": (0, 0, 0),
                    "w": (1, 1, 1),
                },
            )
        },
    ),
]
