"""The form's own rules, which the API tells by field."""

import pytest
from pydantic import ValidationError

from jupyter_node_deploy.specs import CellSpec, DockerSpec, Healthcheck

DIGEST = "sha256:" + "0a" * 32


def docker(**fields):
    return DockerSpec.model_validate({"image": "echo", "endpoint": {"port": 8080}} | fields)


def refused(**fields):
    with pytest.raises(ValidationError) as caught:
        docker(**fields)
    return {".".join(map(str, one["loc"])): one["msg"] for one in caught.value.errors()}


@pytest.mark.parametrize(
    "image",
    [
        "echo",
        "library/echo:1.2",
        "localhost:5000/team/a__b/c--d:V1.0",
        f"registry.example.org/team/echo@{DIGEST}",
        f"echo:1@{DIGEST}",
    ],
)
def test_image_references(image):
    assert docker(image=image).image == image


@pytest.mark.parametrize(
    "image",
    ["", "Echo", "a b", "a//b", "/a", "a:", "a@sha256:12", "-a", "https://a/b", "a:b:c", "a\nb"],
)
def test_what_is_no_image_reference(image):
    assert "lower case" in refused(image=image)["image"]


def test_a_registry_takes_user_and_secret_together():
    assert docker(username="json_key", password_secret="key").username == "json_key"
    assert "together" in refused(username="json_key")["password_secret"]
    assert "together" in refused(password_secret="key")["password_secret"]


def test_environment_variables():
    given = [{"name": "A", "value": ""}, {"name": "_b", "secret": "token"}]
    assert [one.name for one in docker(env=given).env] == ["A", "_b"]
    assert set(refused(env=[{"name": "1A", "value": "x"}, {"name": "A=B", "value": "x"}])) == {
        "env.0.name",
        "env.1.name",
    }
    assert "twice: A" in refused(env=[given[0], given[0]])["env"]
    assert "one of them" in refused(env=[{"name": "A"}])["env.0"]
    assert "one of them" in refused(env=[{"name": "A", "value": "x", "secret": "y"}])["env.0"]
    assert "env.0.value" in refused(env=[{"name": "A", "value": "x\0"}])
    cell = {"checkpoint": "c", "outputs": [{"name": "y"}], "env": given, "egress": True}
    assert CellSpec.model_validate(cell).env[1].secret == "token"


def test_ports_and_durations():
    wrong = {"port": 0, "timeout": 0, "idle_timeout": 100_000}
    assert set(refused(endpoint=wrong)) == {
        "endpoint.port",
        "endpoint.timeout",
        "endpoint.idle_timeout",
    }
    check = {"port": 70_000, "interval": -1, "fails_threshold": 0, "path": "no"}
    assert set(refused(healthcheck=check)) == {
        "healthcheck.port",
        "healthcheck.interval",
        "healthcheck.fails_threshold",
        "healthcheck.path",
    }
    assert "telemetry.path" in refused(telemetry={"port": 80, "path": "a b"})
    assert "command" in refused(command=[])


def test_a_grpc_check_names_a_service():
    assert Healthcheck(type="grpc", port=1).service == ""
    assert Healthcheck(type="grpc", port=1, path="pkg.v1.Echo").service == "pkg.v1.Echo"
    check = {"type": "grpc", "port": 1, "path": "a service"}
    assert "name of a service" in refused(healthcheck=check)["healthcheck.path"]


def test_a_docker_spec_comes_back_as_written():
    spec = docker(
        env=[{"name": "A", "secret": "key"}],
        healthcheck={"type": "grpc", "port": 1},
        telemetry={"port": 2},
        command=["serve", "--port", "8080"],
    )
    assert DockerSpec.model_validate(spec.model_dump(mode="json", by_alias=True)) == spec
