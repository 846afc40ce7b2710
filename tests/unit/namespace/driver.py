"""Runs notebook cells and saves their namespace, or restores one and checks it.

A program of its own, so that what is restored meets a fresh interpreter:
``driver.py save|restore KERNEL_PATH DIRECTORY``, with ``DIRECTORY/case.json`` telling the cells.
"""

import builtins
import hashlib
import json
import sys
from pathlib import Path
from types import ModuleType

_, action, kernel_path, _directory = sys.argv
directory = Path(_directory)
sys.path[0] = str(directory)
sys.path.append(kernel_path)
case = json.loads((directory / "case.json").read_text())

main = ModuleType("__main__")
main.__dict__["__builtins__"] = builtins
driver = sys.modules["__main__"]  # not to be collected
sys.modules["__main__"] = main
namespace = main.__dict__


def put(content):
    data = bytes(content)
    name = hashlib.sha256(data).hexdigest()
    blobs = directory / "state" / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    (blobs / name).write_bytes(data)
    return name


if action == "save":
    from _jupyter_node_deploy.namespace import save
    from _jupyter_node_deploy.namespace.definitions import definitions
    from _jupyter_node_deploy.namespace.digest import digest, folded
    from _jupyter_node_deploy.namespace.manifest import BundleState, Group
    from _jupyter_node_deploy.namespace.records import encode

    for number, cell in enumerate(case["cells"]):
        exec(compile(cell, f"<cell {number}>", "exec"), namespace)
    names = [
        name for name in namespace if not name.startswith("__") and name not in case["excluded"]
    ]
    saved = save(namespace, names, {k: tuple(v) for k, v in case["submodules"].items()})
    named = definitions({name: namespace[name] for name in names})
    for group in saved.groups:
        if group.digest is None:
            values = {name: namespace[name] for name in group.names}
            group.digest = put(folded(digest(values, namespace, named, seconds=20)).encode())
    groups = [
        Group(
            names=group.names,
            pickle=put(group.stream),
            buffers=[put(buffer) for buffer in group.buffers],
            size=group.size,
            uses=group.uses,
            modules=group.modules,
            digest=group.digest,
        )
        for group in saved.groups
    ]
    (directory / "state" / "manifest.json").write_text(encode(BundleState(groups=groups)))
    told = [
        {**vars(one), "references": group.references}
        for one, group in zip(groups, saved.groups, strict=True)
    ]
    differences = {one.subject: one.detail for group in saved.groups for one in group.differences}
    print(json.dumps({"groups": told, "unsaved": saved.unsaved, "differences": differences}))
else:
    from _jupyter_node_deploy.namespace import restore_state, verify

    failures = restore_state(directory / "state", namespace)
    verified = verify(directory / "state", namespace)
    (directory / "verified.json").write_text(
        json.dumps(
            {
                "differences": [vars(one) for one in verified.differences],
                "partly": verified.partly,
                "unverified": verified.unverified,
                "compared": verified.compared,
            }
        )
    )
    exec(compile(case["check"], "<check>", "exec"), namespace)
    print(
        json.dumps(
            [{"names": one.names, "reason": one.reason, "blob": one.blob} for one in failures]
        )
    )
