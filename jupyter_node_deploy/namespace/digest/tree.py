"""A digest as a tree: each part of a value with a hash over all that is inside of it.

As deep as there is room; deeper parts are in the hashes only.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable
from typing import Any

from ..records import Malformed

#: Bytes of a hash: it tells values apart, it proves nothing to an enemy.
_SIZE = 8
#: Characters of a value's text.
LONGEST = 80


class Part:
    """A part of a value.

    Attributes:
        hash: of the part and all that is inside of it.
        what: its type.
        text: a short text of its value, empty where none would help.
        skipped: how many parts inside of it were not looked at.
        inside: the parts in it by label (``.rate``, ``['key']``, ``[3]``); None: they are not kept.
            A label that begins with ``~`` is of a range of parts, and no step of a path.
    """

    __slots__ = ("hash", "inside", "skipped", "text", "what")

    def __init__(
        self,
        hash: str,  # noqa: A002 - what it is
        what: str,
        text: str = "",
        skipped: int = 0,
        inside: dict[str, Part] | None = None,
    ) -> None:
        self.hash = hash
        self.what = what
        self.text = text
        self.skipped = skipped
        self.inside = inside

    @property
    def words(self) -> str:
        """The value in words."""
        return self.text or f"a value of type {self.what}"

    def data(self) -> list[Any]:
        """Return it as JSON data."""
        inside = self.inside
        kept = None if inside is None else {label: one.data() for label, one in inside.items()}
        return [self.hash, self.what, self.text, self.skipped, kept]

    @classmethod
    def read(cls, data: Any, depth: int = 0) -> Part:
        """Return the part in JSON data.

        Raises:
            Malformed: it is none.
        """
        try:
            made, what, text, skipped, inside = data
            plain = all(isinstance(one, str) for one in (made, what, text))
            if not plain or type(skipped) is not int or depth > 200:
                raise Malformed("a part is none")
            if inside is not None:
                inside = {label: cls.read(one, depth + 1) for label, one in inside.items()}
        except (TypeError, ValueError, AttributeError) as error:
            raise Malformed(f"it is no digest: {error}") from None
        return cls(made, what, text, skipped, inside)


def leaf(what: str, text: str, content: bytes = b"") -> Part:
    """Return a part with nothing inside.

    Args:
        content: what it is told apart by, besides type and text.
    """
    hashed = hashlib.blake2b(
        f"{what}\0{text}\0".encode("utf-8", "surrogatepass"), digest_size=_SIZE
    )
    hashed.update(content)
    return Part(hashed.hexdigest(), what, short(text), inside={})


def whole(
    what: str,
    text: str,
    content: bytes,
    inside: dict[str, Part],
    members: Iterable[Part] = (),
) -> Part:
    """Return a part with others inside.

    Args:
        inside: by their labels; their order matters.
        members: more of them that have no labels, and whose order does not matter.
    """
    hashed = hashlib.blake2b(what.encode("utf-8", "surrogatepass"), digest_size=_SIZE)
    hashed.update(content)
    skipped = 0
    for label, one in inside.items():
        hashed.update(f"\0{label}\0{one.hash}".encode("utf-8", "surrogatepass"))
        skipped += one.skipped
    members = sorted(members, key=lambda one: one.hash)
    for one in members:
        hashed.update(one.hash.encode())
        skipped += one.skipped
    return Part(hashed.hexdigest(), what, short(text), skipped, inside)


def short(text: str) -> str:
    """Return a text that is not too long, and all of which can be written."""
    if len(text) > LONGEST:
        text = f"{text[: LONGEST - 1]}…"
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode()


def fold(root: Part, room: int) -> None:
    """Forget the deepest parts of a tree, until it takes at most about ``room`` bytes as JSON."""
    waiting = deque([root])
    while waiting:
        part = waiting.popleft()
        if not part.inside:
            continue
        needed = sum(
            len(label) + len(one.what) + len(one.text) + 40 for label, one in part.inside.items()
        )
        if needed > room:
            part.inside = None
            continue
        room -= needed
        waiting.extend(part.inside.values())
