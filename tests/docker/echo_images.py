"""Images of the tests' own services, on the tests' base image."""

import shutil
import subprocess
import sys
from pathlib import Path

import docker

HTTP = "jupyter-node-deploy-test/http-echo:1"
GRPC = "jupyter-node-deploy-test/grpc-echo:1"
_SOURCES = Path(__file__).parent / "images"


def build_http(engine: docker.DockerClient, base: str, work: Path) -> str:
    """Build the HTTP service: its image names no user, and declares a volume."""
    lines = [
        f"FROM {base}",
        "COPY http_echo.py /srv/",
        "RUN mkdir /data",  # so that it has a mode of its own
        "VOLUME /data",
        'ENTRYPOINT ["python3", "/srv/http_echo.py"]',
        'CMD ["default"]',
    ]
    return _build(engine, HTTP, lines, work, "http_echo.py")


def build_grpc(engine: docker.DockerClient, base: str, work: Path) -> str:
    """Build the gRPC service, with a user of its own."""
    packages = ["grpcio", "grpcio-health-checking"]
    target = ["--target", str(work / "site"), "--python-version", "3.11", "--only-binary=:all:"]
    command = [sys.executable, "-m", "pip", "install", "--quiet", *target, *packages]
    subprocess.run(command, check=True)
    lines = [
        f"FROM {base}",
        "COPY site /srv/site",
        "COPY grpc_echo.py /srv/",
        "ENV PYTHONPATH=/srv/site",
        "USER 12345:12345",
        'CMD ["python3", "/srv/grpc_echo.py"]',
    ]
    return _build(engine, GRPC, lines, work, "grpc_echo.py")


def _build(engine: docker.DockerClient, tag: str, lines: list[str], work: Path, source: str) -> str:
    shutil.copy(_SOURCES / source, work)
    (work / "Dockerfile").write_text("\n".join(lines))
    engine.images.build(path=str(work), tag=tag, rm=True, forcerm=True)
    return tag
