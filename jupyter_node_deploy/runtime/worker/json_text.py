"""From a request's bytes to JSON's values: exact, and strict (standard library only)."""

from __future__ import annotations

import json
import math
import re
from typing import Any

from ...errors import InvalidArgument, Message

# Only such texts can hold a number that becomes infinite; they are rare, so a check of every
# number can wait until one of them is seen.
_HUGE = re.compile(r"[eE]\+?0*[1-9][0-9]{2}|[0-9]{300}")


class _Refused(ValueError):
    pass


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
        raise _Refused(f"the key {json.dumps(twice)} occurs twice in one object")
    return members


def _no_constant(name: str) -> Any:
    raise _Refused(f"{name} is not allowed: numbers must be finite")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise _Refused(f"the number {text[:40]} is too large")
    return number


_LENIENT = json.JSONDecoder(object_pairs_hook=_members).decode
_STRICT = json.JSONDecoder(object_pairs_hook=_members, parse_constant=_no_constant).decode
_CHECKED = json.JSONDecoder(
    object_pairs_hook=_members, parse_constant=_no_constant, parse_float=_finite
).decode


def parse(body: bytes | bytearray, *, allow_nan: bool = False) -> Any:
    """Return the value of a JSON text: exact ints, no duplicate keys, no NaN unless allowed.

    Raises:
        InvalidArgument: it is malformed; the message says where.
    """
    try:
        text = body.decode()
        if allow_nan:
            return _LENIENT(text)
        return (_CHECKED if _HUGE.search(text) else _STRICT)(text)
    except json.JSONDecodeError as error:
        what = f"{error.msg}: line {error.lineno} column {error.colno}"
        place = {"line": error.lineno, "column": error.colno}
    except UnicodeDecodeError as error:
        what, place = f"not UTF-8: byte {error.start}", {}
    except RecursionError:
        what, place = "nested too deeply", {}
    except ValueError as error:  # ours, and ints of more digits than Python converts
        what, place = str(error), {}
    raise InvalidArgument(
        Message("The body is not valid JSON: {cause}.", "BODY_NOT_JSON", cause=what),
        [{"path": "", "message": what, **place}],
    )
