"""Sets a checkpoint's options: in a node's worker, or in a running kernel."""

from __future__ import annotations

import importlib.util
import pickle
import sys
import types
from collections.abc import Mapping
from typing import Any

from ..reasons import describe
from ..silence import quiet_warnings
from .messages import missing
from .table import BEFORE, TABLE


class OptionSetter:
    """Sets options where their module is loaded, and of other modules once they are.

    Args:
        streams: for each module the pickle of ``{option: value}``.
    """

    def __init__(self, streams: Mapping[str, bytes]) -> None:
        self._streams = {name: streams[name] for name in TABLE if name in streams}

    def before(self) -> list[str]:
        """Set what restoring the variables may depend on; return what could not be, in words."""
        return self._set(BEFORE.keys() & self._streams.keys())

    def after(self) -> list[str]:
        """Set all else, now or once it is imported; return what could not be set, in words."""
        failures = self._set(self._streams.keys() - BEFORE.keys())
        later = {name for name in self._streams if name not in sys.modules}
        if "warnings" in self._streams:
            later |= missing(pickle.loads(self._streams["warnings"]))
        if later:
            sys.meta_path.insert(0, _Finder(self, later))
        return failures

    def imported(self, name: str) -> None:
        """Set what waited for a module.

        Raises:
            RuntimeError: that is not possible.
        """
        wanted = {name, "warnings"} if name != "warnings" else {name}
        failures = self._set(self._streams.keys() & wanted)
        if failures:
            raise RuntimeError("; ".join(failures))

    def _set(self, names: Any) -> list[str]:
        failures = []
        for name, stream in self._streams.items():  # in the table's order
            if name in names and name in sys.modules:
                try:
                    set_options(name, pickle.loads(stream))
                except Exception as error:
                    failures.append(f"the options of {name} can't be set here ({describe(error)})")
        return failures


def set_options(name: str, values: Mapping[str, Any]) -> None:
    """Set options of a loaded module; may raise anything."""
    with quiet_warnings():
        TABLE[name].apply(sys.modules[name], values)


class _Finder:
    """Stands first among the importer's finders while there are modules to wait for."""

    def __init__(self, setter: OptionSetter, names: set[str]) -> None:
        self._setter = setter
        self._names = names

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        """Return the spec that the other finders find, with a loader that tells us."""
        if name not in self._names:
            return None
        self._names.discard(name)
        if not self._names:
            sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        loader: Any = spec.loader if spec is not None else None
        if loader is None or not hasattr(loader, "exec_module"):
            return spec
        execute, setter = loader.exec_module, self._setter

        def exec_module(module: types.ModuleType) -> None:
            del loader.exec_module
            execute(module)
            setter.imported(name)

        try:
            loader.exec_module = exec_module
        except AttributeError:  # the loader of built-in modules is a class of its own
            return spec
        return spec
