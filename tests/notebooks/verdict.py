"""What a notebook's node is compared to its kernel: right, told of, or wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from .difference import Difference, differences, lacking, within
from .fragment import Fragment
from .notebook import Notebook
from .oracles import Expected
from .product import Outcome


class Verdict(StrEnum):
    """From the best to the worst; that of a notebook is the worst of its fragments."""

    RIGHT = "right as suggested"
    NEEDLESS = "right, though warned"
    WARNED = "different, as warned"
    REFUSED = "refused, with its reason"
    FAULT = "refused although it works"
    ERROR = "error when called"
    HANG = "hang"
    SILENT = "silently different"
    INVALID = "no test: the notebook itself fails"


@dataclass
class Judgement:
    """What became of a notebook.

    Attributes:
        parts: the verdict of each fragment, by its number, where it is known.
        differences: places in the node's answers, with what is right and what came.
        reason: of a refusal, an error, a hang.
        told: the warnings.
        strange: outputs that the kernel with the extension had otherwise than plain IPython.
        unasked: inputs that were not suggested.
    """

    verdict: Verdict
    parts: dict[int, Verdict] = field(default_factory=dict)
    differences: list[Difference] = field(default_factory=list)
    reason: str = ""
    told: list[str] = field(default_factory=list)
    strange: list[Difference] = field(default_factory=list)
    unasked: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)


def judge(notebook: Notebook, outcome: Outcome, expected: Expected | None) -> Judgement:
    """Compare.

    Args:
        expected: None where plain IPython has no answer, either.
    """
    found = _judge(notebook, outcome, expected)
    found.told, found.seconds = outcome.told, outcome.seconds
    found.unasked = _unasked(notebook, outcome)
    return found


def _judge(notebook: Notebook, outcome: Outcome, expected: Expected | None) -> Judgement:
    if expected is None:
        return Judgement(Verdict.INVALID, reason="plain IPython does not end")
    failed = [error for number, error in expected.errors]
    if failed:
        return Judgement(Verdict.INVALID, reason=f"plain IPython: {failed[0]}")
    if outcome.raised:  # the kernel alone raises
        return Judgement(
            Verdict.ERROR, reason=f"the kernel, unlike plain IPython: {outcome.raised}"
        )
    if outcome.hang:
        return Judgement(Verdict.HANG, reason=f"{outcome.hang} {outcome.refusal}")
    if outcome.refusal:
        return _refused(notebook, outcome, expected)
    return _answered(notebook, outcome, expected)


def _refused(notebook: Notebook, outcome: Outcome, expected: Expected) -> Judgement:
    text = "\n".join([outcome.refusal, *outcome.told])
    named = {n: part for n, part in _parts(notebook) if names(part, n, outcome.refusal)}
    able = named or dict(_parts(notebook))
    true = {
        n
        for n, part in able.items()
        if part.refused and re.search(part.refused, text, re.IGNORECASE)
    }
    if named:
        parts = {n: Verdict.REFUSED if n in true else Verdict.FAULT for n in named}
    else:
        parts = dict.fromkeys(true, Verdict.REFUSED)
    worst = max(parts.values(), key=[*Verdict].index, default=Verdict.FAULT)
    if not parts and len(notebook.parts) == 1:
        parts = {1: worst}
    if all("error" in answer for answer in expected.answers):
        worst, parts = Verdict.REFUSED, {}  # it fails in the kernel, too
    return Judgement(worst, parts, reason=outcome.refusal)


def _answered(notebook: Notebook, outcome: Outcome, expected: Expected) -> Judgement:
    strange = [
        one
        for one in differences(expected.first, outcome.first)
        if not within(one.place, expected.noise | expected.hashed)
    ]
    # Of these the kernel itself says what is right.
    own = {str(place[0]) for place in {one.place for one in strange} | expected.hashed}
    parts = {number: Verdict.RIGHT for number, _ in _parts(notebook)}
    found = Judgement(Verdict.RIGHT, parts, strange=strange)
    kernel = [outcome.first, outcome.other]
    unasked = _unasked(notebook, outcome)
    # They never got the other input.
    blind = {f"result_{n}" for n, one in _parts(notebook) if _mentions(one.cells[-1], unasked)}
    for number, (right, got) in enumerate(zip(expected.answers, outcome.answers, strict=False)):
        if "error" in right and "error" in got:
            continue
        if "error" in got:
            found.reason = got["error"]
            found.verdict = Verdict.ERROR
            # Of the others nothing was seen.
            parts = found.parts = dict.fromkeys(_named(notebook, got["error"]), Verdict.ERROR)
            continue
        if "error" in right:
            found.differences.append(Difference((number,), right["error"], got["output"]))
            found.verdict = Verdict.SILENT
            continue
        truth = {n: kernel[number].get(n) if n in own else v for n, v in right["output"].items()}
        if number:
            truth = {n: value for n, value in truth.items() if n not in blind}
        found.differences += [
            one._replace(place=(number, *one.place))
            for one in _different(notebook, truth, got["output"])
            if not within(one.place, expected.noise)
        ]
    told = "\n".join(outcome.told)
    for one in found.differences:
        _blame(notebook, found, one, told)
    for number, part in _parts(notebook):
        if f"result_{number}" not in outcome.outputs:
            parts[number] = Verdict.WARNED if names(part, number, told) else Verdict.FAULT
            found.reason = found.reason or f"result_{number} ({part.name}) is not suggested"
        elif _mentions(part.given, unasked):
            its = Verdict.WARNED if names(part, number, told) else Verdict.FAULT
            parts[number] = max(parts.get(number, its), its, key=[*Verdict].index)
            found.reason = found.reason or f"the input of {part.name} is not suggested"
        elif parts.get(number) is Verdict.RIGHT and names(part, number, told):
            parts[number] = Verdict.NEEDLESS
    found.verdict = max([found.verdict, *parts.values()], key=[*Verdict].index)
    return found


def _different(
    notebook: Notebook, right: dict[str, Any], got: dict[str, Any]
) -> Iterator[Difference]:
    loose = {f"result_{number}" for number, part in _parts(notebook) if part.output}
    for name in right.keys() & got.keys():
        if name in loose or not notebook.parts:
            if missing := lacking(right[name], got[name]):
                yield Difference((name,), missing, got[name])
        elif name.startswith("result_"):
            yield from differences(right[name], got[name], (name,))


def _blame(notebook: Notebook, found: Judgement, one: Difference, told: str) -> None:
    name = str(one.place[1]) if len(one.place) > 1 else ""
    for number, part in _parts(notebook):
        if name == f"result_{number}":
            # That the output itself differs is as good as what it is that differs.
            warned = names(part, number, told) or _mentions(told, [name])
            found.parts[number] = Verdict.WARNED if warned else Verdict.SILENT
    if not notebook.parts:
        its = Verdict.WARNED if told else Verdict.SILENT
        found.verdict = max(found.verdict, its, key=[*Verdict].index)


def _parts(notebook: Notebook) -> Iterable[tuple[int, Fragment]]:
    return enumerate(notebook.parts, 1)


def _unasked(notebook: Notebook, outcome: Outcome) -> list[str]:
    """Return the inputs that were not suggested."""
    suggested = bool(outcome.outputs)
    return [name for name in notebook.inputs if suggested and name not in outcome.inputs]


def _mentions(source: str, found: Iterable[str]) -> bool:
    return any(re.search(rf"\b{name}\b", source) for name in found)


def _named(notebook: Notebook, text: str) -> list[int]:
    return [number for number, part in _parts(notebook) if names(part, number, text)]


def names(part: Fragment, number: int, text: str) -> bool:
    """Return whether a text is about a fragment: it has one of its words or of its names."""
    words = [rf"(?<!\w){re.escape(word)}(?:e?s)?(?!\w)" for word in part.words]
    # What it saw is not what it is about.
    words.append(rf"\b(?!result_)\w+_{number}(?![A-Za-z0-9_])")
    return any(re.search(word, text, re.IGNORECASE) for word in words)
