"""The options of Docker-image nodes and of environments."""

from argparse import ArgumentParser
from typing import Any

import pytest

from jupyter_node_deploy.cli import image, main
from jupyter_node_deploy.cli.failure import Failure
from jupyter_node_deploy.specs import DockerSpec, KernelImage


def parsed(*words):
    parser = ArgumentParser()
    parser.add_argument("--request-timeout", type=float)
    image.add_options(parser)
    image.add_environment(parser)
    return parser.parse_args(words)


def test_all_of_a_spec():
    docker: dict[str, Any] = {}
    words = """--image localhost:5000/echo:1 --registry-user json_key --registry-secret key
        --protocol grpc --port 50051 --request-timeout 5 --idle-timeout 60 --egress yes
        --metrics-port 9000 --health grpc --health-path echo.v1.Echo --health-interval 2
        --health-timeout 0.5 --health-fails 2 --health-passes 1 --env A=b=c --env-secret T=token"""
    image.change_docker(docker, parsed(*words.split(), "--command", "serve 'two words'"))
    spec = DockerSpec.model_validate(docker)
    assert spec.command == ["serve", "two words"]
    assert (spec.endpoint.type, spec.endpoint.port, spec.endpoint.timeout) == ("grpc", 50051, 5)
    assert spec.healthcheck is not None
    assert (spec.healthcheck.port, spec.healthcheck.service) == (50051, "echo.v1.Echo")
    assert spec.telemetry is not None
    assert (spec.telemetry.port, spec.telemetry.path) == (9000, "/metrics")
    assert [(one.name, one.value, one.secret) for one in spec.env] == [
        ("A", "b=c", None),
        ("T", None, "token"),
    ]
    assert spec.egress


def test_what_is_not_given_stays():
    before = DockerSpec.model_validate({"image": "echo:1", "endpoint": {"port": 80}}).model_dump()
    docker = dict(before)
    image.change_docker(docker, parsed("--image", "echo:2", "--port", "81"))
    assert docker["image"] == "echo:2"
    assert docker["endpoint"] == before["endpoint"] | {"port": 81}
    assert before["endpoint"]["port"] == 80


def test_a_variable_needs_an_equals_sign():
    with pytest.raises(Failure, match="NAME=SECRET"):
        image.change_docker({}, parsed("--env-secret", "TOKEN"))


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["n.ipynb"], "--cell, or --image"),
        (["n.ipynb", "--cell", "1", "--port", "80"], "--port is for nodes of Docker images"),
        (["--image", "echo"], "--port"),
        (["n.ipynb", "--image", "echo", "--port", "80"], "not both"),
        (["--image", "echo", "--port", "80", "--input", "x"], "--input is for nodes of cells"),
        (["--image", "e", "--port", "80", "--allow-nan", "yes"], "--allow-nan is for nodes of"),
        (["--image", "e", "--port", "80", "--kernel-image", "p"], "--kernel-image is for nodes of"),
    ],
)
def test_deploy_says_what_goes_together(words, message, capsys):
    assert main(["deploy", *words]) != 0
    assert message in capsys.readouterr().err


def test_a_cell_is_given_an_image():
    cell: dict[str, Any] = {"image": None}
    image.change_kernel_image(cell, parsed("--kernel-image", "team/py:1"))
    assert KernelImage.model_validate(cell["image"]).image == "team/py:1"
    image.change_kernel_image(cell, parsed("--registry-user", "me", "--registry-secret", "key"))
    assert cell["image"] == {"image": "team/py:1", "username": "me", "password_secret": "key"}
    image.change_kernel_image(cell, parsed())
    assert cell["image"]["username"] == "me"
    image.change_kernel_image(cell, parsed("--kernel-image", "none"))
    assert cell["image"] is None
    with pytest.raises(Failure, match="go with --image or --kernel-image"):
        image.change_kernel_image(cell, parsed("--registry-user", "me"))
