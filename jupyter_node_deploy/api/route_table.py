"""The route table: the one place that says which requests there are."""

from __future__ import annotations

from .._version import __version__
from ..access.models import (
    Alias,
    AliasCreate,
    AliasPatch,
    Folder,
    FolderCreate,
    IssuedToken,
    TokenCreate,
    TokenInfo,
)
from ..access.secrets import Secret, SecretPut
from ..checkpoints.models import Applied, CellRef, Checkpoint, FoundCheckpoint
from ..gateway.control import GatewayStatus
from ..nodes.instances.exchange import NodeAnswer, NodeRequest
from ..specs import CheckpointSlice, DryRun, Node, NodeCreate, NodePatch, SliceRequest, Suggestion
from . import access, checkpoints, nodes, openapi, server
from . import models as m
from .call import Call, Reply, json_reply
from .route import Route


async def _document(call: Call) -> Reply:
    """Return the OpenAPI document of this API: made of the routes, so it is among them."""
    return json_reply(None, openapi.document(ROUTES, __version__))


# fmt: off
_CHECKPOINTS = [
    Route("GET", "checkpoints", "listCheckpoints", "List checkpoints, newest first",
          "checkpoints", "read", checkpoints.list_,
          query=m.CheckpointQuery, response=m.CheckpointList),
    Route("POST", "checkpoints", "forceCheckpoint", "Make a checkpoint of a running kernel now",
          "checkpoints", "execute", checkpoints.force,
          request=m.ForceRequest, response=Checkpoint, status=201),
    Route("POST", "checkpoints:cancel", "cancelCheckpoint",
          "Want no checkpoint any more that waits for a busy kernel",
          "checkpoints", "execute", checkpoints.cancel, request=m.KernelRef, status=204),
    Route("POST", "checkpoints:find", "findCheckpoint",
          "Find the checkpoint of the run that a notebook's cell shows",
          "checkpoints", "read", checkpoints.find,
          request=CellRef, response=FoundCheckpoint),
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
          request=m.KernelRef, response=Applied),
    Route("POST", "checkpoints/{checkpoint}:suggest", "suggestNode",
          "Get the node form, prefilled from a checkpoint",
          "checkpoints", "read", checkpoints.suggest, response=Suggestion),
    Route("POST", "checkpoints/{checkpoint}:slice", "sliceCheckpoint",
          "Tell which variables would go along with a node's cell",
          "checkpoints", "read", checkpoints.survey,
          request=SliceRequest, response=CheckpointSlice),
    Route("GET", "kernels", "listKernels",
          "List the Python kernels, and why one makes no checkpoints",
          "checkpoints", "read", checkpoints.kernels, response=m.KernelList),
]

_NODES = [
    Route("GET", "nodes", "listNodes", "List nodes",
          "nodes", "read", nodes.list_, response=m.NodeList),
    Route("POST", "nodes", "createNode", "Create a node",
          "nodes", "write", nodes.create, request=NodeCreate, response=Node, status=201),
    Route("POST", "nodes:validate", "validateNode",
          "Check a node form and run its cell once; create nothing",
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
    Route("POST", "nodes/{node}:restart", "restartNode",
          "Put new instances in the place of the old, with the secrets and the image of now",
          "nodes", "write", nodes.restart, response=Node),
    Route("POST", "nodes/{node}:rollback", "rollbackNode", "Go back to an earlier revision",
          "nodes", "write", nodes.rollback, request=m.RollbackRequest, response=Node),
    Route("POST", "nodes/{node}:execute", "executeNode",
          "Send a test request; an error of the node comes back as the node answered it",
          "nodes", "execute", nodes.execute,
          request=m.ExecuteRequest, response=m.ExecuteAnswer),
    Route("POST", "nodes/{node}:request", "requestNode",
          "Send any test request; tells status, headers, time and body of the node's answer",
          "nodes", "execute", nodes.request, request=NodeRequest, response=NodeAnswer),
    Route("GET", "nodes/{node}/logs", "getNodeLogs", "Get or follow a node's log, a line each",
          "nodes", "read", nodes.logs, query=m.LogQuery, content="text/plain"),
    Route("GET", "nodes/{node}/metrics", "getNodeMetrics", "Get a node's metrics (Prometheus)",
          "nodes", "read", nodes.metrics, content="text/plain"),
    Route("GET", "nodes/{node}/revisions", "listRevisions", "List a node's revisions",
          "nodes", "read", nodes.revisions, response=m.RevisionList),
    Route("GET", "nodes/{node}/openapi.json", "getNodeOpenapi",
          "Get the OpenAPI document of the node's own API",
          "nodes", "read", nodes.openapi),
    Route("GET", "nodes/{node}/docs", "getNodePage", "Get the page of the node's own API",
          "nodes", "read", nodes.docs, content="text/html"),
    Route("GET", "nodes/{node}/export", "exportNode",
          "Get an archive of what runs the node elsewhere",
          "nodes", "read", nodes.export, query=m.ExportQuery, content="application/gzip"),
    Route("GET", "strays", "listStrays",
          "List what there is of nodes that the catalog neither knows nor has deleted",
          "nodes", "read", nodes.strays, response=m.StrayList),
    Route("DELETE", "strays/{node}", "deleteStray", "Delete what there is of such a node",
          "nodes", "write", nodes.delete_stray, status=204),
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
          "health", "read", _document),
    Route("GET", "gateway", "getGateway", "Ask where the gateway answers and whether it runs",
          "gateway", "read", server.gateway, response=GatewayStatus),
    Route("POST", "gateway:reload", "reloadGateway", "Replace its process, losing no request",
          "gateway", "write", server.reload_gateway, response=GatewayStatus),
    Route("GET", "gateway/logs", "getGatewayLog", "Get the end of its log",
          "gateway", "read", server.gateway_log, query=m.GatewayLogQuery, response=m.GatewayLog),
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

#: All of the API.
ROUTES = [*_CHECKPOINTS, *_NODES, *_ACCESS, *_SERVER]
