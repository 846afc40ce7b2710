"""The control API of a real server: who may, what is refused and in which form."""

import json
import re
import stat
from collections.abc import Callable
from typing import Any

import pytest
import requests

from jupyter_node_deploy.api.route import Route
from jupyter_node_deploy.api.route_table import ROUTES

BODIES: dict[str, Any] = {"PUT": {"mode": "standard"}}


def concrete(route: Route) -> str:
    return re.sub(r"{\w+}", "x", route.path)


def assert_failure(answer: requests.Response, status: int, code: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body.keys() - {"reason", "metadata"} == {"code", "message", "details"}
    assert body["code"] == code
    assert body["message"]
    return body


class TestAccess:
    def test_without_a_token_every_route_is_closed(self, hub_user: Any) -> None:
        for route in ROUTES:
            answer = hub_user.request(route.method, concrete(route), token=None)
            body = answer.json()
            assert (answer.status_code, body["code"]) in ((401, 16), (403, 7)), route
            assert body.keys() - {"reason", "metadata"} == {"code", "message", "details"}

    def test_a_wrong_token_is_refused(self, hub_user: Any) -> None:
        assert_failure(hub_user.request("GET", "nodes", token="wrong"), 401, 16)

    def test_an_authorizer_that_denies_all_closes_every_route(
        self, make_jupyter: Callable[..., Any], tmp_path: Any
    ) -> None:
        (tmp_path / "deny.py").write_text(
            "from jupyter_server.auth import Authorizer\n"
            "class Deny(Authorizer):\n"
            "    def is_authorized(self, handler, user, action, resource):\n"
            "        return False\n"
        )
        server = make_jupyter(options=("--ServerApp.authorizer_class=deny.Deny",))
        server.env["PYTHONPATH"] = str(tmp_path)
        server.start(healthy=False)
        for route in ROUTES:
            answer = server.request(route.method, concrete(route), BODIES.get(route.method))
            body = assert_failure(answer, 403, 7)
            assert f"{route.action} node_deploy:{route.resource}" in body["message"]

    def test_a_cookie_needs_the_xsrf_header_to_change_anything(self, hub_user: Any) -> None:
        browser = requests.Session()
        browser.get(hub_user.url, params={"token": "token-of-the-tests"}, timeout=30)
        browser.get(hub_user.url + "api/me", timeout=30)
        url = hub_user.url + "jupyter-node-deploy/v1/folders"
        body = {"name": "from-a-browser"}
        origin = {"Origin": hub_user.url.split("/user")[0]}
        assert browser.get(url, headers={"Referer": hub_user.url}, timeout=30).status_code == 200
        assert_failure(browser.post(url, json=body, headers=origin, timeout=30), 403, 7)
        header = {"X-XSRFToken": browser.cookies.get("_xsrf")}
        answer = browser.post(url, json=body, headers=origin | header, timeout=30)
        assert answer.status_code == 201, answer.text


class TestForm:
    @pytest.mark.parametrize("path", ["", "nothing", "nodes/x/y/z", "nodes/x:dance"])
    def test_unknown_paths(self, hub_user: Any, path: str) -> None:
        assert_failure(hub_user.request("GET", path), 404, 5)

    def test_an_unknown_path_is_not_told_to_strangers(self, hub_user: Any) -> None:
        assert_failure(hub_user.request("GET", "nothing", token=None), 401, 16)

    def test_a_wrong_method_says_which_are_right(self, hub_user: Any) -> None:
        answer = hub_user.request("PUT", "nodes")
        assert_failure(answer, 405, 12)
        assert answer.headers["Allow"] == "GET, POST"

    @pytest.mark.parametrize(
        "content", [b"{", b"no json", b"\xff\xfe", b"[" * 100_000, b'{"name": "a"', b"[1]", b"1"]
    )
    def test_a_body_that_is_not_the_json_object_asked_for(
        self, hub_user: Any, content: bytes
    ) -> None:
        assert_failure(hub_user.request("POST", "folders", data=content), 400, 3)

    def test_fields_are_named(self, hub_user: Any) -> None:
        form = {
            "name": "Not A Name",
            "colour": "red",
            "cell": {"checkpoint": "c", "outputs": [{"name": "ok"}, {"name": "1", "type": "int"}]},
        }
        body = assert_failure(hub_user.request("POST", "nodes", form), 400, 3)
        assert {detail["path"] for detail in body["details"]} == {
            "name",
            "colour",
            "cell.outputs.1.name",
        }

    def test_query_parameters_are_checked(self, hub_user: Any) -> None:
        body = assert_failure(hub_user.request("GET", "checkpoints?limit=many"), 400, 3)
        assert body["details"][0]["path"] == "limit"
        assert hub_user.request("GET", "checkpoints?pinned=true&1764000000").status_code == 200

    def test_a_body_over_the_limit(self, make_jupyter: Callable[..., Any]) -> None:
        server = make_jupyter(options=("--NodeDeployApp.body_limit=2000",)).start()
        body = {"name": "a", "description": "x" * 3000}
        assert_failure(server.request("POST", "nodes", body), 413, 8)

    def test_what_is_not_there(self, hub_user: Any) -> None:
        for path in ("nodes/x", "checkpoints/x", "folders/x", "aliases/x", "nodes/x/logs"):
            assert_failure(hub_user.request("GET", path), 404, 5)
        for path in ("nodes/x", "checkpoints/x", "folders/x", "aliases/x", "secrets/x", "tokens/x"):
            assert_failure(hub_user.request("DELETE", path), 404, 5)

    def test_head_is_get_without_a_body(self, hub_user: Any) -> None:
        answer = hub_user.request("HEAD", "nodes")
        assert (answer.status_code, answer.content) == (200, b"")


class TestServer:
    def test_health_tells_the_data_directory(self, hub_user: Any) -> None:
        health = hub_user.request("GET", "health").json()
        assert health["data_dir"] == str(hub_user.data_dir)
        assert health["backend"] == "process"
        assert stat.S_IMODE(hub_user.data_dir.stat().st_mode) == 0o700

    def test_the_document_is_served(self, hub_user: Any) -> None:
        document = hub_user.request("GET", "openapi.json").json()
        assert document["openapi"] == "3.1.0"
        assert len(document["paths"]) == len({route.path for route in ROUTES})

    def test_the_gateway_answers_where_it_says(self, hub_user: Any) -> None:
        gateway = hub_user.request("GET", "gateway").json()
        assert gateway["running"]
        answer = requests.post(f"{gateway['url']}/v1/nodes/x:execute", json={}, timeout=30)
        assert answer.status_code == 401

    def test_the_mode_can_be_changed(self, hub_user: Any) -> None:
        assert hub_user.request("PUT", "settings/mode", {"mode": "autosave"}).status_code == 200
        assert hub_user.request("GET", "settings/mode").json() == {"mode": "autosave"}
        assert_failure(hub_user.request("PUT", "settings/mode", {"mode": "never"}), 400, 3)
        hub_user.request("PUT", "settings/mode", {"mode": "standard"})

    def test_configurations_and_zones_are_configurable(
        self, make_jupyter: Callable[..., Any]
    ) -> None:
        server = make_jupyter()
        config = {
            "configurations": [{"id": "big", "cores": 64, "memory_gb": 1.5}],
            "zones": [{"id": "cellar", "subnets": ["a"]}],
        }
        file = server.directory / "config" / "jupyter_server_config.json"
        file.write_text(json.dumps({"NodeDeployApp": config}))
        server.start()
        assert server.request("GET", "configurations").json() == {
            "configurations": [{"id": "big", "cores": 64, "memory_gb": 1.5, "gpus": 0}]
        }
        assert server.request("GET", "zones").json() == {
            "zones": [{"id": "cellar", "subnets": ["a"]}]
        }
        form = {
            "name": "n",
            "cell": {"checkpoint": "c", "outputs": [{"name": "o"}]},
            "provisioning": {"zones": [{"zone": "attic"}]},
        }
        body = assert_failure(server.request("POST", "nodes", form), 400, 3)
        assert [detail["path"] for detail in body["details"]] == [
            "provisioning.configuration",
            "provisioning.zones.0.zone",
        ]

    def test_jupyter_lives_on_when_the_extension_can_not_start(
        self, make_jupyter: Callable[..., Any]
    ) -> None:
        server = make_jupyter()
        server.data_dir.parent.mkdir()
        server.data_dir.write_text("a file where the directory should be")
        server.start(healthy=False)
        for route in ROUTES:
            answer = server.request(route.method, concrete(route), BODIES.get(route.method))
            body = assert_failure(answer, 503, 14)
            assert "did not start" in body["message"]
            assert "node_deploy" in body["message"]
        headers = {"Authorization": "token token-of-the-tests"}
        kernel = requests.post(server.url + "api/kernels", headers=headers, timeout=30)
        assert kernel.status_code == 201


class TestAccessResources:
    def test_folders(self, hub_user: Any) -> None:
        created = hub_user.request("POST", "folders", {"name": "team-a"})
        assert created.status_code == 201
        assert hub_user.request("GET", "folders/team-a").json() == created.json()
        names = [f["name"] for f in hub_user.request("GET", "folders").json()["folders"]]
        assert {"default", "team-a"} <= set(names)
        assert_failure(hub_user.request("POST", "folders", {"name": "team-a"}), 409, 6)
        gone = hub_user.request("DELETE", "folders/team-a")
        assert (gone.status_code, gone.content) == (204, b"")
        assert_failure(hub_user.request("GET", "folders/team-a"), 404, 5)

    def test_tokens(self, hub_user: Any) -> None:
        issued = hub_user.request("POST", "tokens", {"ttl_seconds": 60}).json()
        listed = hub_user.request("GET", "tokens").json()["tokens"]
        assert issued["id"] in [token["id"] for token in listed]
        assert issued["token"] not in json.dumps(listed)
        assert hub_user.request("DELETE", f"tokens/{issued['id']}").json()["revoked_at"]
        assert_failure(hub_user.request("POST", "tokens", {"ttl_seconds": 0}), 400, 3)

    def test_secrets_never_come_back(self, hub_user: Any) -> None:
        secret = {"name": "registry", "value": "hush-hush"}
        stored = hub_user.request("POST", "secrets", secret)
        assert stored.status_code == 200
        listed = hub_user.request("GET", "secrets")
        assert [item["name"] for item in listed.json()["secrets"]] == ["registry"]
        assert "hush-hush" not in stored.text + listed.text
        assert hub_user.request("DELETE", "secrets/registry").status_code == 204
