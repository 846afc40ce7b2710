"""Shapes of nodes: the one source for the REST schema, the form and the TypeScript types."""

from .cell import CellSpec, DryRun, HttpResponse, Isolation, KernelImage, Variable, VariableType
from .environment import (
    Environment,
    EnvironmentName,
    EnvironmentVariable,
    ImageReference,
    RegistryAccess,
)
from .fields import Identifier, Name, Port, ReasonInfo, Seconds, Strict
from .image import DockerSpec, Endpoint, Healthcheck, Telemetry
from .node import Instance, Node, NodeCreate, NodePatch, NodeStatus, Provisioning, Revision, Zone
from .suggestion import CarriedGroup, CheckpointSlice, SliceGroup, SliceRequest, Suggestion

__all__ = [
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
    "Seconds",
    "SliceGroup",
    "SliceRequest",
    "Strict",
    "Suggestion",
    "Telemetry",
    "Variable",
    "VariableType",
    "Zone",
]
