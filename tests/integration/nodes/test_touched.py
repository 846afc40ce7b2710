"""What a cell reads of this machine: offered, mounted, named; packages that it loads by the way."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from jupyter_node_deploy.errors import FailedPrecondition, InvalidArgument
from jupyter_node_deploy.namespace.touched import Touched
from jupyter_node_deploy.specs import Mount, NodeCreate

from .conftest import ControlPlane, form


async def test_a_file_beside_the_notebook_is_offered_and_named(
    plane: ControlPlane, tmp_path: Path
) -> None:
    (tmp_path / "rates.csv").write_text("12")
    (tmp_path / ".env").write_text("PASSWORD=x")
    cell = "y = open('rates.csv').read()\ntry: z = open('.env').read()\nexcept OSError: z = ''"
    checkpoint = await plane.checkpoint(cell, results={"y": "12"}, cwd=tmp_path)
    found = await plane.forms.suggest(checkpoint)
    assert found.node.cell is not None
    assert found.node.cell.files == ["rates.csv"]
    assert any("'.env', which may hold a secret" in one for one in found.warnings)
    with pytest.raises(FailedPrecondition) as caught:
        await plane.nodes.create(form("reader", checkpoint, [], ["y:str"]))
    assert "add it to the extra files (--file rates.csv)" in caught.value.message
    tried = await plane.nodes.validate(form("reader", checkpoint, [], ["y:str"]))
    assert not tried.ok
    assert "--file rates.csv" in tried.warnings[0]
    made = await plane.nodes.create(form("reader", checkpoint, [], ["y:str"], files=["rates.csv"]))
    assert made.warnings == []
    assert made.touched is not None
    assert made.touched.files == []


async def test_a_file_that_was_changed_since_the_checkpoint_is_told(
    plane: ControlPlane, tmp_path: Path
) -> None:
    (tmp_path / "rates.csv").write_text("12")
    checkpoint = await plane.checkpoint("y = open('rates.csv').read()", cwd=tmp_path)
    assert not [
        one for one in (await plane.forms.suggest(checkpoint)).warnings if "rates.csv" in one
    ]
    await asyncio.sleep(0.05)
    (tmp_path / "rates.csv").write_text("120")
    told = "The file 'rates.csv' goes along as it is now: it was changed after the checkpoint"
    assert any(one.startswith(told) for one in (await plane.forms.suggest(checkpoint)).warnings)
    made = await plane.nodes.create(form("reader", checkpoint, [], ["y:str"], files=["rates.csv"]))
    assert any(one.startswith(told) for one in made.warnings)


async def test_a_file_elsewhere_is_told_until_it_is_mounted(
    plane: ControlPlane, tmp_path: Path
) -> None:
    place = tmp_path / "data" / "rates.csv"
    place.parent.mkdir()
    place.write_text("12")
    checkpoint = await plane.checkpoint(f"y = open({str(place)!r}).read()")
    told = f"The cell reads '{place}', which is outside of the node"

    def asked(*mounts: Mount) -> NodeCreate:
        return form("reader", checkpoint, [], ["y:str"], mounts=list(mounts))

    tried = await plane.nodes.validate(asked())
    assert tried.ok
    assert tried.touched is not None
    known = {"modules": tried.touched.modules, "libraries": tried.touched.libraries}
    assert tried.touched == Touched(files=[str(place)], **known)
    assert any(one.startswith(told) for one in tried.warnings)
    made = await plane.nodes.create(asked())
    assert any(one.startswith(told) for one in made.warnings)
    [revision] = await plane.nodes.revisions("reader")
    assert any(one.startswith(told) for one in revision.warnings)
    assert revision.touched == made.touched
    await plane.nodes.delete("reader")

    mount = Mount(source=str(place.parent))
    made = await plane.nodes.create(asked(mount).model_copy(update={"name": "mounted"}))
    assert made.warnings == []
    await plane.nodes.wait("mounted", timeout=60)
    assert (await plane.nodes.instances.execute("mounted", {}))[1] == {"output": {"y": "12"}}


async def test_a_mount_that_can_not_be_is_refused(plane: ControlPlane, tmp_path: Path) -> None:
    checkpoint = await plane.checkpoint("y = 1")
    (tmp_path / "beside").mkdir()
    for mount, path, told in (
        (
            Mount(source="/nowhere/at/all"),
            "cell.mounts.0.source",
            "nothing to mount at '/nowhere/at/all'",
        ),
        (
            Mount(source=str(tmp_path / "beside"), target="/data"),
            "cell.mounts.0.target",
            "a mount's target is its source",
        ),
    ):
        with pytest.raises(InvalidArgument) as caught:
            await plane.nodes.create(form("m", checkpoint, [], ["y:int"], mounts=[mount]))
        assert caught.value.details[0]["path"] == path
        assert told in caught.value.details[0]["message"]


async def test_an_instance_does_not_start_without_its_mount(
    plane: ControlPlane, tmp_path: Path
) -> None:
    place = tmp_path / "data"
    place.mkdir()
    checkpoint = await plane.checkpoint("y = 1")
    mount = Mount(source=str(place))
    made = await plane.nodes.create(form("m", checkpoint, [], ["y:int"], mounts=[mount]))
    await plane.nodes.wait(made.id, timeout=60)
    await plane.nodes.suspend(made.id)
    place.rmdir()
    await plane.nodes.resume(made.id)
    async with asyncio.timeout(60):
        told = ""
        while f"nothing to mount at '{place}'" not in told:
            await asyncio.sleep(0.1)
            told = (await plane.nodes.get(made.id)).reason


@pytest.mark.parametrize("way", ["import lazy_reader", "__import__('lazy' + '_reader')"])
async def test_what_a_run_loads_is_required(
    plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    """A package that another one loads when it is called, as pandas does with openpyxl."""
    site = tmp_path / "extra" / "site-packages"
    for name, source, direct in (
        ("eager", f"def read():\n    {way}\n    return 1\n", ""),
        ("lazy_reader", "", ""),
        ("of_a_folder", "", '{"url": "file:///gone", "dir_info": {}}'),
    ):
        info = site / f"{name}-1.dist-info"
        info.mkdir(parents=True)
        (site / f"{name}.py").write_text(source)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        (info / "RECORD").write_text(f"{name}.py,,\n{name}-1.dist-info/METADATA,,\n")
        if direct:
            (info / "direct_url.json").write_text(direct)
    monkeypatch.setenv("PYTHONPATH", f"{site}:{':'.join(sys.path)}")
    monkeypatch.syspath_prepend(site)
    cell = "import eager, of_a_folder\ny = eager.read()"
    checkpoint = await plane.checkpoint(cell, info={"modules": ["eager", "of_a_folder"]})
    found = await plane.forms.suggest(checkpoint)
    assert found.node.cell is not None
    suggested = found.node.cell.requirements
    assert suggested == ["eager==1", "of_a_folder @ file:///gone"]
    made = await plane.nodes.create(form("m", checkpoint, [], ["y:int"], requirements=suggested))
    assert made.cell is not None
    assert made.cell.requirements == [*suggested, "lazy_reader==1"]
    bundle = plane.home.bundles / made.id / "1"
    lines = (bundle / "requirements.txt").read_text().splitlines()
    assert lines == ["eager==1", "./wheels/of_a_folder-1-py3-none-any.whl", "lazy_reader==1"]
    assert (bundle / "wheels" / "of_a_folder-1-py3-none-any.whl").is_file()
    # What the user has taken out stays out.
    made = await plane.nodes.create(form("n", checkpoint, [], ["y:int"], requirements=[]))
    assert made.cell is not None
    assert made.cell.requirements == ["lazy_reader==1"]
    assert json.loads((bundle / "node.json").read_text())["node"]["name"] == "m"
