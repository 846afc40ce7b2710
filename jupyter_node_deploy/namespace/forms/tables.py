"""From JSON to a pandas DataFrame or Series like the example: its columns, dtypes and labels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import labels
from .columns import Column, column_like
from .faults import Mismatch, NoInput
from .index import SPLIT_SERIES, Labels
from .names import name_of

_SPLIT = {"columns", "data", "index"}
_EXACT = 2**53  # a float holds every integer below it
_FORMS = "an array of rows, an object of columns or {columns, data}"


class Given:
    """A table as a request brings it.

    Attributes:
        names: of its columns, as texts.
        column: returns the items of one.
        index: the labels, where they were given.
        rows: how many it has.
    """

    def __init__(self, value: Any) -> None:
        self.index: Any = None
        if type(value) is list:
            self._of_rows(value)
        elif type(value) is dict and _SPLIT - {"index"} <= value.keys() <= _SPLIT:
            self._of_split(value)
        elif type(value) is dict:
            self._of_columns(value)
        else:
            raise Mismatch(f"expected {_FORMS}, got {name_of(value)}")

    def _of_rows(self, value: list[Any]) -> None:
        for number, row in enumerate(value):
            if type(row) is not dict:
                raise Mismatch(f"expected an object (a row), got {name_of(row)}", f"[{number}]")
        self.rows = len(value)
        self.names = list(dict.fromkeys(name for row in value for name in row))
        self.column: Callable[[str], list[Any]] = lambda name: [row.get(name) for row in value]

    def _of_split(self, value: dict[str, Any]) -> None:
        names, data, self.index = value["columns"], value["data"], value.get("index")
        if type(names) is not list or type(data) is not list:
            raise Mismatch("columns and data are arrays")
        for number, row in enumerate(data):
            if type(row) is not list or len(row) != len(names):
                told = f"expected an array of {len(names)} items, one of each column"
                raise Mismatch(
                    f"columns, data and index do not fit together: {told}", f".data[{number}]"
                )
        self.rows = len(data)
        self.names = [one if type(one) is str else labels.text(one) for one in names]
        place = {name: number for number, name in enumerate(self.names)}
        if len(place) < len(self.names):
            raise Mismatch("two columns have the same name", ".columns")
        self.column = lambda name: [row[place[name]] for row in data]

    def _of_columns(self, value: dict[str, Any]) -> None:
        for name, column in value.items():
            if type(column) is not list:
                raise Mismatch(f"expected an array (a column), got {name_of(column)}", f".{name}")
        lengths = {len(column) for column in value.values()}
        if len(lengths) > 1:
            raise Mismatch("not a table: the columns are not of the same length")
        self.rows = lengths.pop() if lengths else 0
        self.names = list(value)
        self.column = value.__getitem__


class Table:
    """Makes DataFrames like one.

    Args:
        pandas: the user's.
        known: the example.

    Raises:
        NoInput: JSON can't say all that the example holds.
    """

    def __init__(self, pandas: Any, known: Any) -> None:
        if known.columns.nlevels > 1:
            raise NoInput("its columns have names of several levels")
        self._pandas = pandas
        self._names = [labels.text(labels.name_of(name)) for name in known.columns]
        if len({*self._names}) < len(self._names):
            raise NoInput("its columns' names are not unique")
        self._known_names = known.columns
        self._columns: dict[str, Column] = {
            name: column_like(pandas, known.iloc[:, number])
            for number, name in enumerate(self._names)
        }
        self.index = Labels(pandas, known.index)

    def __call__(self, value: Any) -> Any:
        """Return the table of a JSON value.

        Raises:
            Mismatch: it is not like the example.
        """
        given = Given(value)
        index, used = self._index(given)
        made: dict[Any, Any] = {}
        there = {*given.names}
        for number, name in enumerate(self._names):
            if name in there:
                items = given.column(name)
            elif given.rows == 0:
                items = []
            else:
                raise Mismatch("missing", f".{name}")
            try:
                made[number] = self._columns[name](items)
            except Mismatch as error:
                raise Mismatch(error.message, f".{name}{error.path}") from None
        more = [one for one in given.names if one not in self._columns and one not in used]
        for name in more:
            made[name] = _guessed(self._pandas, given.column(name))
        frame = self._pandas.DataFrame(made, index=index)
        names = self._known_names.copy()
        frame.columns = names.append(self._pandas.Index(more)) if more else names
        return frame

    def _index(self, given: Given) -> tuple[Any, set[str]]:
        index = self.index
        if given.index is not None:
            try:
                made = index.of(given.index)
            except Mismatch as error:
                raise Mismatch(error.message, f".index{error.path}") from None
            if len(made) != given.rows:
                raise Mismatch("columns, data and index do not fit together", ".index")
            return made, set()
        if index.default:
            return index.counted(given.rows), set()
        names = [labels.text(one) for one in index.columns]
        if not {*names} <= {*given.names} or not {*names}.isdisjoint(self._names):
            if given.rows == 0:
                return index.of([]), set()
            columns = f"add {', '.join(names)} to each row, or " if names != ["index"] else ""
            raise Mismatch(
                f"the example's index has labels: {columns}"
                'send {"columns": […], "index": […], "data": […]}'
            )
        return index.of_levels([given.column(name) for name in names]), {*names}


class Row:
    """Makes Series like one; see ``Table``."""

    def __init__(self, pandas: Any, known: Any) -> None:
        self._pandas = pandas
        self._name = known.name
        self._column = column_like(pandas, known)
        self.index = Labels(pandas, known.index)

    def __call__(self, value: Any) -> Any:
        """Return the series of a JSON value.

        Raises:
            Mismatch: it is not like the example.
        """
        index = self.index
        if type(value) is list:
            if not index.default and value:
                keys = "an object of them, or " if index.has_texts else ""
                told = SPLIT_SERIES.removeprefix("send ")
                raise Mismatch(f"the example's index has labels: send {keys}{told}")
            items = value
            made = index.counted(len(value)) if index.default else index.of([])
        elif type(value) is dict and value.keys() == {"index", "data"} and _are_lists(value):
            items = value["data"]
            try:
                made = index.of(value["index"])
            except Mismatch as error:
                raise Mismatch(error.message, f".index{error.path}") from None
            if len(made) != len(items):
                raise Mismatch("data and index are not of the same length")
        elif type(value) is dict:
            items = list(value.values())
            made = index.of_texts(value)
        else:
            raise Mismatch(f"expected an array or an object, got {name_of(value)}")
        return self._pandas.Series(self._column(items), index=made, name=self._name)


def _are_lists(value: dict[str, Any]) -> bool:
    return all(type(part) is list for part in value.values())


# --- without an example ---


def table(pandas: Any, value: Any) -> Any:
    """Return the table of a JSON value as pandas reads it; large integers stay exact.

    Raises:
        Mismatch: it is no table.
    """
    given = Given(value)
    columns = {name: _guessed(pandas, given.column(name)) for name in given.names}
    try:
        index = given.index if given.index is not None else range(given.rows)
        return pandas.DataFrame(columns, index=index, columns=given.names or None)
    except (ValueError, TypeError) as error:
        raise Mismatch(f"columns, data and index do not fit together: {error}") from None


def row(pandas: Any, value: Any) -> Any:
    """Return the series of a JSON value as pandas reads it; see ``table``."""
    if type(value) is list:
        return pandas.Series(_guessed(pandas, value))
    if type(value) is not dict:
        raise Mismatch(f"expected an array or an object, got {name_of(value)}")
    if value.keys() == {"index", "data"} and _are_lists(value):
        index, items = value["index"], value["data"]
    else:
        index, items = list(value), list(value.values())
    try:
        return pandas.Series(_guessed(pandas, items), index=index)
    except (ValueError, TypeError) as error:
        raise Mismatch(f"data and index do not fit together: {error}") from None


def _guessed(pandas: Any, items: list[Any]) -> Any:
    made = pandas.Series(items, dtype=None if items else object)
    # Where pandas made floats, it may have done so of integers with a null among them.
    rounds = made.dtype == float and (made.abs() >= _EXACT).any()
    if not rounds or not all(type(item) is int or item is None for item in items):
        return made.array
    try:
        return pandas.array(items, dtype="Int64")
    except OverflowError:
        return pandas.array(items, dtype=object)


# --- tables that came as Arrow ---


def fitting(pandas: Any, frame: Any, known: Any) -> Any:
    """Return a table with the names, the order and the dtypes of the example's columns.

    Raises:
        Mismatch: it has other columns, other labels, or values that don't fit.
    """
    if not isinstance(known, pandas.DataFrame):
        return frame
    texts = {labels.text(name): name for name in frame.columns}
    for name in known.columns:
        if labels.text(name) not in texts:
            raise Mismatch("missing", f".{labels.text(name)}")
    order = [texts[labels.text(name)] for name in known.columns]
    frame = frame[order + [name for name in frame.columns if name not in order]]
    for name, like in zip(order, known.columns, strict=True):
        frame[name] = _retype(frame[name], known.dtypes[like], f".{labels.text(name)}")
    if [*map(type, order)] != [*map(type, known.columns)]:
        frame = frame.rename(columns=dict(zip(order, known.columns, strict=True)))
    if labels.is_default(frame.index) and not labels.is_default(known.index) and len(frame):
        raise Mismatch("the example's index has labels: set the table's index, too")
    return frame


def _retype(series: Any, dtype: Any, path: str) -> Any:
    if series.dtype == dtype:
        return series
    kinds = {getattr(one, "kind", "O") for one in (series.dtype, dtype)}
    if len(series) and kinds in ({"b", "i"}, {"b", "f"}):
        raise Mismatch(f"expected items of dtype {dtype}, got {series.dtype}", path)
    if getattr(dtype, "kind", "O") in "iu" and series.dtype.kind == "f" and series.isna().any():
        return series  # as pandas reads integers with a gap
    try:
        cast = series.astype(dtype)
        numbers = {"i", "u", "f"}
        if kinds <= numbers and getattr(dtype, "kind", "O") in "iu" and not (cast == series).all():
            raise ValueError("a number does not fit")
    except (ValueError, TypeError, OverflowError) as error:
        raise Mismatch(f"cannot be of dtype {dtype}: {error}", path) from None
    return cast
