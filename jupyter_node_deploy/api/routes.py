"""The route table: the one place that says which requests there are."""

from __future__ import annotations

from ..checkpoints.models import Checkpoint
from ..gateway.control import GatewayStatus
from ..gateway.models import (
    Alias,
    AliasCreate,
    AliasPatch,
    Folder,
    FolderCreate,
    IssuedToken,
    TokenCreate,
    TokenInfo,
)
from ..nodes.models import DryRun, Node, NodeCreate, NodePatch, Suggestion
from ..nodes.secrets import Secret, SecretPut
from . import access, checkpoints, nodes, server
from . import models as m
from .route import Route

# fmt: off
_CHECKPOINTS = [
    Route("GET", "checkpoints", "listCheckpoints", "List checkpoints, newest first",
          "checkpoints", "read", checkpoints.list_,
          query=m.CheckpointQuery, response=m.CheckpointList),
    Route("POST", "checkpoints", "forceCheckpoint", "Make a checkpoint of a running kernel now",
          "checkpoints", "execute", checkpoints.force,
          request=m.KernelRef, response=Checkpoint, status=201),
    Route("GET", "checkpoints/{checkpoint}", "getCheckpoint", "Get a checkpoint by id or name",
          "checkpoints", "read", checkpoints.get, response=Checkpoint),
    Route("PATCH", "checkpoints/{checkpoint}", "renameCheckpoint", "Rename a pinned checkpoint",
          "checkpoints", "write", checkpoints.rename,
          request=m.CheckpointName, response=Checkpoint),
    Route("DELETE", "checkpoints/{checkpoint}", "deleteCheckpoint", "Delete a checkpoint",
          "checkpoints", "write", checkpoints.delete, status=204),
    Route("GET", "checkpoints/{checkpoint}/variables", "listVariables",
          "List a checkpoint's variables",
          "checkpoints", "read", checkpoints.variables, response=m.VariableList),
    Route("POST", "checkpoints/{checkpoint}:pin", "pinCheckpoint",
          "Give a checkpoint a name and protect it from rotation",
          "checkpoints", "write", checkpoints.pin,
          request=m.CheckpointName, response=Checkpoint),
    Route("POST", "checkpoints/{checkpoint}:unpin", "unpinCheckpoint",
          "Let a checkpoint rotate out again",
          "checkpoints", "write", checkpoints.unpin, response=Checkpoint),
    Route("POST", "checkpoints/{checkpoint}:apply", "applyCheckpoint",
          "Restore the variables in a running kernel; returns the Rollback checkpoint",
          "checkpoints", "execute", checkpoints.apply,
          request=m.KernelRef, response=Checkpoint),
    Route("POST", "checkpoints/{checkpoint}:suggest", "suggestNode",
          "Get the node form, prefilled from a checkpoint",
          "checkpoints", "read", checkpoints.suggest, response=Suggestion),
]

_NODES = [
    Route("GET", "nodes", "listNodes", "List nodes",
          "nodes", "read", nodes.list_, response=m.NodeList),
    Route("POST", "nodes", "createNode", "Create a node from a pinned checkpoint",
          "nodes", "write", nodes.create, request=NodeCreate, response=Node, status=201),
    Route("POST", "nodes:validate", "validateNode", "Run the cell once; create nothing",
          "nodes", "execute", nodes.validate, request=m.ValidateRequest, response=DryRun),
    Route("GET", "nodes/{node}", "getNode", "Get a node by id or name",
          "nodes", "read", nodes.get, query=m.NodeQuery, response=Node),
    Route("PATCH", "nodes/{node}", "updateNode", "Change a node; a new spec is a new revision",
          "nodes", "write", nodes.patch, request=NodePatch, response=Node),
    Route("DELETE", "nodes/{node}", "deleteNode", "Delete a node",
          "nodes", "write", nodes.delete, response=Node, status=202),
    Route("POST", "nodes/{node}:suspend", "suspendNode", "Stop a node's instances, keep the node",
          "nodes", "write", nodes.suspend, response=Node),
    Route("POST", "nodes/{node}:resume", "resumeNode", "Start a suspended node again",
          "nodes", "write", nodes.resume, response=Node),
    Route("POST", "nodes/{node}:rollback", "rollbackNode", "Go back to an earlier revision",
          "nodes", "write", nodes.rollback, request=m.RollbackRequest, response=Node),
    Route("POST", "nodes/{node}:execute", "executeNode",
          "Send a test request; an error of the node comes back as the node answered it",
          "nodes", "execute", nodes.execute,
          request=m.ExecuteRequest, response=m.ExecuteAnswer),
    Route("GET", "nodes/{node}/logs", "getNodeLogs", "Get or follow a node's log, a line each",
          "nodes", "read", nodes.logs, query=m.LogQuery, content="text/plain"),
    Route("GET", "nodes/{node}/metrics", "getNodeMetrics", "Get a node's metrics (Prometheus)",
          "nodes", "read", nodes.metrics, content="text/plain"),
    Route("GET", "nodes/{node}/revisions", "listRevisions", "List a node's revisions",
          "nodes", "read", nodes.revisions, response=m.RevisionList),
    Route("GET", "nodes/{node}/openapi.json", "getNodeOpenapi",
          "Get the OpenAPI document of the node's own API",
          "nodes", "read", nodes.openapi),
    Route("GET", "nodes/{node}/export", "exportNode", "Get a node's bundle as an archive",
          "nodes", "read", nodes.export, content="application/gzip"),
]

_ACCESS = [
    Route("GET", "folders", "listFolders", "List folders",
          "folders", "read", access.list_folders, response=m.FolderList),
    Route("POST", "folders", "createFolder", "Create a folder",
          "folders", "write", access.create_folder,
          request=FolderCreate, response=Folder, status=201),
    Route("GET", "folders/{folder}", "getFolder", "Get a folder by id or name",
          "folders", "read", access.get_folder, response=Folder),
    Route("DELETE", "folders/{folder}", "deleteFolder", "Delete a folder that nothing uses",
          "folders", "write", access.delete_folder, status=204),
    Route("GET", "tokens", "listTokens", "List issued tokens",
          "tokens", "read", access.list_tokens, query=m.FolderQuery, response=m.TokenList),
    Route("POST", "tokens", "issueToken", "Issue a token for a folder",
          "tokens", "write", access.issue_token,
          request=TokenCreate, response=IssuedToken, status=201),
    Route("DELETE", "tokens/{token}", "revokeToken", "Revoke a token by its id",
          "tokens", "write", access.revoke_token, response=TokenInfo),
    Route("GET", "aliases", "listAliases", "List aliases",
          "aliases", "read", access.list_aliases, response=m.AliasList),
    Route("POST", "aliases", "createAlias", "Create an alias",
          "aliases", "write", access.create_alias,
          request=AliasCreate, response=Alias, status=201),
    Route("GET", "aliases/{alias}", "getAlias", "Get an alias",
          "aliases", "read", access.get_alias, response=Alias),
    Route("PATCH", "aliases/{alias}", "updateAlias", "Change an alias",
          "aliases", "write", access.update_alias, request=AliasPatch, response=Alias),
    Route("DELETE", "aliases/{alias}", "deleteAlias", "Delete an alias",
          "aliases", "write", access.delete_alias, status=204),
    Route("GET", "secrets", "listSecrets", "List secrets, without their values",
          "secrets", "read", access.list_secrets, query=m.FolderQuery, response=m.SecretList),
    Route("POST", "secrets", "putSecret", "Create a secret or replace its value",
          "secrets", "write", access.put_secret, request=SecretPut, response=Secret),
    Route("DELETE", "secrets/{secret}", "deleteSecret", "Delete a secret",
          "secrets", "write", access.delete_secret, query=m.FolderQuery, status=204),
]

_SERVER = [
    Route("GET", "health", "getHealth", "Ask whether the extension works",
          "health", "read", server.health, response=m.Health),
    Route("GET", "openapi.json", "getOpenapi", "Get this document",
          "health", "read", server.document),
    Route("GET", "gateway", "getGateway", "Ask where the gateway answers and whether it runs",
          "gateway", "read", server.gateway, response=GatewayStatus),
    Route("GET", "configurations", "listConfigurations", "List instance configurations",
          "configurations", "read", server.configurations, response=m.ConfigurationList),
    Route("GET", "zones", "listZones", "List zones",
          "zones", "read", server.zones, response=m.ZoneList),
    Route("GET", "settings/mode", "getMode", "Ask when checkpoints are made",
          "settings", "read", checkpoints.get_mode, response=m.Mode),
    Route("PUT", "settings/mode", "setMode", "Set when checkpoints are made",
          "settings", "write", checkpoints.set_mode, request=m.Mode, response=m.Mode),
]
# fmt: on

ROUTES = [*_CHECKPOINTS, *_NODES, *_ACCESS, *_SERVER]
