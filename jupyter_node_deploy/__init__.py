"""Turns a notebook cell into a REST service: the server side of the JupyterLab extension."""

from __future__ import annotations

from typing import Any

from ._version import __version__

__all__ = ["__version__"]


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    """Where JupyterLab finds the front end."""
    return [{"src": "labextension", "dest": "jupyter-node-deploy"}]


def _jupyter_server_extension_points() -> list[dict[str, Any]]:
    """Where the Jupyter server finds the application.

    Imported here, so that kernels, instances and the gateway do not pay for a Jupyter server.
    """
    from .app import NodeDeployApp

    return [{"module": "jupyter_node_deploy.app", "app": NodeDeployApp}]
