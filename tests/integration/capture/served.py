"""The node's side: restores a bundle as its zygote does and answers requests.

An order: ``requests``, ``shapes``. The result: ``answers``, ``shape`` and ``verification``, or the
``error`` that came instead.
"""

import builtins
import gc
import json
import os
import sys
from pathlib import Path
from types import ModuleType

import forkserver

kernel_path = sys.argv[1]
sys.path.append(kernel_path)

import shape  # noqa: E402
from _jupyter_node_deploy.errors import NodeDeployError  # noqa: E402
from _jupyter_node_deploy.runtime.bundle import Bundle  # noqa: E402
from _jupyter_node_deploy.runtime.worker.execution import Execution  # noqa: E402
from _jupyter_node_deploy.runtime.worker.state import restore  # noqa: E402


def handle(order):
    directory = Path(order["directory"])
    bundle = Bundle.load(directory / "bundle")
    os.chdir(bundle.files)
    sys.path.remove(kernel_path)
    sys.path[0] = str(bundle.files)
    sys.argv = [""]
    module = ModuleType("__main__")
    module.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = module
    try:
        restore(bundle.state, module.__dict__)
        execution = Execution(bundle, module.__dict__, str(bundle.files))
    except NodeDeployError as error:
        return {"error": error.message}
    gc.collect()
    verification = forkserver.in_child(execution.verified)
    namespace = module.__dict__
    state = json.loads((bundle.state / "manifest.json").read_text())
    names = sorted(name for group in state["groups"] for name in group["names"])

    def answer(request):
        def run():
            found = execution.answer(json.dumps(request).encode(), 0, "")
            body = json.loads(found.body)
            shown = {"shape": shape.describe(namespace, names)} if order["shapes"] else {}
            if found.status != 200:
                details = body.get("details") or [{}]
                return {"error": details[0].get("error_name", body["message"]), **shown}
            return {**body, **shown}

        return forkserver.in_child(run)

    return {
        "answers": [answer(request) for request in order["requests"]],
        "verification": verification,
        "shape": shape.describe(namespace, names) if order["shapes"] else None,
    }


if __name__ == "__main__":
    forkserver.serve(handle)
