"""Environment variables: which names code may read, and which values look like secrets.

Runs in kernels, among the user's packages.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Iterator, Mapping, Set
from typing import Any

from .manifest import EnvironmentInfo

_READS = frozenset({"environ", "environb", "getenv", "getenvb"})
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,255}")
_SECRET = re.compile(
    r"KEY|TOKEN|SECRET|PASS|PWD|CREDENTIAL|AUTH(?!OR)|PRIVATE|COOKIE|SESSION|DSN|CONN|SIGNATURE|SALT",
    re.IGNORECASE,
)
#: A user and a password in an address.
_ADDRESS = re.compile(r"://[^/\s@]*:[^/\s@]*@")
#: Of this machine, user or session: a node has its own.
_OWN = re.compile(
    r"(PATH|HOME|USER|LOGNAME|SHELL|PWD|OLDPWD|SHLVL|_|TERM|TMPDIR|TEMP|TMP|TZ|HOSTNAME|DISPLAY"
    r"|LANG|LANGUAGE|LC_\w+|VIRTUAL_ENV\w*|MPLBACKEND|LS_COLORS|CLICOLOR\w*|FORCE_COLOR|(GIT_)?PAGER"
    r"|LD_LIBRARY_PATH|(JUPYTER|JPY|PYTHON|PYDEVD|CONDA|XDG|SSH|DBUS|SYSTEMD|POLARS)_?\w*)"
)
#: Characters of a value that a node takes.
_LENGTH = 32 * 1024


def names_in(code: types.CodeType) -> frozenset[str]:
    """Return what code may read of the environment: the names in it, if it reads any at all.

    Code inside of the code is not looked at.
    """
    if _READS.isdisjoint(code.co_names):
        return frozenset()
    return frozenset(text for text in _texts(code.co_consts) if _NAME.fullmatch(text))


def names_within(code: types.CodeType) -> frozenset[str]:
    """Return the same of code and of all code inside of it."""
    inner = (one for one in code.co_consts if type(one) is types.CodeType)
    return names_in(code).union(*map(names_within, inner))


def _texts(constants: Iterable[Any]) -> Iterator[str]:
    for one in constants:
        if type(one) is str:
            yield one
        elif type(one) in (tuple, frozenset):
            yield from _texts(one)


def information(
    environment: Mapping[str, str], read: Set[str], assigned: Set[str]
) -> list[EnvironmentInfo]:
    """Return the variables that are set, and that a node may need.

    Args:
        environment: name to value.
        read: what code may read.
        assigned: what the notebook has set.
    """
    return [
        EnvironmentInfo(
            name=name,
            value=None if _is_secret(name, environment[name]) else environment[name],
            assigned=name in assigned,
        )
        for name in sorted(read | assigned)
        if name in environment and not _OWN.fullmatch(name)
    ]


def _is_secret(name: str, value: str) -> bool:
    if _SECRET.search(name) or _ADDRESS.search(value):
        return True
    try:
        value.encode()
    except UnicodeEncodeError:  # bytes that are no text
        return True
    return len(value) > _LENGTH or "\0" in value
