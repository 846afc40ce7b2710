"""Packages behind shared libraries of the system."""

from __future__ import annotations

import shutil
import subprocess
from types import SimpleNamespace

import pytest

from jupyter_node_deploy.distributions import libraries

PLACE = "/usr/lib/x86_64-linux-gnu"


def test_what_is_everywhere_is_left_out() -> None:
    usual = ("libc.so.6", "libstdc++.so.6.0.33", "libbz2.so.1.0.4", "ld-linux-x86-64.so.2")
    drivers = ("libpython3.12.so.1.0", "libcuda.so.550.54", "libnvidia-ml.so.1", "libz.so.1.2.13")
    assert libraries.packages(f"{PLACE}/{name}" for name in usual + drivers) == {}


def test_debian_says_what_brings_a_library(monkeypatch: pytest.MonkeyPatch) -> None:
    told = (
        "libgomp1:amd64: /usr/lib/x86_64-linux-gnu/libgomp.so.1.0.0\n"
        "libgeos3.11.1:amd64: /lib/x86_64-linux-gnu/libgeos-3.11.1.so\n"
        "a, b: /usr/lib/x86_64-linux-gnu/libtwo.so.2\n"
    )
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=told))
    names = ("libgomp.so.1.0.0", "libgeos-3.11.1.so", "libtwo.so.2", "libown.so.7.1")
    assert libraries.packages(f"{PLACE}/{name}" for name in names) == {
        "libgomp.so.1": "libgomp1",
        "libgeos-3.11.1.so": "libgeos3.11.1",
        "libtwo.so.2": "a",
        "libown.so.7": "",
    }


def test_the_best_known_without_dpkg(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    found = libraries.packages(["/usr/lib64/libgomp.so.1.0.0", "/usr/lib64/libGL.so.1.7.0"])
    assert found == {"libgomp.so.1": "libgomp1", "libGL.so.1": "libgl1"}


def test_names_of_files_become_no_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    diversion = "diversion by other from: /usr/lib/x86_64-linux-gnu/libtwo.so.2\n"
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: SimpleNamespace(stdout=diversion))
    odd = ("liba= y=netcat libz.so", "libone.so= x=y.so", "lib my.so.1", "libtwo.so.2")
    assert libraries.packages(f"{PLACE}/{name}" for name in odd) == {"libtwo.so.2": ""}
