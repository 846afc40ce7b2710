"""Which isolation a cell needs, found out in a dry run (decision 10)."""

from __future__ import annotations

import json

from ...errors import NodeDeployError
from ..bundle import Bundle
from ..wire import FINGERPRINT, RAW, Answer
from .dispatcher import AwaitedCall, Dispatcher

_LOOK_SECONDS = 300.0  # a state of many gigabytes is read in full


class Isolation:
    """Looks at the state between runs, to choose how requests are isolated.

    Args:
        dispatcher: of one worker.
        bundle: what is run.
    """

    def __init__(self, dispatcher: Dispatcher, bundle: Bundle) -> None:
        self.dispatcher = dispatcher
        self.bundle = bundle
        self.taken: list[dict[str, str | None]] = []
        self.counted: list[dict[str, int]] = []  # what runs leave: kinds, and how many

    async def look(self, question: int) -> Answer:
        """Ask the worker about its state."""
        self.dispatcher.timeout = _LOOK_SECONDS
        try:
            return await self.dispatcher.run(AwaitedCall(b"", question))
        finally:
            self.dispatcher.timeout = self.bundle.timeout

    async def take(self) -> None:
        """Fingerprint the state as it is now."""
        state, counts = json.loads((await self.look(FINGERPRINT)).body)
        self.taken.append(state)
        self.counted.append(counts)

    async def judge(self, again: AwaitedCall, *, ran: bool, looked: bool) -> dict[str, str]:
        """Choose after a first run, with a second one.

        Args:
            again: the second run.
            ran: whether another second run is done already, and worked.
            looked: whether the state was looked at after the first.
        """
        try:
            if not looked:
                await self.take()
            if ran:
                await self.take()
                return self._choose()
            answer = await self.dispatcher.run(again)
            await self.take()
        except NodeDeployError as error:
            return _choice("request", f"a second run in the same process failed: {error.message}")
        if answer.status != 200 and answer.kind != RAW:
            text = json.loads(answer.body)["message"]
            return _choice("request", f"a second run in the same process failed: {text}")
        return self._choose()

    def _choose(self) -> dict[str, str]:
        unread = [name for name, value in self.taken[0].items() if value is None]
        unread += _differing(self.taken[0], self.taken[1])
        changed = _differing(self.taken[1], self.taken[2])
        changed += [name for name in _differing(*self.taken[2:]) if name not in changed]
        changed = [name for name in changed if name not in unread]
        if changed:
            return _choice("request", f"the cell changes {_listed(changed)} in place")
        before, after = self.counted[-2:]
        if left := [kind for kind, number in after.items() if number > before.get(kind, 0)]:
            text = " and ".join(f"a {kind}" for kind in left)
            return _choice("request", f"each run of the cell leaves {text} behind")
        if unread:
            text = f"whether the cell changes {_listed(unread)} in place can't be told"
            return _choice("request", text)
        return _choice("shared", "two runs of the cell changed nothing in place")


def _differing(before: dict[str, str | None], after: dict[str, str | None]) -> list[str]:
    return [name for name, value in before.items() if name in after and after[name] != value]


def _choice(chosen: str, reason: str) -> dict[str, str]:
    return {"chosen": chosen, "reason": reason}


def _listed(names: list[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
