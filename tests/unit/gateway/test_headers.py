from jupyter_node_deploy.gateway.headers import for_caller, for_instance


def test_request():
    passed = for_instance(
        {
            "authorization": "Bearer x",
            "host": "gateway",
            "content-length": "3",
            "connection": "Keep-Alive, X-Hop , x-folder-id",
            "keep-alive": "1",
            "x-hop": "1",
            "x-folder-id": "claimed",
            "content-type": "application/json",
        },
        "f1",
        "r1",
    )
    assert passed == {
        "x-folder-id": "f1",
        "x-request-id": "r1",
        "content-type": "application/json",
    }


def test_answer():
    headers = {"connection": "close", "content-length": "3", "transfer-encoding": "x", "a": "1"}
    assert for_caller(headers) == {"a": "1"}
