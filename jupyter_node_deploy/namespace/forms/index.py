"""From labels in JSON to an index like the example's: dtype, names, levels and frequency."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from . import labels
from .columns import column_like
from .faults import Mismatch
from .names import name_of


class Labels:
    """Makes indexes like one.

    Args:
        pandas: the user's.
        known: the example's index.

    Attributes:
        default: the example has the index that pandas gives by itself, so that a request need not
            bring one.

    Raises:
        NoInput: JSON can't say all that the example's index holds.
    """

    def __init__(self, pandas: Any, known: Any) -> None:
        self.default = labels.is_default(known)
        self.levels = known.nlevels
        self._pandas = pandas
        self._known = known
        self._makers = [
            column_like(pandas, known.get_level_values(n)) for n in range(known.nlevels)
        ]
        self._is_text = known.nlevels == 1 and _is_text(known)

    @property
    def columns(self) -> list[Any]:
        """The names that the levels have as columns of rows."""
        return labels.levels_of(self._known, [])[0]

    def counted(self, length: int) -> Any:
        """Return the index of ``length`` items whose labels a request does not bring."""
        return self._pandas.RangeIndex(length, name=self._known.name)

    def of(self, given: Any) -> Any:
        """Return the index of labels; of several levels, arrays of them.

        Raises:
            Mismatch: they are not like the example's.
        """
        if type(given) is not list:
            raise Mismatch(f"expected an array of labels, got {name_of(given)}")
        if self.default and not {*map(type, given)} <= {int}:
            return self._pandas.Index(given)  # the example has none to compare with
        if self.levels == 1:
            return self._single(self._makers[0](given))
        for number, item in enumerate(given):
            if type(item) is not list or len(item) != self.levels:
                told = f"expected an array of {self.levels} labels, one of each level"
                raise Mismatch(told, f"[{number}]")
        levels = [[item[n] for item in given] for n in range(self.levels)]
        return self.of_levels(levels)

    def of_levels(self, levels: list[list[Any]]) -> Any:
        """Return the index of its levels, each an array of JSON values."""
        made = [make(items) for make, items in zip(self._makers, levels, strict=True)]
        if self.levels == 1:
            return self._single(made[0])
        return self._pandas.MultiIndex.from_arrays(made, names=self._known.names)

    def of_texts(self, texts: Iterable[str]) -> Any:
        """Return the index of an object's keys.

        Raises:
            Mismatch: they are not like the example's.
        """
        keys = list(texts)
        if self.levels > 1:
            raise Mismatch("the example's index has several levels: " + SPLIT_SERIES)
        if not self._is_text:
            try:
                return self.of([int(key) for key in keys])
            except ValueError:
                if self.default:
                    return self.of(keys)
                raise Mismatch("the example's labels are integers: " + SPLIT_SERIES) from None
        return self.of(keys)

    @property
    def has_texts(self) -> bool:
        """Whether the keys of an object can say the labels."""
        return self._is_text or (self.levels == 1 and self._known.dtype.kind in "iu")

    def _single(self, made: Any) -> Any:
        known, pandas = self._known, self._pandas
        index = pandas.Index(made, name=known.name)
        if index.dtype != known.dtype and known.dtype.kind in "Ob":
            index = pandas.Index(made, dtype=known.dtype, name=known.name)
        if hasattr(known, "step") and len(index):
            step = known.step
            ends = int(index[0]), int(index[0]) + step * len(index)
            counted = pandas.RangeIndex(*ends, step, name=known.name)
            return counted if counted.equals(index) else index
        frequency = getattr(known, "freq", None)
        if frequency is not None and getattr(index, "freq", frequency) is None:
            try:
                return type(known)(index, freq=frequency)
            except ValueError:  # not of these labels
                return index
        return index


SPLIT_SERIES = 'send {"index": […], "data": […]}'


def _is_text(index: Any) -> bool:
    kind = index.dtype.kind
    if kind == "O" and type(index.dtype).__module__.startswith("numpy"):
        return {*map(type, index.tolist())} <= {str}
    categories = getattr(index.dtype, "categories", None)
    if categories is not None:
        return _is_text(categories)
    return kind in "OM" or str(index.dtype).startswith(("str", "period", "interval"))
