"""Another package that brings a backend, as pip would leave it."""

from __future__ import annotations

from pathlib import Path

TINY = """\
from jupyter_node_deploy.backends.base import Capabilities
from jupyter_node_deploy.backends.process.backend import ProcessBackend


class Tiny(ProcessBackend):
    @classmethod
    async def create(cls, home, settings):
        self = await super().create(home, settings)
        self.settings = settings
        return self

    def capabilities(self):
        return Capabilities("tiny", missing={"docker": str(self.settings.config.Tiny.why)})
"""


def install(
    site: Path, source: str = TINY, *, name: str = "tiny", package: str = "tiny_nodes"
) -> None:
    """Write a package whose module has the backend's class, ``Tiny``, and its metadata."""
    (site / f"{package}.py").write_text(source)
    about = site / f"{package}-1.2.dist-info"
    about.mkdir()
    (about / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {package}\nVersion: 1.2\n")
    entry = f"[jupyter_node_deploy.backends]\n{name} = {package}:Tiny\n"
    (about / "entry_points.txt").write_text(entry)
