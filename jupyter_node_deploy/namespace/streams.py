"""Pickles variables, those that are to share objects as one stream."""

from __future__ import annotations

import pickle
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from . import deep_recursion
from .difference import Difference
from .footprint import footprint_of
from .mapping import family_of
from .outcome import SavedGroup
from .pickler import Context, NamespacePickler
from .reasons import explain, obstacle, path_to

#: Their values share nothing with anybody, and need none of our reducers.
PLAIN = frozenset({type(None), bool, int, float, complex, str, bytes})
_OWN_MODULES = {__name__.partition(".")[0], "builtins", "__main__"}
#: Bytes of a stream whose objects are gone over in a moment.
_QUICK = 256 * 1024
#: Seconds that a structure is taken to cost that needs a larger stack.
_DEEP = 1.0
#: Seconds that need not be measured well.
_MOMENT = 0.001
#: Attempts, when another thread changes what is being pickled.
_ATTEMPTS = 3


class OutOfTime(BaseException):
    """The work must end now; what ``check`` may raise."""


@dataclass
class Stream:
    """Variables that were pickled together.

    Attributes:
        names: of the variables.
        pickler: which pickled them; None where they share nothing with anybody.
        saved: the group that they are, should they share objects with no other stream.
    """

    names: list[str]
    pickler: NamespacePickler | None
    saved: SavedGroup


class Streams:
    """What pickles the variables of a namespace, a stream at a time.

    Args:
        context: what they have in common.
        values: the namespace's variables, by name.
        limit: is around the writing of each stream; what it raises in there is the reason why
            the stream could not be written.

    Attributes:
        unsaved: why a variable can't be saved, by its name.
    """

    def __init__(
        self,
        context: Context,
        values: Mapping[str, Any],
        limit: Callable[[], AbstractContextManager[object]],
    ) -> None:
        self.unsaved: dict[str, str] = {}
        self._context = context
        self._values = values
        self._limit = limit
        self._worked = time.thread_time()

    def dump(self, names: list[str], *, cuts: bool = False) -> Stream | None:
        """Pickle variables together; None where they can't be, alone or together.

        Args:
            names: of the variables.
            cuts: don't go into what a large stream is known to have, see ``NamespacePickler.cut``.

        Raises:
            OutOfTime: it takes longer than the context's ``check`` allows.
        """
        values = {name: self._values[name] for name in names}
        identities = {name: id(value) for name, value in values.items()}
        started = time.perf_counter()
        if len(names) == 1 and type(values[names[0]]) in PLAIN:
            stream = pickle.dumps(values, 5)
            plain = SavedGroup(names, stream, identities=identities, digest="")
            return Stream(names, None, plain)
        attempts = _ATTEMPTS
        while True:
            pickler = self._pickler(values, cuts)
            try:
                with self._limit():
                    try:
                        pickler.dump(values)
                    except RecursionError:
                        self._worked -= _DEEP  # the work is done elsewhere
                        started -= _DEEP
                        pickler = deep_recursion.run(lambda: self._pickled(values, cuts))
            except (KeyboardInterrupt, OutOfTime):
                raise
            except BaseException as error:
                attempts -= 1
                if attempts and _changed_meanwhile(error):
                    continue
                if self._leave_out(pickler):
                    continue
                if len(names) == 1 or not _distinct(values):
                    for name, value in values.items():
                        self.unsaved[name] = explain(name, value, error, pickler.last)
                return None
            if self._context.check is not None and pickler.file.size > _QUICK:
                raise OutOfTime  # going over its objects takes longer than pickling them
            for name in pickler.references:
                identities[name] = id(self._values[name])
            group = _group(names, pickler, identities)
            group.seconds = self._seconds(started)
            group.differences = [
                Difference(kind="value", subject=path_to(values, obj) + part, detail=detail)
                for obj, part, detail in pickler.lost
            ]
            return Stream(names, pickler, group)

    def _leave_out(self, pickler: NamespacePickler) -> bool:
        """Find attributes that can't be saved, and that classes leave out anyway.

        Returns:
            Whether there are some that were not known.
        """
        left = self._context.left
        before = len(left)
        for obj, rest in pickler.rest:
            for name, value in rest.items():
                if (id(obj), name) not in left:
                    trial = NamespacePickler(self._context, pickler.own, without_rest=True)
                    try:
                        with self._limit():
                            trial.dump(value)
                    except (KeyboardInterrupt, OutOfTime):
                        raise
                    except BaseException as error:
                        left[id(obj), name] = obstacle(value, error, trial.last)
        return len(left) > before

    def _seconds(self, started: float) -> float:
        """Return the seconds of work since a time by ``perf_counter``.

        The clock of the thread does not count what others take, but takes a moment itself.
        """
        seconds = time.perf_counter() - started
        if seconds < _MOMENT:
            return seconds
        worked, self._worked = self._worked, time.thread_time()
        return min(seconds, self._worked - worked)

    def _pickled(self, values: Mapping[str, Any], cuts: bool) -> NamespacePickler:
        pickler = self._pickler(values, cuts)
        pickler.dump(values)
        return pickler

    def _pickler(self, values: Mapping[str, Any], cuts: bool) -> NamespacePickler:
        pickler = NamespacePickler(self._context, frozenset(values), cuts=cuts)
        pickler.constants.add(id(values))  # something of the user's will lie at its address
        return pickler


def _group(names: list[str], pickler: NamespacePickler, identities: dict[str, int]) -> SavedGroup:
    return SavedGroup(
        names=names,
        stream=pickler.file.getvalue(),
        buffers=pickler.buffers,
        uses=sorted(pickler.uses | pickler.references),
        references=sorted(pickler.references),
        modules=sorted(pickler.modules - _OWN_MODULES),
        identities=identities,
        footprint=footprint_of(pickler),
        digest="" if pickler.last is None else None,
    )


def _distinct(values: Mapping[str, Any]) -> bool:
    return len({family_of(value) for value in values.values()}) > 1


def _changed_meanwhile(error: BaseException) -> bool:
    words = error.args[0] if type(error) is RuntimeError and error.args else None
    return type(words) is str and "changed size during iteration" in words
