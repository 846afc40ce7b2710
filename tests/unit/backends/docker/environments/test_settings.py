"""What an install in a container gets to know of this machine."""

from __future__ import annotations

import configparser
import os
import sys
from pathlib import Path

import pytest

from jupyter_node_deploy.backends.docker.environments import settings
from jupyter_node_deploy.backends.docker.environments.settings import InstallSettings


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A user's home without any settings."""
    for name in os.environ:
        if name.upper().startswith(("PIP_", "UV_")) or name.upper().endswith("_PROXY"):
            monkeypatch.delenv(name)
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "NETRC"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "venv"))
    monkeypatch.setattr(settings, "_SYSTEM", ())
    return tmp_path


def options(known: InstallSettings) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    parser.read_string(known.pip_conf.decode())
    return dict(parser["global"])


def test_nothing_is_set() -> None:
    assert settings.read() == InstallSettings()


def test_the_environment_overrides_files(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "config" / "pip").mkdir(parents=True)
    (machine / "config" / "pip" / "pip.conf").write_text(
        "[global]\nindex-url = https://a.example/simple\ntarget = /elsewhere\n"
        "[install]\nextra-index-url = https://b.example/simple\n    https://c.example/simple\n"
    )
    monkeypatch.setenv("PIP_INDEX_URL", "https://d.example/simple")
    found = options(settings.read())
    assert found["index-url"] == "https://d.example/simple"
    assert found["extra-index-url"].split() == [
        "https://b.example/simple",
        "https://c.example/simple",
    ]
    assert "target" not in found  # it would put packages elsewhere


def test_uv_says_what_pip_does_not(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "config" / "uv").mkdir(parents=True)
    (machine / "config" / "uv" / "uv.toml").write_text(
        '[[index]]\nurl = "https://a.example/simple"\ndefault = true\n'
        '[[index]]\nurl = "https://b.example/simple"\n'
    )
    monkeypatch.setenv("UV_INDEX", "named=https://c.example/simple")
    found = options(settings.read())
    assert found["index-url"] == "https://a.example/simple"
    assert found["extra-index-url"].split() == [
        "https://c.example/simple",
        "https://b.example/simple",
    ]


def test_files_and_directories_come_along(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine / "ca.pem").write_text("certificate")
    (machine / ".netrc").write_text("machine a")
    (machine / "index" / "simple").mkdir(parents=True)
    monkeypatch.setenv("PIP_CERT", str(machine / "ca.pem"))
    monkeypatch.setenv("PIP_INDEX_URL", f"file://{machine}/index/simple")
    monkeypatch.setenv("PIP_FIND_LINKS", str(machine / "gone"))
    known = settings.read()
    assert known.files == {"ca.pem": b"certificate", "netrc": b"machine a"}
    assert options(known) == {"cert": "/build/ca.pem", "index-url": "file:///packages/0/simple"}
    assert known.mounts == {machine / "index": "/packages/0"}


@pytest.mark.parametrize("host", ["localhost:3141", "user:word@127.0.0.1:3141", "[::1]:3141"])
def test_an_index_on_loopback_needs_the_hosts_network(
    host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not settings.read().host_network
    monkeypatch.setenv("PIP_INDEX_URL", f"http://{host}/simple")
    assert settings.read().host_network


def test_credentials_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:word@a.example/simple")
    monkeypatch.setenv("HTTPS_PROXY", "http://user:word@proxy.example:3128")
    known = settings.read()
    assert "word" not in repr(known)
    assert "word" not in str(known.fingerprint)
    assert known.conceal("see https://user:word@a.example/x") == "see https://****@a.example/x"
    assert b"user:word@" in known.pip_conf
