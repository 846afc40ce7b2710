"""Dates and times of JSON: ISO 8601, strictly, and the same with each version of Python."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from .faults import Mismatch
from .names import name_of

#: ISO 8601; its parts: the day, the time, the fraction of a second, the zone.
INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)"
    r"(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))? ?(Z|z|[+-]\d\d(?::?\d\d)?)?)?"
)


def instant(value: Any) -> dt.datetime:
    """Return the date and time of a text.

    Raises:
        Mismatch: it is none.
    """
    if type(value) is not str:
        raise Mismatch(f"expected a string (ISO 8601 date and time), got {name_of(value)}")
    match = INSTANT.fullmatch(value)
    if match is None:
        raise Mismatch("not an ISO 8601 date and time, such as 2026-01-31T12:00:00Z")
    date, time, fraction, zone = match.groups()
    try:
        found = dt.datetime.fromisoformat(f"{date}T{time}" if time else date)
        if fraction:
            found = found.replace(microsecond=int(fraction[:6].ljust(6, "0")))
        if zone:
            found = found.replace(tzinfo=_zone(zone))
    except ValueError as error:
        raise Mismatch(f"not a valid date and time: {error}") from None
    return found


def _zone(text: str) -> dt.timezone:
    if text in "Zz":
        return dt.timezone.utc  # noqa: UP017 - also on 3.10
    digits = text[1:].replace(":", "").ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if text[0] == "-" else minutes))


def day(value: Any) -> dt.date:
    """Return the day of a text.

    Raises:
        Mismatch: it is none.
    """
    found = instant(value)
    if found.time() != dt.time() or found.tzinfo is not None:
        raise Mismatch("expected a day, such as 2026-01-31")
    return found.date()
