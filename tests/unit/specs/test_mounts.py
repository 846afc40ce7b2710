"""What may be mounted, and where."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from jupyter_node_deploy.specs.mounts import Mount, Mounts


@pytest.mark.parametrize(
    ("source", "target"),
    [
        *(("/", ""), ("//", ""), ("///", ""), ("/./", ""), ("data", ""), ("/a/../..", "")),
        *(("/data", "/"), ("/data", "//"), ("/data", "/etc"), ("/data", "//etc/x")),
        *(("/data", "///usr/lib"), ("/data", "/./proc"), ("/data", "/var/run/x")),
        *(("/data", "/opt"), ("/data", "/var"), ("/data", "/tmp"), ("/data", "//tmp/")),
    ],
)
def test_what_is_the_systems_or_ours_is_refused(source: str, target: str) -> None:
    with pytest.raises(ValidationError):
        Mount(source=source, target=target)


def test_slashes_make_no_other_path() -> None:
    mount = Mount(source="//data//x/", target="//srv/x")
    assert (mount.source, mount.target, mount.covers("/srv/x/y")) == ("/data/x", "/srv/x", True)
    twice: list[Any] = [{"source": "/data"}, {"source": "/other", "target": "//data"}]
    with pytest.raises(ValidationError, match="mounted twice"):
        TypeAdapter(Mounts).validate_python(twice)
