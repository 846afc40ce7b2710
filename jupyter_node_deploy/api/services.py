"""What the handlers call: the services of one home, and what the configuration offers."""

from __future__ import annotations

from dataclasses import dataclass

from ..access.aliases import AliasService
from ..access.folders import FolderService
from ..access.secrets import SecretService
from ..access.tokens import TokenService
from ..backends.base import Backend
from ..checkpoints.service import CheckpointService
from ..gateway.control import GatewayControl
from ..home import Home
from ..nodes.service import NodeService
from ..specs.configuration import Configuration
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
