"""Immutable types of the standard library whose values are plain data."""

from __future__ import annotations

import datetime
import decimal
import fractions
import pathlib
import re
import uuid

#: Their values never change, hold no others, and have a short ``repr`` that is nobody's code.
PLAIN: frozenset[type] = frozenset(
    {
        bool,
        type(None),
        float,
        complex,
        range,
        slice,
        datetime.date,
        datetime.datetime,
        datetime.time,
        datetime.timedelta,
        datetime.timezone,
        decimal.Decimal,
        fractions.Fraction,
        uuid.UUID,
        re.Pattern,
        pathlib.PosixPath,
        pathlib.WindowsPath,
        pathlib.PurePosixPath,
        pathlib.PureWindowsPath,
    }
)
