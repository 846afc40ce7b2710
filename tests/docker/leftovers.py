"""What a home has made on the engine, and tests must not leave there."""

import docker

from jupyter_node_deploy.home import Home


def remove(engine: docker.DockerClient, home: Home) -> None:
    """Remove a home's containers, networks and the images it built."""
    mine = f"jupyter-node-deploy.home={home.id}"
    gateway = f"jupyter-node-deploy.gateway={home.id}"
    for label in (mine, gateway):
        for container in engine.containers.list(all=True, filters={"label": label}):
            container.remove(force=True)
    for network in engine.networks.list(filters={"label": mine}):
        network.remove()
    for image in engine.images.list(filters={"label": f"jupyter-node-deploy.build={home.id}"}):
        engine.images.remove(str(image.id), force=True)
