"""The base image of the other tests."""

import docker


def test_it_has_python(engine: docker.DockerClient, base_image: str) -> None:
    command = ["python3", "-c", "print('works')"]
    assert engine.containers.run(base_image, command, remove=True, network_mode="none") == (
        b"works\n"
    )
