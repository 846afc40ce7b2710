"""Manifests: written and read by one model, whatever else the data holds."""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.errors import DataLoss, FailedPrecondition
from jupyter_node_deploy.namespace import read_state
from jupyter_node_deploy.namespace.manifest import (
    BundleState,
    CellInfo,
    EnvironmentInfo,
    Group,
    LocalFile,
    Manifest,
    Operation,
    Options,
    PythonInfo,
    VariableInfo,
)
from jupyter_node_deploy.namespace.records import Malformed, NewerFormat, decode, encode
from jupyter_node_deploy.runtime.worker import state as worker_state

GROUP = Group(names=["x"], pickle="a" * 64, buffers=["b" * 64], size=3, uses=["y"], modules=["z"])
WHOLE = Manifest(
    id="i",
    kernel_id="k",
    msg_id="m",
    cell_id="c",
    execution_count=7,
    operation=Operation.ROLLBACK,
    status="error",
    code="x = 'é'",
    created_at=1.5,
    duration=2.5,
    capture_seconds=0.5,
    cwd="/",
    python=PythonInfo.current(),
    cell=CellInfo("x", ["r"], ["f"], ["a"], ["a"], ["o"], ["f"], "l", ["m"], True, 1, True),
    variables=[VariableInfo(name="x", kind="class", type="t", schema={"a": [1]}, example=[None])],
    groups=[GROUP],
    random="c" * 64,
    files=[LocalFile(module="m", path="m.py", blob="d" * 64, edited=True, changed=["v"])],
    excluded=["e"],
    literals=["x"],
    amends=True,
    options=Options(blob="e" * 64, values={"numpy": {"err.over": "'raise'"}}, uses=["f"]),
    environment=[EnvironmentInfo(name="RATE", value="7", assigned=True)],
)


def test_what_is_written_is_what_is_read() -> None:
    assert not {
        field.name
        for field in dataclasses.fields(Manifest)
        if getattr(WHOLE, field.name) == field.default and field.name != "format"
    }, "the test leaves something out"
    assert Manifest.read(json.loads(encode(WHOLE))) == WHOLE
    assert WHOLE.blobs() == {"a" * 64, "b" * 64, "c" * 64, "d" * 64, "e" * 64}
    assert BundleState.read(json.loads(encode(BundleState(groups=[GROUP])))).groups == [GROUP]


def test_defaults_are_those_of_the_model_and_unknown_fields_are_ignored() -> None:
    least = {
        "format": 1,
        "id": "i",
        "kernel_id": "k",
        "operation": "Cell run",
        "code": "",
        "created_at": 1,
        "python": {"executable": "p", "version": "3"},
        "cell": {"source": ""},
        "more": {},
    }
    found = Manifest.read(least)
    assert (found.operation, found.groups, found.amends) == (Operation.CELL_RUN, [], False)
    assert type(found.created_at) is float


@pytest.mark.parametrize("kind", [Manifest, BundleState])
@pytest.mark.parametrize("number", [2, 10**9])
def test_a_newer_format_is_refused_in_words(kind: Any, number: int) -> None:
    with pytest.raises(NewerFormat, match=rf"format {number}, .* newer version\. Upgrade"):
        kind.read({"format": number, "whatever": 1})


@pytest.mark.parametrize("number", [0, -1, True, 1.0, "1", None, [2]])
def test_what_is_no_format_is_refused(number: Any) -> None:
    with pytest.raises(Malformed, match="format"):
        BundleState.read({"format": number, "groups": []})


WRONG: dict[str, tuple[Any, str]] = {
    "no object": ([], "it: is not an object"),
    "missing": ({"names": [], "size": 1}, "pickle: is missing"),
    "text": ({"names": "x", "pickle": "", "size": 1}, "names: is not a list"),
    "item": ({"names": ["x", None], "pickle": "", "size": 1}, "names.1: is not text"),
    "number": ({"names": [], "pickle": "", "size": "1"}, "size: is not an integer"),
    "bool": ({"names": [], "pickle": "", "size": True}, "size: is not an integer"),
    "large": ({"names": [], "pickle": "", "size": 2**63}, "size: is not an integer of 64 bits"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_told_by_its_place(name: str) -> None:
    data, words = WRONG[name]
    with pytest.raises(Malformed) as caught:
        decode(Group, data)
    assert str(caught.value).startswith(words)


def test_what_has_no_json_form_is_not_written() -> None:
    for example in (object(), float("nan"), {1, 2}, sys):
        with pytest.raises((TypeError, ValueError)):
            encode(VariableInfo(name="x", type="t", example=example))


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ('{"format": 2, "groups": []}', FailedPrecondition, "newer version. Upgrade"),
        ('{"format": 1, "groups": [{}]}', DataLoss, "groups.0.names: is missing"),
        ('{"format": 1}', DataLoss, "groups: is missing"),
        ("[", DataLoss, "broken"),
    ],
)
def test_a_node_tells_what_is_wrong_with_its_state(
    tmp_path: Path, text: str, error: type[Exception], words: str
) -> None:
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(error) as caught:
        worker_state.restore(tmp_path, {})
    assert words in str(caught.value)
    with pytest.raises(ValueError):  # noqa: PT011 - both are
        read_state(tmp_path)
