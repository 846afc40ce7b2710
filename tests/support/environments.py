"""Kernels' environments as users have them, made without a network where that is possible."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

#: Of a package with a data file.
CODE = """\
from importlib.resources import files


def rate():
    return int((files(__name__) / "data" / "rate.txt").read_text())
"""


@dataclass(frozen=True)
class Environment:
    """A virtual environment.

    Attributes:
        root: its prefix.
    """

    root: Path

    @property
    def python(self) -> Path:
        """The interpreter."""
        return self.root / "bin" / "python"

    @property
    def site(self) -> Path:
        """The directory of its packages."""
        [found] = self.root.glob("lib/python3.*/site-packages")
        return found

    def install(self, *, installer: str, url: str = "", folder: Path | None = None) -> None:
        """Put the package there as an installer does.

        Args:
            installer: its name.
            url: where the package came from, if not from an index.
            folder: where its files are, if it is installed in place.
        """
        info = self.site / "shop_rates-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: shop-rates\nVersion: 1.2\n")
        (info / "WHEEL").write_text("Wheel-Version: 1.0\nTag: py3-none-any\n")
        (info / "INSTALLER").write_text(f"{installer}\n")
        if url:
            direct = {"url": url, "dir_info": {"editable": True} if folder else {}}
            (info / "direct_url.json").write_text(json.dumps(direct))
        if folder:
            (self.site / "_shop_rates.pth").write_text(str(folder))
        else:
            write_package(self.site)
        files = [one for one in self.site.rglob("*shop_rates*/**/*") if one.is_file()]
        files += self.site.glob("_shop_rates.pth")
        lines = [f"{one.relative_to(self.site)},,\n" for one in files]
        (info / "RECORD").write_text("".join(lines))

    def kernel(self, data: Path, name: str, **env: str) -> None:
        """Register it as a kernel below Jupyter's data directory."""
        spec = {
            "argv": [str(self.python), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "display_name": name,
            "language": "python",
            "env": env,
        }
        place = data / "kernels" / name / "kernel.json"
        place.parent.mkdir(parents=True)
        place.write_text(json.dumps(spec))


def make(root: Path) -> Environment:
    """Make one without pip, as uv does, that sees the packages of the tests' own."""
    made = bare(root, sys.executable)
    (made.site / "tests.pth").write_text(sysconfig.get_path("purelib"))
    return made


def bare(root: Path, python: str) -> Environment:
    """Make one of an interpreter, with nothing that the interpreter has not."""
    command = [python, "-m", "venv", "--without-pip", "--system-site-packages", str(root)]
    subprocess.run(command, check=True)
    return Environment(root)


def write_package(folder: Path) -> None:
    """Write the package's code and data file."""
    (folder / "shop_rates" / "data").mkdir(parents=True)
    (folder / "shop_rates" / "__init__.py").write_text(CODE)
    (folder / "shop_rates" / "data" / "rate.txt").write_text("12")


def interpreter(version: str) -> str | None:
    """Return a CPython of that version, None when there is none on this machine."""
    candidates = [Path(found)] if (found := shutil.which(f"python{version}")) else []
    candidates += Path.home().glob(f".pyenv/versions/{version}.*/bin/python")
    for one in candidates:
        told = subprocess.run([one, "-V"], capture_output=True, text=True, check=False)
        if told.stdout.startswith(f"Python {version}."):
            return str(one)
    return None
