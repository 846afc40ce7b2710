import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from jupyter_node_deploy.access.keys import public_key_path, read_or_create, signing_key
from jupyter_node_deploy.errors import DataLoss


def public(key):
    return key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def test_key_is_made_once(home):
    key = signing_key(home)
    assert public(signing_key(home)) == public(key)
    assert public_key_path(home).read_bytes() == public(key)
    assert stat.S_IMODE((home.keys / "signing.pem").stat().st_mode) == 0o600
    assert sorted(path.name for path in home.keys.iterdir()) == ["signing.pem"]


def test_processes_that_start_at_once_share_the_key(home):
    script = (
        "import sys; from pathlib import Path; from jupyter_node_deploy.home import Home;"
        "from jupyter_node_deploy.access.keys import signing_key;"
        "print(signing_key(Home(Path(sys.argv[1]))).private_numbers().private_value)"
    )
    command = [sys.executable, "-c", script, str(home.root)]
    processes = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(4)
    ]
    answers = {process.communicate(timeout=60) for process in processes}
    assert len(answers) == 1, answers
    assert signing_key(home).private_numbers().private_value == int(answers.pop()[0])


def test_threads_that_create_at_once_share_the_content(tmp_path):
    for attempt in range(20):
        path = tmp_path / f"key{attempt}"
        with ThreadPoolExecutor(4) as pool:
            found = set(pool.map(lambda n: read_or_create(path, lambda: b"%d" % n), range(4)))  # noqa: B023
        assert found == {path.read_bytes()}


def test_public_half_follows_the_private_one(home):
    signing_key(home)
    (home.keys / "signing.pem").unlink()
    key = signing_key(home)
    assert public_key_path(home).read_bytes() == public(key)


@pytest.mark.parametrize("kind", ["garbage", "empty", "rsa"])
def test_damaged_key_is_told(home, kind):
    content = {"garbage": b"no key", "empty": b""}.get(kind)
    if content is None:
        content = rsa.generate_private_key(65537, 2048).private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    (home.keys / "signing.pem").write_bytes(content)
    with pytest.raises(DataLoss, match=r"signing\.pem"):
        signing_key(home)
    assert (home.keys / "signing.pem").read_bytes() == content  # not overwritten
