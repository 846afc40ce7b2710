"""The backends that installed packages offer by name, ours among them."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from ..errors import Unavailable
from .base import Backend

#: The group of entry points; each has a backend's name and its class.
GROUP = "jupyter_node_deploy.backends"
#: No package's name, but whichever of ours can work; see ``choice.py``.
AUTO = "auto"


def names() -> list[str]:
    """Return the names there are, ``auto`` among them; nothing is imported."""
    return [AUTO, *sorted(entry_points(group=GROUP).names - {AUTO})]


def load(name: str) -> type[Backend]:
    """Import the backend of a name.

    Raises:
        Unavailable: there is none of that name, several packages offer different ones, it can't
            be imported, or is no backend.
    """
    # One package may be found twice: installed, and as a checkout.
    found = {one.value: one for one in entry_points(group=GROUP, name=name)}
    if not found:
        raise Unavailable(f"There is no backend {name!r}; there are: {', '.join(names())}.")
    if len(found) > 1:
        raise Unavailable(
            f"Several packages offer a backend {name!r}: {', '.join(map(_origin, found.values()))}."
            " Uninstall all but one, or set backend_class."
        )
    [entry] = found.values()
    try:
        loaded = entry.load()
    except (Exception, SystemExit) as error:  # a stranger's: it must not end the Jupyter server
        raise Unavailable(
            f"The backend {name!r} can't be imported from {_origin(entry)}: {error!r}."
        ) from error
    if not (isinstance(loaded, type) and issubclass(loaded, Backend)):
        raise Unavailable(
            f"The backend {name!r} of {_origin(entry)} is no subclass of {Backend.__qualname__}."
        )
    return loaded


def _origin(entry: EntryPoint) -> str:
    package = "" if entry.dist is None else f" (package {entry.dist.name} {entry.dist.version})"
    return f"{entry.value}{package}"
