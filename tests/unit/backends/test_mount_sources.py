"""What of this machine instances may see."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from jupyter_node_deploy.backends import mount_sources
from jupyter_node_deploy.backends.mount_sources import require_mounts, unfit
from jupyter_node_deploy.errors import FailedPrecondition
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.specs import Mount


@pytest.fixture
def home(tmp_path: Path) -> Home:
    found = Home(tmp_path / "user" / "node_deploy")
    found.root.mkdir(parents=True)
    found.create()
    return found


def reason(mount: Mount, home: Home) -> str:
    return getattr(unfit(mount, home), "reason", "")


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("data", ""),
        ("nothing", "MOUNT_MISSING"),
        ("root", "MOUNT_OF_ROOT"),
        ("user/node_deploy", "MOUNT_OF_KEYS"),
        ("user/node_deploy/keys", "MOUNT_OF_KEYS"),
        ("user", "MOUNT_OF_KEYS"),
        ("link", "MOUNT_OF_KEYS"),
        ("run", "MOUNT_OF_KEYS"),
        ("run/docker.sock", "MOUNT_OF_KEYS"),
        ("loop", "MOUNT_MISSING"),
    ],
)
def test_what_may_be_mounted(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str, told: str
) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "root").symlink_to("/")
    (tmp_path / "link").symlink_to(home.keys)
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "docker.sock").touch()
    monkeypatch.setattr(mount_sources, "_ENGINES", (str(tmp_path / "run" / "docker.sock"),))
    assert reason(Mount(source=str(tmp_path / path), target="/data"), home) == told


@pytest.mark.parametrize(("may", "read_only"), [(0, True), (os.R_OK | os.X_OK, False)])
def test_it_gives_no_more_than_its_owner_has(
    home: Home, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, may: int, read_only: bool
) -> None:
    place = tmp_path / "data"
    place.mkdir()
    mount = Mount(source=str(place), read_only=read_only)
    assert reason(mount, home) == ""

    def access(path: Any, mode: int, **_: Any) -> bool:
        return mode & may == mode

    monkeypatch.setattr(os, "access", access)
    assert reason(mount, home) == "MOUNT_NOT_ALLOWED"


def test_a_link_that_leads_elsewhere_since_is_seen_at_the_start(home: Home, tmp_path: Path) -> None:
    place = tmp_path / "data"
    place.mkdir()
    mount = Mount(source=str(place))
    require_mounts([mount], home)
    place.rmdir()
    place.symlink_to(home.keys)
    with pytest.raises(FailedPrecondition):
        require_mounts([mount], home)
