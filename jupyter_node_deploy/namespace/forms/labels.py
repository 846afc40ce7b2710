"""pandas' labels in JSON: when an index says something, and under which names columns go.

What pandas gives is read with its own methods only; the module itself is never imported.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable
from typing import Any

from .faults import NotJson


def counts(index: Any) -> bool:
    """Tell whether an index says nothing in an answer: row numbers, also of a filtered frame."""
    return bool(index.nlevels == 1 and index.name is None and index.dtype.kind in "iu")


def is_default(index: Any) -> bool:
    """Tell whether an index is the one that pandas gives by itself: 0, 1, 2 and so on."""
    if len(index) == 0:
        return bool(index.nlevels == 1)
    if index.nlevels > 1 or index.dtype.kind != "i":
        return False
    if hasattr(index, "step"):
        return bool(index.start == 0 and index.step == 1)
    last = len(index) - 1
    return bool(index[0] == 0 and index[last] == last and (index == range(last + 1)).all())


def text(key: Any) -> str:
    """Return a label as the text that stands for it."""
    return key.isoformat() if isinstance(key, (dt.date, dt.time)) else str(key)


def name_of(key: Any) -> Any:
    """Return a column's name as the key of an object."""
    item = key.item() if hasattr(key, "dtype") and hasattr(key, "item") else key
    return item if item is None or type(item) in (str, int, float, bool) else text(key)


def columns_of(frame: Any) -> tuple[list[Any], list[Any]]:
    """Return the names and the columns of a frame's rows: first its index, where it says something.

    Raises:
        NotJson: rows can't have such names.
    """
    if frame.columns.nlevels > 1:
        raise NotJson("the columns have names of several levels: give each one name in the cell")
    names = [name_of(name) for name in frame.columns]
    texts = {text(name) for name in names}
    if len(texts) < len(names):
        raise NotJson("the columns' names are not unique")
    columns = [frame.iloc[:, position] for position in range(len(names))]
    if counts(frame.index):
        return names, columns
    before, levels = levels_of(frame.index, texts)
    return before + names, levels + columns


def levels_of(index: Any, taken: Iterable[str]) -> tuple[list[Any], list[Any]]:
    """Return the names that an index' levels have as columns, and the levels."""
    used = {*taken}
    names = []
    for number, name in enumerate(index.names):
        plain = "index" if index.nlevels == 1 else f"level_{number}"
        first = plain if name is None else name_of(name)
        choices = [first, plain, *(f"level_{n}" for n in range(number, len(used) + number + 2))]
        chosen = next(one for one in choices if text(one) not in used)
        used.add(text(chosen))
        names.append(chosen)
    return names, [index.get_level_values(number) for number in range(index.nlevels)]


def items_of(column: Any) -> list[Any]:
    """Return the items of a Series or an Index; what is missing (NaN, NaT, NA) is None."""
    items: list[Any] = column.tolist()
    if type(column.dtype).__module__.partition(".")[0] == "numpy" and column.dtype.kind in "biu":
        return items
    missing = column.isna()
    if not missing.any():
        return items
    return [None if gone else item for item, gone in zip(items, missing.tolist(), strict=True)]


def records(names: list[Any], columns: list[list[Any]], count: int) -> list[dict[Any, Any]]:
    """Return the rows of columns as objects."""
    if not columns:
        return [{} for _ in range(count)]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def labelled(series: Any) -> dict[str, Any]:
    """Return a series as an object of its labels.

    Raises:
        NotJson: two labels are the same text.
    """
    keys = [text(key) for key in series.index]
    if len({*keys}) < len(keys):
        raise NotJson("the series' index is not unique, so it cannot become an object")
    return dict(zip(keys, items_of(series), strict=True))


def key_text(key: Any) -> str:
    """Return what the encoder makes of a key of JSON's own types."""
    return key if isinstance(key, str) else json.dumps(key)
