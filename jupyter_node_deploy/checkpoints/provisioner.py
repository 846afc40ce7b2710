"""The kernel provisioner that puts the agent into every ipykernel as it is launched."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any, ClassVar, Literal

from jupyter_client.provisioning.factory import KernelProvisionerFactory
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ..home import Home
from .spool import Spool

Mode = Literal["standard", "autosave"]

#: The directory whose only package is the private name that the agent goes by in kernels.
KERNEL_PATH = Path(__file__).resolve().parents[1] / "kernel_path"
AGENT_MODULE = "_jupyter_node_deploy.agent"
AGENT_VARIABLE = "JUPYTER_NODE_DEPLOY_AGENT"

#: PYTHONHASHSEED is below.
_SEEDS = 2**32
_NAME = "node-deploy-provisioner"
#: Seconds in which a kernel writes the checkpoint of a cell that it has just answered.
_MOMENT = 0.1
_LAUNCHER = re.compile(r"ipykernel(_launcher|\.kernelapp)?|(.*[/\\])?ipykernel_launcher\.py")
# Interpreter options with which PYTHONPATH is not looked at.
_ISOLATED = re.compile(r"-(?!-)(?!m|c|W|X)[A-Za-z]*[IE][A-Za-z]*")


@dataclass
class AgentSettings:
    """What agents are told.

    Attributes:
        home: where they write.
        mode: when they make checkpoints; a change holds for kernels launched from then on.
    """

    home: Home
    mode: Mode = "standard"

    def message(
        self, kernel_id: str, env: Mapping[str, str], hash_seed: int | None = None
    ) -> dict[str, Any]:
        """Return what the agent of one kernel finds in its environment.

        Args:
            kernel_id: the kernel's.
            env: its environment without us.
            hash_seed: by which it hashes, if we know.
        """
        return {
            "home": str(self.home.root),
            "kernel_id": kernel_id,
            "pythonpath": env.get("PYTHONPATH"),
            "pythonhashseed": env.get("PYTHONHASHSEED"),
            "hash_seed": hash_seed,
            "mode": self.mode,
        }


class AgentProvisioner(LocalProvisioner):
    """Launches kernels as Jupyter's own default does, with our agent in the Python ones.

    Attributes:
        settings: what agents are told; None switches the agent off.
        instrumented: whether the running kernel was launched with the agent.
        mode: the mode that its agent was told then.
        session_name: the notebook that the kernel was started for, as the client named it.
    """

    settings: ClassVar[AgentSettings | None] = None
    instrumented: bool = False
    mode: Mode = "standard"
    session_name: str | None = None

    @classmethod
    def install(cls, settings: AgentSettings, parent: Any = None) -> bool:
        """Make this the provisioner of kernels that ask for none.

        Args:
            settings: what their agents are told.
            parent: the traitlets parent of the factory, the server.

        Returns:
            False when another default is configured: it stays.
        """
        cls.settings = settings
        factory = KernelProvisionerFactory.instance(parent=parent)
        if factory.default_provisioner_name not in ("local-provisioner", _NAME):
            return False
        factory.provisioners[_NAME] = EntryPoint(
            _NAME, f"{cls.__module__}:{cls.__qualname__}", KernelProvisionerFactory.GROUP_NAME
        )
        factory.default_provisioner_name = _NAME
        return True

    @classmethod
    def uninstall(cls) -> None:
        """Launch later kernels without the agent; those that run keep it."""
        cls.settings = None

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Prepare the launch; see the base class."""
        self.session_name = kwargs.get("env", {}).get("JPY_SESSION_NAME")
        launch = await super().pre_launch(**kwargs)
        settings = self.settings
        self.instrumented = settings is not None and takes_agent(launch["cmd"])
        if settings is not None and self.instrumented:
            # The kernel's last process is gone: what it announced must not be taken for the new.
            with contextlib.suppress(OSError):  # the agent's problem, not the kernel's
                Spool(settings.home.spool).forget_agent(self.kernel_id)
            env = launch["env"]
            self.mode = settings.mode
            seed = hash_seed(env)
            env[AGENT_VARIABLE] = json.dumps(settings.message(self.kernel_id, env, seed))
            # An empty entry would mean the working directory.
            entries = [str(KERNEL_PATH), *filter(None, [env.get("PYTHONPATH")])]
            env["PYTHONPATH"] = os.pathsep.join(entries)
            env["PYTHONHASHSEED"] = str(seed)
            launch["cmd"] = [
                *launch["cmd"],
                f"--InteractiveShellApp.extra_extensions={AGENT_MODULE}",
            ]
        return launch

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel; see the base class."""
        if self.instrumented and self.has_process:
            await asyncio.sleep(_MOMENT)
        await super().kill(restart)


def hash_seed(env: Mapping[str, str]) -> int:
    """Return the seed that an environment gives Python's hashes, or one as random as Python's."""
    given = env.get("PYTHONHASHSEED", "")
    if given.isdecimal() and int(given) < _SEEDS:
        return int(given)
    return 1 + secrets.randbelow(_SEEDS - 1)  # 0 would mean: don't randomize


def takes_agent(command: list[str]) -> bool:
    """Tell whether a launch command runs ipykernel so that the agent can be added to it."""
    for position, argument in enumerate(command):
        if _LAUNCHER.fullmatch(argument):
            return not any(_ISOLATED.fullmatch(option) for option in command[:position])
    return False
