"""What a run found: a line of JSON for each notebook, and a table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .notebook import Notebook
from .verdict import Judgement, Verdict

Line = dict[str, Any]
_SHORT = {
    Verdict.RIGHT: "right",
    Verdict.NEEDLESS: "needless",
    Verdict.WARNED: "warned",
    Verdict.REFUSED: "refused",
    Verdict.FAULT: "fault",
    Verdict.ERROR: "error",
    Verdict.HANG: "hang",
    Verdict.SILENT: "SILENT",
    Verdict.INVALID: "no test",
}


def line(
    notebook: Notebook, judgement: Judgement, smaller: list[tuple[Notebook, Judgement]]
) -> Line:
    """Return what is written of a notebook, and of smaller ones that are judged alike."""
    kinds = {part.name: part.kind for part in notebook.parts}
    parts = [part.name for part in notebook.parts]
    verdicts = {parts[number - 1]: verdict for number, verdict in judgement.parts.items()}
    verdicts |= {one.parts[0].name: its.verdict for one, its in smaller if len(one.parts) == 1}
    return {
        "name": notebook.name,
        "verdict": judgement.verdict.value,
        "parts": {name: verdict.value for name, verdict in verdicts.items()},
        "kinds": kinds,
        "told": judgement.told,
        "strange": [_shown(one) for one in judgement.strange[:20]],
        "unasked": judgement.unasked,
        "seconds": judgement.seconds,
        "cases": [_case(*one) for one in smaller or [(notebook, judgement)]],
    }


def _case(notebook: Notebook, judgement: Judgement) -> Line:
    return {
        "parts": sorted(part.name for part in notebook.parts) or [notebook.name],
        "reason": judgement.reason[:3000],
        "differences": [_shown(one) for one in judgement.differences[:20]],
        "cells": list(notebook.cells),
    }


def _shown(one: Any) -> list[Any]:
    place = ".".join(map(str, one.place))
    return [place, *(json.loads(json.dumps(value)) for value in one[1:])]


def read(path: Path) -> list[Line]:
    """Return the lines of an earlier run; a half-written last one is left out."""
    found = []
    for text in path.read_text().splitlines() if path.exists() else []:
        try:
            found.append(json.loads(text))
        except ValueError:
            continue
    return found


def table(lines: Iterable[Line], missing: dict[str, list[str]]) -> str:
    """Return the counts as text.

    Args:
        missing: packages that fragments need and that are not installed.
    """
    lines = list(lines)
    told = Counter(Verdict(line["verdict"]) for line in lines)
    tested = sum(told.values()) - told[Verdict.INVALID]
    rows = [f"{len(lines)} notebooks, {tested} of them tests", ""]
    for verdict in Verdict:
        share = "" if verdict is Verdict.INVALID else f"{told[verdict] / max(tested, 1):7.1%}"
        rows.append(f"{verdict.value:36} {told[verdict]:5} {share}")
    rows += ["", *_kinds(lines), ""]
    strange = sum(bool(line["strange"]) for line in lines)
    unasked = sum(bool(line["unasked"]) for line in lines)
    rows.append(f"the kernel has another value than plain IPython: {strange}")
    rows.append(f"an input that was a cell of literals is not suggested: {unasked}")
    rows.append(f"fragments left out for want of a package: {len(missing)}")
    steps: Counter[str] = Counter()
    for one in lines:
        steps.update(one["seconds"])
    spent = ", ".join(f"{step} {total / len(lines):.2f}" for step, total in steps.most_common())
    rows.append(f"seconds a notebook: {spent}")
    return "\n".join(rows)


def _kinds(lines: list[Line]) -> list[str]:
    counts: dict[str, Counter[Verdict]] = {}
    for one in lines:
        for name, verdict in one["parts"].items():
            counts.setdefault(one["kinds"][name], Counter())[Verdict(verdict)] += 1
    shown = [verdict for verdict in Verdict if verdict is not Verdict.INVALID]
    head = f"{'fragments of the kind':24}" + "".join(f"{_SHORT[one]:>9}" for one in shown)
    rows = [head]
    for kind, count in sorted(counts.items()):
        rows.append(f"{kind:24}" + "".join(f"{count[one] or '':>9}" for one in shown))
    return rows


def right(lines: Iterable[Line]) -> list[str]:
    """Return the fragments that were right as suggested wherever they were drawn."""
    found: dict[str, set[str]] = {}
    for one in lines:
        for name, verdict in one["parts"].items():
            found.setdefault(name, set()).add(verdict)
    return sorted(name for name, verdicts in found.items() if verdicts == {Verdict.RIGHT.value})


def bad(lines: Iterable[Line], verdict: Verdict) -> str:
    """Return the reduced notebooks of a verdict as text, each once."""
    found: dict[tuple[str, ...], list[tuple[str, Line]]] = {}
    for one in lines:
        if one["verdict"] == verdict.value:
            for case in one["cases"]:
                found.setdefault(tuple(case["parts"]), []).append((one["name"], case))
    return "\n\n".join(_told(parts, cases) for parts, cases in sorted(found.items()))


def _told(parts: tuple[str, ...], cases: list[tuple[str, Line]]) -> str:
    name, case = cases[0]
    rows = [f"{len(cases)} x {' + '.join(parts)} (first in {name})"]
    for place, right, got in case["differences"][:4]:
        rows.append(f"  {place}: {right!r} in the kernel, {got!r} from the node"[:500])
    if case["reason"]:
        rows.append(f"  {case['reason'][:500]}")
    return "\n".join(
        [*rows, *(f"    {text}" for text in "\n---\n".join(case["cells"]).splitlines())]
    )
