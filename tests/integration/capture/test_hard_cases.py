"""Hard cases: each is answered as in the session, or what stands in the way is told by name."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from .cases_code import CASES as CODE
from .cases_combined import CASES as COMBINED
from .cases_identity import CASES as IDENTITY
from .cases_mapped import CASES as MAPPED
from .cases_modules import CASES as MODULES
from .cases_new_python import CASES as NEW_PYTHON
from .cases_patches import CASES as PATCHES
from .cases_session import CASES as SESSION
from .cases_torch import CASES as TORCH

CASES = {
    **IDENTITY,
    **CODE,
    **COMBINED,
    **MAPPED,
    **MODULES,
    **PATCHES,
    **SESSION,
    **TORCH,
    **NEW_PYTHON,
}


@pytest.mark.parametrize("name", CASES)
def test_hard_case(name: str, capture: Any, tmp_path: Path) -> None:
    case = CASES[name]
    for module in case.needs:
        if importlib.util.find_spec(module) is None:
            pytest.skip(f"without {module}")
    requests = [request for request, _ in case.asked]

    outcome = capture.run(
        tmp_path / "notebook", case.cells, requests, files=case.files, **case.options
    )

    for variable, words in case.reported.items():
        assert words in outcome.reasons.get(variable, "(saved)"), variable
    assert outcome.reasons.keys() <= case.reported.keys(), outcome.reasons
    warnings = "\n".join(outcome.suggestion().warnings)
    for words in case.told:
        assert words in warnings
    assert case.told or " after " not in warnings, warnings
    if case.refused:
        assert case.refused in outcome.refusal
        return
    assert outcome.refusal == ""
    assert [one.name for one in outcome.part.maybe] == case.warned
    placed = tuple(name for one in outcome.manifest.groups for name in one.names if "." in name)
    assert [name for name in outcome.verification["unverified"] if name in placed] == []
    told = [one["subject"] for one in outcome.verification["differences"]]
    assert [name for name in told if name.startswith(placed)] == []
    for position, (_, expected) in enumerate(case.asked):
        served, live = outcome.served[position], outcome.live[position]
        want = live if expected == "as live" else {"result": expected}
        if isinstance(expected, dict) and "error" in expected:
            want = expected
        assert served == want, (served, live, outcome.output)
        if case.live:
            assert live == want, (live, outcome.output)


def test_a_module_that_the_notebook_made_is_one_in_the_node(capture: Any, tmp_path: Path) -> None:
    made = """import sys, types
rules = types.ModuleType('rules')
exec('count = 0\\ndef level():\\n    global count\\n    count += 1', rules.__dict__)
sys.modules['rules'] = rules
from rules import level"""
    service = "import rules as found\nlevel()\nresult = [found.count, rules.count, found is rules]"
    cells = [made, service]

    outcome = capture.run(tmp_path / "notebook", cells, [{}])

    assert outcome.served == [{"result": [1, 1, True]}]
    assert outcome.verification["differences"] == []


@pytest.mark.parametrize("found", [True, False])
def test_functions_of_a_module_that_the_notebook_made_are_as_they_were(
    found: bool, capture: Any, tmp_path: Path
) -> None:
    made = """import sys, types
rules = types.ModuleType('rules')
exec('LIMIT = 3\\ndef level(x): return x + LIMIT\\nclass Rule: level = level', rules.__dict__)
"""
    if found:
        made += "sys.modules['rules'] = rules\nimport rules\n"
    made += "level, code, rule = rules.level, rules.level.__code__, rules.Rule()"
    cells = [made, "result = [level(1), rules.level is level, type(rule) is rules.Rule]"]

    outcome = capture.run(tmp_path / "notebook", cells, [{}])

    assert outcome.served == [{"result": [4, True, True]}]
    assert outcome.verification["differences"] == []
