"""Which paths are outside of a node: not of its interpreter, bundle or run, nor the system's.

For the dry run (user's interpreter, standard library only).
"""

from __future__ import annotations

import os
import sys
import sysconfig
from pathlib import Path
from typing import Any

#: Where our own code is.
OWN = str(Path(__file__).resolve().parents[2]) + os.sep
#: Found on every machine, or the business of the system.
_SYSTEM = (
    *("/proc/", "/dev/", "/sys/", "/run/", "/usr/lib/", "/usr/lib64/", "/lib/", "/lib64/"),
    *("/usr/share/zoneinfo/", "/usr/share/mime/", "/usr/share/fonts/", "/usr/local/share/fonts/"),
    *("/usr/share/locale/", "/etc/ssl/", "/etc/pki/", "/etc/fonts/", "/etc/alternatives/"),
    *("/var/cache/fontconfig/", "/usr/bin/", "/bin/", "/sbin/", "/usr/sbin/"),
)
_FILES = frozenset(
    f"/etc/{name}"
    for name in (
        *("localtime", "timezone", "mime.types", "hosts", "resolv.conf", "nsswitch.conf", "passwd"),
        *("group", "os-release", "debian_version", "ld.so.cache", "gai.conf", "host.conf"),
        *("services", "protocols", "machine-id", "hostname", "locale.alias", "apache2/mime.types"),
        *("httpd/mime.types", "httpd/conf/mime.types", "lsb-release"),
    )
)
#: Directories of settings and caches that packages make for themselves, in any home.
_PRIVATE = ("/.cache/matplotlib/", "/.config/matplotlib/", "/.cache/fontconfig/", "/.matplotlib/")


class Outside:
    """Knows what is outside.

    Args:
        work: the workers' current directory.
        bundle: its directory.

    Attributes:
        written: paths that the run has written first; reading them back is no business of others.
    """

    def __init__(self, work: str, bundle: str) -> None:
        self.written: set[str] = set()
        self._work = work + os.sep
        scheme = sysconfig.get_paths()
        prefixes = {sys.prefix, sys.base_prefix, sys.exec_prefix} - {"/usr", "/"}
        prefixes |= {scheme[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
        prefixes |= {one for one in sys.path if one.endswith("-packages")}
        prefixes |= {os.path.realpath(one) for one in prefixes}
        own = {bundle, os.path.dirname(work)}
        own |= {os.path.realpath(one) for one in own}
        self._environment = tuple(os.path.join(one, "") for one in prefixes)
        self._inside = (*self._environment, *(os.path.join(one, "") for one in own), OWN)
        self._stdlib = os.path.join(scheme["stdlib"], "")

    def brings(self, name: str) -> bool:
        """Tell whether a path is in the environment, the bundle or the run's own directory."""
        return name.startswith(self._inside)

    def installed(self, name: str) -> bool:
        """Tell whether a path is in the environment."""
        return name.startswith(self._environment)

    def is_package(self, file: str) -> bool:
        """Tell whether a module's file is of an installed package."""
        if file.startswith((self._work, OWN)):
            return False
        if "-packages" + os.sep in file:
            return True
        return not file.startswith(self._stdlib)

    def path(self, path: Any) -> str | None:
        """Return a path made absolute; None for descriptors, the system's, and the run's own."""
        if isinstance(path, int):
            return None
        name = os.path.abspath(os.fsdecode(path))
        if name.startswith(_SYSTEM) or name in _FILES or any(one in name for one in _PRIVATE):
            return None
        parents = name
        while len(parents) > 1:
            if parents in self.written:
                return None if parents != name else name
            parents = os.path.dirname(parents)
        return name

    def made(self, path: Any) -> None:
        """Note that a path is about to be made by the run itself."""
        name = os.path.abspath(os.fsdecode(path))
        if not os.path.isdir(name):  # it is about to be made
            self.written.add(name)
