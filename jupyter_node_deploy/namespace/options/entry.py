"""What an entry of the table is: the options of one module."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

#: In place of a default: whatever it was when the kernel's agent began.
START: Any = object()

_MISSING: Any = object()


class Entry(ABC):
    """The options of one module.

    Args:
        module: its name; it is given to the methods.
        word: code with this word in it may change what ``live`` does not show.
    """

    def __init__(self, module: str, word: str = "") -> None:
        self.module = module
        self.word = word

    def begin(self, module: Any) -> None:  # noqa: B027 - most need nothing
        """Note what is there when the kernel's agent begins, beside the values."""

    @abstractmethod
    def live(self, module: Any) -> Any:
        """Return what changes when an option does; takes microseconds."""

    def copy(self, live: Any) -> Any:
        """Return what stays as it is while ``live`` changes."""
        return live

    def equal(self, live: Any, copy: Any) -> bool:
        """Tell whether nothing has changed since a copy was made."""
        return bool(live == copy)

    @abstractmethod
    def read(self, module: Any) -> dict[str, Any]:
        """Return the values by option."""

    @abstractmethod
    def defaults(self, module: Any) -> Mapping[str, Any]:
        """Return the values in a node where nobody sets any; ``START`` where the kernel knows."""

    @abstractmethod
    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        """Set options; may raise anything."""

    def apply(self, module: Any, values: Mapping[str, Any]) -> None:
        """Set those of the options that are otherwise."""
        present = self.read(module)
        wanted = {
            name: value
            for name, value in values.items()
            if not same(present.get(name, _MISSING), value)
        }
        if wanted:
            self.write(module, wanted)

    def changed(self, module: Any, start: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options that are not at their defaults.

        Args:
            start: the values when the agent began; empty if the module was not loaded.
        """
        defaults = self.defaults(module)
        found = {}
        for name, value in self.read(module).items():
            default = defaults.get(name, _MISSING)
            if default is START:
                default = start.get(name, value)
            if not same(default, value):
                found[name] = value
        return found

    def shown(
        self, module: Any, values: Mapping[str, Any], start: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """Return of changed options what people want to know; see ``changed``."""
        return values

    def lost(self, module: Any, start: Mapping[str, Any]) -> dict[str, str]:
        """Return what does not travel, in words, by what it is."""
        return {}

    def back(
        self, module: Any, values: Mapping[str, Any], start: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Return the defaults of options that are not at them; see ``changed``."""
        defaults = {**self.defaults(module)}
        known = {
            name: start.get(name, _MISSING) if value is START else value
            for name, value in defaults.items()
        }
        return {name: known[name] for name in values if known.get(name, _MISSING) is not _MISSING}


class Setting(NamedTuple):
    """One option, read and set by a call."""

    get: Callable[[Any], Any]
    set: Callable[[Any, Any], Any]
    default: Any


class Calls(Entry):
    """Options of which each is read and set by a call.

    Args:
        module: see above.
        settings: by the option's name.
    """

    def __init__(self, module: str, settings: Mapping[str, Setting]) -> None:
        super().__init__(module)
        self._settings = settings

    def live(self, module: Any) -> Any:
        return [setting.get(module) for setting in self._settings.values()]

    def read(self, module: Any) -> dict[str, Any]:
        return {name: setting.get(module) for name, setting in self._settings.items()}

    def defaults(self, module: Any) -> Mapping[str, Any]:
        return {name: setting.default for name, setting in self._settings.items()}

    def write(self, module: Any, values: Mapping[str, Any]) -> None:
        for name, value in values.items():
            self._settings[name].set(module, value)


def attribute(name: str, default: Any) -> Setting:
    """Return the setting that an attribute is, at the end of a path with dots."""
    path, _, last = name.rpartition(".")

    def holder(module: Any) -> Any:
        for part in filter(None, path.split(".")):
            module = getattr(module, part)
        return module

    return Setting(
        lambda module: getattr(holder(module), last),
        lambda module, value: setattr(holder(module), last, value),
        default,
    )


def call(get: str, put: str, default: Any) -> Setting:
    """Return the setting that two functions of the module read and set."""
    return Setting(
        lambda module: getattr(module, get)(),
        lambda module, value: getattr(module, put)(value),
        default,
    )


def same(one: Any, other: Any) -> bool:
    """Tell whether two values are the same option."""
    try:
        return type(one) is type(other) and bool(one == other)
    except Exception:  # arrays, or the user's own code
        return False
