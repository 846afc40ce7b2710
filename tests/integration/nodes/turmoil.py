"""A server that does random things to nodes until it is killed: run by ``test_crashes.py``.

``python -m tests.integration.nodes.turmoil HOME SEED``; prints ``ready`` when it begins.
"""

from __future__ import annotations

import asyncio
import random
import sys
from pathlib import Path

from jupyter_node_deploy.errors import NodeDeployError
from jupyter_node_deploy.ids import new_id
from jupyter_node_deploy.specs import NodePatch, Provisioning

from .conftest import ControlPlane, form

NAMES = ("first", "second", "third")
DEEDS = ("create", "create", "patch", "patch", "scale", "suspend", "resume", "resume", "delete")


async def step(plane: ControlPlane, chance: random.Random) -> None:
    """Do one thing to one node; that it is refused is fine."""
    name = chance.choice(NAMES)
    # What the cell returns names its revision's checkpoint: the answer tells which one serves.
    mark = new_id()
    checkpoint = await plane.checkpoint("y = mark\n", {"mark": mark}, name=mark)
    create = form(name, checkpoint, [], ["y:str"], instances=chance.choice((1, 1, 2)))
    try:
        match chance.choice(DEEDS):
            case "create":
                await plane.nodes.create(create)
            case "patch":
                await plane.nodes.patch(name, NodePatch(cell=create.cell))
            case "scale":
                provisioning = Provisioning(instances=chance.randint(1, 2))
                await plane.nodes.patch(name, NodePatch(provisioning=provisioning))
            case "suspend":
                await plane.nodes.suspend(name)
            case "resume":
                await plane.nodes.resume(name)
            case "delete":
                await plane.nodes.delete(name)
    except NodeDeployError:
        pass
    await asyncio.sleep(chance.random() * 0.5)


async def main() -> None:
    """Go on for ever."""
    chance = random.Random(int(sys.argv[2]))
    plane = ControlPlane(Path(sys.argv[1]))
    await plane.start()
    print("ready", flush=True)
    while True:
        await asyncio.gather(*(step(plane, chance) for _ in range(2)))


if __name__ == "__main__":
    asyncio.run(main())
