"""The server as somebody who is not root but in the engine's group: all of it again, in short."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import docker
import pytest

HERE = Path(__file__).parent
SOCKET = Path("/var/run/docker.sock")
USER = "64321"
#: A cell with packages, its socket behind the gateway's container, an image, what is left behind.
TESTS = (
    "test_environments.py::test_settings_are_carried_but_no_secret_is_left",
    "test_gateway.py::test_cells_answer_without_the_control_plane",
    "test_images.py::test_remove_leaves_nothing",
)


@pytest.mark.skipif(os.getuid() != 0, reason="all tests run as such a user")
@pytest.mark.timeout(300)
def test_a_server_that_is_not_root(engine: docker.DockerClient, base_image: str) -> None:
    home = tempfile.mkdtemp(prefix="jnd-user-")
    os.chown(home, int(USER), int(USER))
    # This interpreter and its packages may lie where only root can read, so that alone is granted.
    may_read = ["--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"]
    be = ["setpriv", "--reuid", USER, "--regid", USER, "--groups", str(SOCKET.stat().st_gid)]
    options = ["-q", "-n0", "-p", "no:cacheprovider", f"--confcutdir={HERE}"]
    tests = [str(HERE / one) for one in TESTS]
    try:
        done = subprocess.run(  # noqa: PLW1510 - the output tells more
            [*be, *may_read, sys.executable, "-m", "pytest", *options, *tests],
            env={**os.environ, "HOME": home, "TMPDIR": home, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=HERE.parents[1],
            capture_output=True,
            text=True,
        )
    finally:
        shutil.rmtree(home)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    assert f"{len(TESTS)} passed" in done.stdout
