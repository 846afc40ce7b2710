"""What the handlers call: the services of one home, and what the configuration offers."""

from __future__ import annotations

from dataclasses import dataclass

from ..backends.base import Backend
from ..checkpoints.service import CheckpointService
from ..gateway.aliases import AliasService
from ..gateway.control import GatewayControl
from ..gateway.folders import FolderService
from ..gateway.tokens import TokenService
from ..home import Home
from ..nodes.configurations import Configuration
from ..nodes.secrets import SecretService
from ..nodes.service import NodeService
from .models import ZoneInfo


@dataclass(frozen=True)
class Services:
    """One of each; made by the app, used by the handlers."""

    home: Home
    checkpoints: CheckpointService
    nodes: NodeService
    backend: Backend
    gateway: GatewayControl
    folders: FolderService
    tokens: TokenService
    aliases: AliasService
    secrets: SecretService
    configurations: list[Configuration]
    zones: list[ZoneInfo]
