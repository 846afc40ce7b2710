"""Wheels of what was installed from this machine, packed from the installed files."""

from __future__ import annotations

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from jupyter_node_deploy.distributions import wheels
from jupyter_node_deploy.errors import FailedPrecondition


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A site directory with an installed package: code, data, a program, bytecode."""
    site = tmp_path / "site-packages"
    info = site / "my_rates-1.2.dist-info"
    files = {
        "rates/__init__.py": "from importlib.resources import files\n"
        "def rate(): return int((files('rates') / 'data' / 'rate.txt').read_text())\n",
        "rates/data/rate.txt": "12",
        "rates/__pycache__/__init__.cpython-312.pyc": "",
        "my_rates-1.2.dist-info/METADATA": "Metadata-Version: 2.1\nName: my-rates\nVersion: 1.2\n",
        "my_rates-1.2.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\n"
        "Tag: py2-none-any\nTag: py3-none-any\n",
        "my_rates-1.2.dist-info/direct_url.json": '{"url": "file:///gone", "dir_info": {}}',
    }
    for name, text in files.items():
        place = site / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "rates").write_text("#!/usr/bin/python3\n")
    lines = [f"{name},," for name in (*files, "../bin/rates", "rates/gone.py")]
    (info / "RECORD").write_text("\n".join(lines) + "\n")
    return site


def test_it_has_the_data_files_and_works(site: Path, tmp_path: Path) -> None:
    packed = wheels.pack("My.Rates", [str(site)], tmp_path / "wheels")
    assert packed.name == "my_rates-1.2-py2.py3-none-any.whl"
    with zipfile.ZipFile(packed) as archive:
        names = archive.namelist()
    assert not [one for one in names if "bin" in one or "pycache" in one or "direct_url" in one]
    shutil.rmtree(site)
    code = f"import sys; sys.path.insert(0, {str(packed)!r}); import rates; print(rates.rate())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert done.stdout.strip() == b"12"


def test_the_same_files_make_the_same_wheel(site: Path, tmp_path: Path) -> None:
    first, second = (wheels.pack("my-rates", [str(site)], tmp_path / one) for one in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_what_is_not_there_is_refused(site: Path, tmp_path: Path) -> None:
    with pytest.raises(FailedPrecondition, match="'nothing' was installed from a folder"):
        wheels.pack("nothing", [str(site)], tmp_path / "wheels")
    shutil.rmtree(site / "rates")
    (site / "__editable___my_rates_finder.py").write_text("")
    record = site / "my_rates-1.2.dist-info" / "RECORD"
    record.write_text(record.read_text() + "__editable___my_rates_finder.py,,\n")
    with pytest.raises(FailedPrecondition, match="'my-rates' was installed from a folder"):
        wheels.pack("my-rates", [str(site)], tmp_path / "wheels")


@pytest.mark.parametrize(
    ("requirement", "name"),
    [
        ("my-rates @ file:///src/rates", "my-rates"),
        ("my.rates[fast] @ file:///src/rates.whl", "my.rates"),
        ("my-rates==1.2", ""),
        ("my-rates @ git+https://example.org/rates@abc", ""),
        ("# my-rates @ file:///x", ""),
    ],
)
def test_which_requirements_are_of_this_machine(requirement: str, name: str) -> None:
    assert wheels.is_of_this_machine(requirement) == name
