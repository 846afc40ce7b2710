"""The digest of a group of variables, as it is stored beside the group's pickle."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..format.registrations import Registration
from ..garbage_collection import no_collection
from ..records import Malformed
from ..silence import quiet_warnings
from .tree import Part, fold
from .walk import TooLong, Walk

FORMAT = 2
#: Parts of each variable that are looked at.
PARTS = 100_000
#: Bytes that the digest of one variable takes; with many of them in a group, of all.
_ROOM, _ROOM_OF_ALL = 48 * 1024, 256 * 1024


@dataclass
class Digest:
    """What the variables of a group are made of.

    Attributes:
        calls: whether libraries were asked what they save of their objects in C.
        variables: by name.
    """

    calls: bool
    variables: dict[str, Part]

    def encode(self) -> bytes:
        """Return it as JSON; nothing of it is left out, see ``tree.fold`` for that."""
        data = {
            "format": FORMAT,
            "calls": self.calls,
            "variables": {name: part.data() for name, part in self.variables.items()},
        }
        return json.dumps(data, separators=(",", ":")).encode()

    @classmethod
    def decode(cls, content: bytes) -> Digest:
        """Return what was encoded.

        Raises:
            Malformed: it is no digest, or of another format.
        """
        try:
            data = json.loads(content)
            if data["format"] != FORMAT:
                raise Malformed(f"format {data['format']!r} is not {FORMAT}")
            variables = {name: Part.read(one) for name, one in data["variables"].items()}
            return cls(bool(data["calls"]), variables)
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise Malformed(f"it is no digest: {error}") from None


def digest(
    values: Mapping[str, Any],
    namespace: Mapping[str, Any],
    named: Mapping[int, str],
    *,
    calls: bool = True,
    seconds: float,
) -> Digest | None:
    """Return the digest of variables that may share objects.

    Args:
        values: the variables of one group, in its order.
        namespace: the user's.
        named: the variable by which a function or class of the notebook is known, by its id.
        calls: whether libraries may be asked what they save of their objects in C.
        seconds: that it may take.

    Returns:
        None if it takes longer, or can't be made.

    Raises:
        KeyboardInterrupt: the user interrupts; nothing else is raised.
    """
    until = time.monotonic() + seconds
    try:
        with no_collection(), quiet_warnings():
            walk = Walk(namespace, named, calls=calls, parts=PARTS, until=until)
            return Digest(
                calls, {name: walk.variable(name, value) for name, value in values.items()}
            )
    except KeyboardInterrupt:
        raise
    except (TooLong, Exception):
        return None


def folded(found: Digest) -> Digest:
    """Return a digest without its deepest parts, so that it can be stored."""
    room = min(_ROOM, _ROOM_OF_ALL // max(len(found.variables), 1))
    for part in found.variables.values():
        fold(part, room)
    return found


def compared(value: Any) -> Any:
    """Return what of a saved value is compared with what came back: of a call its arguments."""
    return value.arguments if type(value) is Registration else value
