"""Names of nodes, folders and aliases: which are valid, and which are proposed after a text."""

from __future__ import annotations

import re
import unicodedata

PATTERN = r"^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"
LENGTH = 63

_CYRILLIC = dict(zip("абвгдезийклмнопрстуфхцыэіґў", "abvgdeziyklmnoprstufhcyeigu", strict=True)) | {
    "ё": "yo",
    "ж": "zh",
    "ц": "ts",
    "ч": "ch",
    "ш": "sh",
    "щ": "shch",
    "ъ": "",
    "ь": "",
    "ю": "yu",
    "я": "ya",
    "є": "ye",
    "ї": "yi",
}
_LATIN = {"æ": "ae", "œ": "oe", "ø": "o", "ð": "d", "đ": "d", "þ": "th", "ł": "l"}
_LETTERS = str.maketrans(_CYRILLIC | _LATIN)


def is_valid(name: str) -> bool:
    """Tell whether something can have this name."""
    return re.match(PATTERN, name) is not None and not name.endswith("\n")


def proposed(text: str) -> str:
    """Return a valid name after a text in any script; empty where nothing of it can be written.

    Cyrillic is transliterated, accents are dropped.
    """
    # A path may have the dots of ё apart from its letter.
    letters = unicodedata.normalize("NFC", text).casefold().translate(_LETTERS)
    plain = unicodedata.normalize("NFKD", letters)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter)).casefold()
    words = "-".join(re.findall(r"[a-z0-9]+", plain))
    return re.sub(r"^[^a-z]+", "", words)[:LENGTH].strip("-")
