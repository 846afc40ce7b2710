"""Files and directories of the machine that a node's instances see."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, Field, model_validator

from .fields import Strict

#: Where instances have what is ours, or the system's.
_RESERVED = (
    *("/proc", "/sys", "/dev", "/etc", "/usr", "/bin", "/sbin", "/lib", "/lib64", "/boot"),
    *("/bundle", "/runtime", "/run", "/var/run", "/opt/environment"),
)
_TMP = PurePosixPath("/tmp")  # noqa: S108 - in the instances


def _absolute(path: str) -> str:
    if not path.startswith("/") or "\0" in path or ".." in PurePosixPath(path).parts:
        raise ValueError("give an absolute path without '..'")
    path = str(PurePosixPath("/" + path.lstrip("/")))  # it keeps two slashes as another root
    if path == "/":
        raise ValueError("the root of the file system can't be mounted")
    return path


AbsolutePath = Annotated[str, Field(max_length=4096), AfterValidator(_absolute)]


class Mount(Strict):
    """A file or directory of this machine that the instances see."""

    source: AbsolutePath = Field(description="Absolute path on this machine.")
    target: AbsolutePath = Field(
        default="",
        description="Absolute path in the instances; the source's if empty.",
        validate_default=False,
    )
    read_only: bool = Field(default=True, description="Whether instances may not write to it.")

    @model_validator(mode="before")
    @classmethod
    def _same_path(cls, given: object) -> object:
        if isinstance(given, dict) and not given.get("target") and "source" in given:
            return {**given, "target": given["source"]}
        return given

    @model_validator(mode="after")
    def _leaves_the_system_alone(self) -> Mount:
        target = PurePosixPath(self.target)
        for place in _RESERVED:
            if target.is_relative_to(place):
                raise ValueError(f"{self.target} is taken in the instances: nothing under {place}")
            if PurePosixPath(place).is_relative_to(target):
                raise ValueError(f"{self.target} would hide {place} of the instances")
        if target == _TMP:
            raise ValueError(f"{target} is taken in the instances: name a directory in it")
        return self

    def covers(self, path: str) -> bool:
        """Tell whether it brings a file of that path into the instances."""
        return PurePosixPath(path).is_relative_to(self.target)


def _each_once(mounts: list[Mount]) -> list[Mount]:
    targets = [mount.target for mount in mounts]
    if twice := sorted({one for one in targets if targets.count(one) > 1}):
        raise ValueError(f"mounted twice: {', '.join(twice)}")
    return mounts


Mounts = Annotated[list[Mount], Field(max_length=100), AfterValidator(_each_once)]
