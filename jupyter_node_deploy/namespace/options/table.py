"""The table: the options of all modules whose options travel, in the order in which they are set.

To add one, write an entry, and a case in ``tests/integration/capture/test_options.py``.
"""

from __future__ import annotations

from .entry import Entry
from .frames import FRAMES
from .interpreter import FIRST, STANDARD_LIBRARY
from .messages import LAST, LOGS
from .numerics import NUMERICS

#: Set before the variables are restored.
BEFORE: dict[str, Entry] = {entry.module: entry for entry in FIRST}
TABLE: dict[str, Entry] = {
    entry.module: entry for entry in (*FIRST, *NUMERICS, *FRAMES, *STANDARD_LIBRARY, *LOGS, *LAST)
}
