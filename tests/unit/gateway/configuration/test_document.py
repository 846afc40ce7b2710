"""The generated configuration: valid whatever the routes, and the same while it may be."""

import dataclasses
import os
import subprocess
from pathlib import Path

import pytest

from jupyter_node_deploy.access.keys import public_key_path, signing_key
from jupyter_node_deploy.gateway.configuration import healthcheck
from jupyter_node_deploy.gateway.configuration.backend import server_name
from jupyter_node_deploy.gateway.configuration.document import (
    configuration,
    digest,
    error_files,
)
from jupyter_node_deploy.gateway.configuration.listen import Listen
from jupyter_node_deploy.gateway.configuration.maps import SHARES, maps
from jupyter_node_deploy.gateway.configuration.syntax import quoted
from jupyter_node_deploy.gateway.launchers.program import find
from jupyter_node_deploy.gateway.routes import (
    AliasRoute,
    InstanceRoute,
    Limits,
    NodeRoute,
    Routes,
    TargetRoute,
)
from jupyter_node_deploy.home import Home
from jupyter_node_deploy.specs import Healthcheck

LISTEN = Listen("127.0.0.1", 18080)
KEY = b"key"


def node(*instances, kind="cell", status="HEALTHY", **rest):
    return NodeRoute(kind, ("f1",), status, instances=instances, **rest)


UNIX = InstanceRoute("a-1-0", 'unix:/tmp/with space/it\'s "$HOME" #1;/http')
TCP = InstanceRoute("b-1-0", "10.0.0.1:8080")
V6 = InstanceRoute("c-1-0", "[::1]:8080")
GRPC = Healthcheck(
    type="grpc",
    port=50051,
    path="echo.v1.Echo",
    timeout=1.0,
    interval=15.0,
    fails_threshold=3,
    passes_threshold=3,
)
HTTP = Healthcheck(
    type="http",
    port=8081,
    path='/health?a=$b&c="d"',
    timeout=1.0,
    interval=0.5,
    fails_threshold=3,
    passes_threshold=3,
)

ROUTES = {
    "nothing": Routes(),
    "cells": Routes(nodes={"n1": node(UNIX, TCP, concurrency=2), "n2": node()}),
    "docker": Routes(
        nodes={
            "n1": node(TCP, V6, kind="docker", protocol="grpc", healthcheck=GRPC),
            "n2": node(TCP, kind="docker", protocol="http2", healthcheck=HTTP, timeout=0.001),
            "n3": node(TCP, kind="docker", idle_timeout=86400.0),
        }
    ),
    "limits": Routes(nodes={"n1": node(UNIX)}, limits=Limits(body=1, rate=2, connections=3)),
    "hostile words": Routes(
        nodes={"n1": node(status="FAILED", reason='100% "bad" $HOME %[env(PATH)]\n\\ é ' * 9)},
        aliases={"a": AliasRoute(("f1",), (TargetRoute("n1", 1),))},
        audience='an "audience" of $HOME',
        revoked={"gone": 1.0},
    ),
}


@pytest.fixture
def directory(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    signing_key(home)
    for folder in ("maps", "errors", "run"):
        (tmp_path / folder).mkdir()
    (tmp_path / "public.pem").write_bytes(public_key_path(home).read_bytes())
    for name, content in error_files().items():
        (tmp_path / "errors" / name).write_bytes(content)
    return tmp_path


@pytest.mark.parametrize("name", ROUTES)
@pytest.mark.parametrize("metrics", ["", "127.0.0.1:18405"])
@pytest.mark.parametrize("binary", ["", "/usr/sbin/haproxy"], ids=["wheel", "debian"])
def test_haproxy_accepts_it(directory, name, metrics, binary):
    if binary and not Path(binary).exists():
        if os.environ.get("CI") == "true":
            pytest.fail("haproxy is not installed: run scripts/setup")
        pytest.skip("haproxy is not installed")
    routes = ROUTES[name]
    listen = dataclasses.replace(LISTEN, metrics=metrics)
    (directory / "haproxy.cfg").write_text(configuration(routes, listen))
    for file, entries in maps(routes, digest(routes, listen, KEY)).items():
        lines = (f"{key} {value}\n" for key, value in entries.items())
        (directory / "maps" / f"{file}.map").write_text("".join(lines))
    done = subprocess.run(
        [find(binary).path, "-c", "-f", "haproxy.cfg"],
        cwd=directory,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr


@pytest.mark.parametrize("metrics", ["18405", ":18405", "127.0.0.1:99999", "a:b", "0.0.0.0:18080"])
def test_metrics_at_a_place_that_can_not_be(metrics):
    with pytest.raises(ValueError, match="gateway_metrics"):
        configuration(Routes(), dataclasses.replace(LISTEN, metrics=metrics))


def test_only_what_needs_a_reload_changes_the_digest():
    before = Routes(generation=1, nodes={"n1": node(UNIX, timeout=30.0)})

    def changed(**nodes):
        return digest(Routes(generation=2, nodes=nodes), LISTEN, KEY)

    wanted = digest(before, LISTEN, KEY)
    same = NodeRoute("cell", ("f2", "f3"), "UNHEALTHY", "why", 30.0, (TCP, V6))
    assert changed(n1=same) == wanted
    assert changed(n1=dataclasses.replace(same, timeout=31.0)) != wanted
    assert changed(n1=same, n2=node()) != wanted
    assert digest(before, dataclasses.replace(LISTEN, port=1), KEY) != wanted
    assert digest(before, LISTEN, b"another key") != wanted


@pytest.mark.parametrize(
    ("weights", "shares"),
    [((1,), [1]), ((90, 10), [9, 1]), ((1, 2, 3), [1, 2, 3]), ((5, 5), [1, 1])],
)
def test_slots_are_the_weights_in_lowest_terms(weights, shares):
    assert counts(weights) == shares


def test_great_weights_are_scaled_and_none_is_lost():
    found = counts((1_000_003, 1, 999_983))
    assert found[1] == 1
    assert abs(found[0] - SHARES / 2) < 2
    assert sum(found) <= SHARES + 3


def counts(weights):
    names = [f"n{number}" for number in range(len(weights))]
    routes = Routes(
        nodes={name: node(TCP) for name in names},
        aliases={
            "a": AliasRoute(("f1",), tuple(map(TargetRoute, names, weights))),
        },
    )
    shares = list(maps(routes, "")["targets"].values())
    assert maps(routes, "")["totals"] == {"a": str(len(shares))}
    return [shares.count(name) for name in names]


def test_nodes_that_are_not_ready_have_no_slot():
    routes = Routes(
        nodes={"n1": node(TCP), "n2": node(TCP, status="SUSPENDED"), "n3": node()},
        aliases={
            "a": AliasRoute(("f1",), (TargetRoute("n1", 1), TargetRoute("n2", 9))),
            "b": AliasRoute(("f1",), (TargetRoute("n3", 1), TargetRoute("gone", 1))),
        },
    )
    found = maps(routes, "")
    assert found["targets"] == {"a/0": "n1"}
    assert found["next"] == {"a/n1": "n1"}
    assert set(found["refusals"]) == {"nodes/n2", "nodes/n3", "aliases/b"}


@pytest.mark.parametrize("text", ["two words", "a/b", "", 'a"b', "a\nb"])
def test_ids_that_are_no_names_are_refused(text):
    with pytest.raises(ValueError, match="not a name"):
        configuration(Routes(nodes={text: node(TCP)}), LISTEN)
    with pytest.raises(ValueError, match="not a name"):
        server_name(InstanceRoute(text, "10.0.0.1:80"))


def test_control_characters_are_refused():
    with pytest.raises(ValueError, match="control characters"):
        quoted("a\nserver evil 10.0.0.1")
    with pytest.raises(ValueError, match="not the path"):
        configuration(Routes(nodes={"n": node(InstanceRoute("a", "unix:/a\nb"))}), LISTEN)


def test_instance_with_another_address_is_another_server():
    a, b = InstanceRoute("i", "10.0.0.1:80"), InstanceRoute("i", "10.0.0.2:80")
    assert server_name(a) != server_name(b)
    assert server_name(a).startswith("i.")


def test_grpc_check_is_http2():
    sent = bytes.fromhex(healthcheck.lines(GRPC, cell=False)[2].rpartition(" ")[2])
    assert sent.startswith(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
    assert sent.endswith(b"\0\0\0\0\x0e\x0a\x0cecho.v1.Echo")
