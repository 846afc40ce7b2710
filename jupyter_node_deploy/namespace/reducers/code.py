"""Code objects: their fields, and the global names they may read."""

from __future__ import annotations

import dis
import sys
from types import CodeType

#: The arguments of ``CodeType`` in this version of Python. Not ``marshal``: its bytes depend on
#: reference counts, and the same function would be stored again and again.
FIELDS: tuple[str, ...] = (
    "co_argcount",
    "co_posonlyargcount",
    "co_kwonlyargcount",
    "co_nlocals",
    "co_stacksize",
    "co_flags",
    "co_code",
    "co_consts",
    "co_names",
    "co_varnames",
    "co_filename",
    "co_name",
    *(("co_qualname",) if sys.version_info >= (3, 11) else ()),
    "co_firstlineno",
    "co_linetable",
    *(("co_exceptiontable",) if sys.version_info >= (3, 11) else ()),
    "co_freevars",
    "co_cellvars",
)

#: A use that stands for everything: the code may reach any variable.
ANYTHING = "*"

_REACH_ANYTHING = frozenset({"exec", "eval", "globals", "get_ipython", "__main__"})
_OPERATIONS = frozenset(
    {
        "LOAD_GLOBAL",
        "LOAD_NAME",
        "STORE_GLOBAL",
        "DELETE_GLOBAL",
        "LOAD_FROM_DICT_OR_GLOBALS",
        "IMPORT_NAME",
    }
)
_KEPT = 10_000
_known: dict[CodeType, frozenset[str]] = {}


def global_names(code: CodeType) -> frozenset[str]:
    """Return the global names that the code may use, functions inside of it included.

    Builtins are among them, and so is ``ANYTHING`` when the code can look up any name.
    """
    names = _known.get(code)
    if names is None:
        found = {
            instruction.argval
            for instruction in dis.get_instructions(code)
            if instruction.opname in _OPERATIONS
            and (instruction.opname != "IMPORT_NAME" or instruction.argval == "__main__")
        }
        for constant in code.co_consts:
            if isinstance(constant, CodeType):
                found |= global_names(constant)
        if found & _REACH_ANYTHING:
            found.add(ANYTHING)
        if len(_known) >= _KEPT:
            _known.clear()
        names = _known[code] = frozenset(found)
    return names
