"""Shapes of nodes: the one source for REST, form, command line, catalog and what is run."""

from .cell import CellSpec, DryRun, Isolation, KernelImage, Variable, VariableType
from .environment import (
    Environment,
    EnvironmentName,
    EnvironmentVariable,
    ImageReference,
    RegistryAccess,
)
from .fields import Bytes, Identifier, Name, Port, ReasonInfo, Seconds, Strict
from .image import DockerSpec, Endpoint, Healthcheck, Telemetry
from .mounts import Mount
from .node import Instance, Node, NodeCreate, NodePatch, NodeStatus, Provisioning, Revision, Zone
from .revision import RevisionSpec
from .run_settings import HttpResponse, RunSettings
from .secrets import secrets_of
from .suggestion import CarriedGroup, CheckpointSlice, SliceGroup, SliceRequest, Suggestion
from .verification import Verification

__all__ = [
    "Bytes",
    "CarriedGroup",
    "CellSpec",
    "CheckpointSlice",
    "DockerSpec",
    "DryRun",
    "Endpoint",
    "Environment",
    "EnvironmentName",
    "EnvironmentVariable",
    "Healthcheck",
    "HttpResponse",
    "Identifier",
    "ImageReference",
    "Instance",
    "Isolation",
    "KernelImage",
    "Mount",
    "Name",
    "Node",
    "NodeCreate",
    "NodePatch",
    "NodeStatus",
    "Port",
    "Provisioning",
    "ReasonInfo",
    "RegistryAccess",
    "Revision",
    "RevisionSpec",
    "RunSettings",
    "Seconds",
    "SliceGroup",
    "SliceRequest",
    "Strict",
    "Suggestion",
    "Telemetry",
    "Variable",
    "VariableType",
    "Verification",
    "Zone",
    "secrets_of",
]
