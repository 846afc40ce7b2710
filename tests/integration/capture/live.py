"""The kernel's side: runs a notebook's cells in an IPython shell with the agent.

An order: ``cells``, the last of which is the service cell, ``requests``, ``outputs``, ``shapes``.
The service cell is sent but does nothing: its checkpoint has the state before any run of it.
The result: the error that each cell ``ran`` into, the live ``answers`` to the requests,
and, if wished for, the ``shape`` of the saved variables before and after each of them.
"""

import ast
import json
import os
import sys
from pathlib import Path

import forkserver

kernel_path = sys.argv[1]
sys.path.append(kernel_path)

import _jupyter_node_deploy.agent.requests  # noqa: E402
import _jupyter_node_deploy.agent.startup  # noqa: E402
import IPython.core.interactiveshell  # noqa: E402
import shape  # noqa: E402

KERNEL = "11111111-2222-3333-4444-555555555555"


def saved_names(directory):
    """Return the variables in the newest checkpoint."""
    spool = directory / "home" / "spool" / KERNEL
    manifests = [json.loads(path.read_text()) for path in spool.glob("*.json")]
    newest = max(manifests, key=lambda manifest: manifest.get("created_at", 0))
    return sorted(name for group in newest["groups"] for name in group["names"])


class Nothing(ast.NodeTransformer):
    """Leaves nothing of a cell."""

    def visit_Module(self, node):
        return ast.Module(body=[], type_ignores=[])


def handle(order):
    directory = Path(order["directory"])
    work = directory / "work"
    os.chdir(work)
    sys.path[0] = ""
    sys.argv = [""]
    shell = IPython.core.interactiveshell.InteractiveShell.instance()
    assert shell.history_manager is not None
    assert shell.extension_manager is not None
    shell.history_manager.enabled = False
    settings = {"home": str(directory / "home"), "kernel_id": KERNEL}
    os.environ["JUPYTER_NODE_DEPLOY_AGENT"] = json.dumps(settings)
    sys.path.append(kernel_path)
    shell.extension_manager.load_extension("_jupyter_node_deploy.agent")
    ran = []
    for number, cell in enumerate(order["cells"]):
        if "__write__ " in cell[:10]:
            _, name, text = cell.split(" ", 2)
            Path(name).write_text(text)
            continue
        if number == len(order["cells"]) - 1:
            shell.ast_transformers.append(Nothing())
        result = shell.run_cell(cell, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        ran.append(repr(error) if error else None)
    shell.ast_transformers.clear()
    agent = _jupyter_node_deploy.agent.startup.running()
    agent.settle()
    agent.verify()  # as before a deployment
    agent.settle()
    namespace = shell.user_ns
    service = order["cells"][-1]
    names = saved_names(directory) if order["shapes"] else []

    def answer(request):
        def run():
            namespace.update(request)
            for name in order["outputs"]:
                if name not in request:
                    namespace.pop(name, None)
            result = shell.run_cell(service, store_history=False)
            error = result.error_before_exec or result.error_in_exec
            shown = {"shape": shape.describe(namespace, names)} if order["shapes"] else {}
            if error:
                return {"error": type(error).__name__, **shown}
            return {**{name: namespace[name] for name in order["outputs"]}, **shown}

        return forkserver.in_child(run)

    return {
        "ran": ran,
        "answers": [answer(request) for request in order["requests"]],
        "shape": shape.describe(namespace, names) if order["shapes"] else None,
    }


if __name__ == "__main__":
    forkserver.serve(handle)
