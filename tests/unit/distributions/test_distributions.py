"""Distributions behind modules, read by an interpreter from metadata only."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from jupyter_node_deploy.distributions.distributions import Distributions
from jupyter_node_deploy.namespace.manifest import PythonInfo


def install(
    site: Path, name: str, version: str, modules: list[str], requires: list[str], url: str = ""
) -> None:
    """Write a distribution's metadata as pip does; its modules raise when imported."""
    site.mkdir(exist_ok=True)
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir()
    lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
    lines += [f"Requires-Dist: {line}" for line in requires]
    (info / "METADATA").write_text("\n".join(lines) + "\n")
    for module in modules:
        (site / module).mkdir()
        (site / module / "__init__.py").write_text("raise SystemExit('imported')")
    records = [f"{module}/__init__.py,," for module in modules]
    (info / "RECORD").write_text("\n".join([*records, f"{info.name}/METADATA,,"]) + "\n")
    if url:
        (info / "direct_url.json").write_text(json.dumps({"url": url, "dir_info": {}}))


@pytest.fixture
def site(tmp_path: Path) -> Path:
    site = tmp_path / "site-packages"
    install(
        site,
        "scikit-thing",
        "1.2",
        ["skthing"],
        ["Core.Lib>=1", "win-only; sys_platform == 'win32'", "plots; extra == 'plot'", "x[fast]"],
    )
    install(site, "core_lib", "3.0", ["corelib"], ["scikit-thing"])
    install(site, "plots", "1.0", ["plots"], [])
    install(site, "x", "0.1", ["x"], ["speed; extra == 'fast'"])
    install(site, "speed", "9", ["speed"], [])
    install(site, "unrelated", "5", ["unrelated"], [])
    install(site, "mine", "0.0.1", ["mine"], ["x"], url="file:///src/mine")
    return site


def python(*path: Path) -> PythonInfo:
    return PythonInfo(executable=sys.executable, version="3", path=[str(one) for one in path])


async def test_exact_versions_closed_under_dependencies(site: Path) -> None:
    found = await Distributions().behind(python(site), ["skthing", "json", "nowhere"])
    assert found.exact == ["core_lib==3.0", "scikit-thing==1.2", "speed==9", "x==0.1"]
    assert (found.unknown, found.local, found.warning) == (["nowhere"], [], "")


async def test_what_was_installed_from_this_machine_is_told_apart(site: Path) -> None:
    found = await Distributions().behind(python(site), ["mine"])
    assert found.exact == ["mine @ file:///src/mine", "x==0.1"]
    assert found.local == []
    direct = {"url": "file:///src/mine", "dir_info": {"editable": True}}
    (site / "mine-0.0.1.dist-info" / "direct_url.json").write_text(json.dumps(direct))
    found = await Distributions().behind(python(site), ["mine"])
    assert found.exact == ["x==0.1"]
    assert found.local == ["mine 0.0.1 (file:///src/mine)"]


async def test_what_is_in_place_is_found_by_its_folder(site: Path, tmp_path: Path) -> None:
    """As hatchling, flit and uv install it: a ``.pth`` file is all that is listed."""
    install(site, "shop", "1", [], ["x"])
    (tmp_path / "src" / "shop_rates").mkdir(parents=True)
    (tmp_path / "src" / "shop_rates" / "__init__.py").write_text("raise SystemExit('imported')")
    (site / "_shop.pth").write_text(f"{tmp_path / 'src'}\n")
    info = site / "shop-1.dist-info"
    (info / "RECORD").write_text("_shop.pth,,\nshop-1.dist-info/METADATA,,\n")
    direct = {"url": "file:///src/shop", "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(direct))
    found = await Distributions().behind(python(site), ["shop_rates"])
    assert (found.exact, found.local) == (["x==0.1"], ["shop 1 (file:///src/shop)"])


async def test_imports_of_local_modules_count(site: Path, tmp_path: Path) -> None:
    utils = tmp_path / "blob"
    utils.write_text("import unrelated.part\ndef f():\n    from x import y\n    from . import z\n")
    found = await Distributions().behind(python(site), [], [utils])
    assert found.exact == ["unrelated==5", "x==0.1"]


async def test_the_first_on_the_path_wins(site: Path, tmp_path: Path) -> None:
    install(tmp_path / "user", "unrelated", "6", ["unrelated"], [])
    found = await Distributions().behind(python(tmp_path / "user", site), ["unrelated"])
    assert found.exact == ["unrelated==6"]


async def test_answers_are_remembered_until_something_is_installed(site: Path) -> None:
    distributions = Distributions()
    first = await distributions.behind(python(site), ["later"])
    assert first.unknown == ["later"]
    assert await distributions.behind(python(site), ["later"]) is first
    install(site, "later", "1", ["later"], [])
    assert (await distributions.behind(python(site), ["later"])).exact == ["later==1"]


async def test_an_interpreter_that_is_gone_is_a_warning(tmp_path: Path) -> None:
    gone = PythonInfo(executable=str(tmp_path / "python"), version="3")
    found = await Distributions().behind(gone, ["numpy"])
    assert found.exact == []
    assert "is gone" in found.warning
    assert "by hand" in found.warning


async def test_an_interpreter_that_fails_is_a_warning() -> None:
    bad = PythonInfo(executable="/bin/false", version="3")
    assert "failed" in (await Distributions().behind(bad, ["numpy"])).warning


async def test_what_conda_has_installed_is_told_by_its_version(site: Path) -> None:
    install(site, "frame", "2", ["frame"], [], url="file:///home/conda/feedstock_root/b/frame")
    install(site, "other", "3", ["other"], [], url="file:///work/elsewhere")
    (site / "other-3.dist-info" / "INSTALLER").write_text("conda\n")
    found = await Distributions().behind(python(site), ["frame", "other"])
    assert found.exact == ["frame==2", "other==3"]


@pytest.mark.parametrize(
    ("modules", "text", "expected"),
    [
        (["google.one"], "", ["google-one==1"]),
        (["google"], "from google import two", ["google-two==2"]),
        (["google"], "import google.one.part as p", ["google-one==1"]),
        (["google"], "", []),
    ],
)
async def test_of_a_namespace_only_what_is_used(
    site: Path, modules: list[str], text: str, expected: list[str]
) -> None:
    for number, name in enumerate(("one", "two"), 1):
        install(site, f"google-{name}", str(number), [], [])
        part = site / "google" / name
        part.mkdir(parents=True)
        (part / "__init__.py").write_text("raise SystemExit('imported')")
        info = site / f"google_{name}-{number}.dist-info"
        (info / "RECORD").write_text(f"google/{name}/__init__.py,,\n")
    found = await Distributions().behind(python(site), modules, text=text)
    assert (found.exact, found.unknown) == (expected, [])
