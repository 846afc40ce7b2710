"""Making an instance's container: what it needs is pulled, installed, checked."""

from __future__ import annotations

from docker import DockerClient
from docker.errors import APIError, DockerException
from docker.models.containers import Container

from ...home import Home
from ..base import CellWorkload, ImageWorkload, InstanceSpec
from ..mount_sources import require_mounts
from . import containers, gpus
from .directories import Directories
from .engine import delete, machine
from .environments.environments import Environments
from .environments.installer import Tell
from .images import Images
from .networks import Networks
from .owner import Owner


class Factory:
    """Makes containers and starts them. Its methods block.

    Args:
        engine: where.
        home: whose.
        owner: whom cells run as.
        base: reference of the cells' base image, with ``{version}`` for Python's ``MAJOR.MINOR``.
    """

    def __init__(
        self,
        engine: DockerClient,
        home: Home,
        owner: Owner,
        base: str,
        networks: Networks,
        images: Images,
    ) -> None:
        self._engine = engine
        self._home = home
        self._owner = owner
        self._machine = machine(engine)
        self._environments = Environments(engine, home, owner, base)
        self._networks = networks
        self._images = images
        self._directories = Directories(home)

    def make(self, spec: InstanceSpec, tell: Tell) -> None:
        """Make and start an instance's container.

        Args:
            tell: is given a line for each step.

        Raises:
            NodeDeployError: something that it needs is not to be had.
        """
        require_mounts(spec.mounts, self._home)
        if isinstance(spec.workload, ImageWorkload):
            container = self._of_image(spec, spec.workload, tell)
        else:
            container = self._of_cell(spec, spec.workload, tell)
        try:
            if isinstance(spec.workload, ImageWorkload):
                self._images.connect(spec, container)
            container.start()
        except DockerException as error:
            delete(container)
            if isinstance(error, APIError) and (refusal := gpus.refusal(error)) is not None:
                raise refusal from None
            raise

    def _of_cell(self, spec: InstanceSpec, workload: CellWorkload, tell: Tell) -> Container:
        environment = self._environments.ensure(spec, workload, tell)
        self._owner.let_read(workload.bundle)
        limits = containers.Limits.of(spec.resources, self._machine, environment.note)
        out = self._networks.ensure(spec.node_id, internal=False) if spec.egress else None
        run = self._owner.make(self._directories.run(spec.instance_id))
        self._owner.let_pass(run.parent)  # the gateway's container comes this way
        tell("Starting the container")
        return self._engine.containers.create(
            **containers.options(
                spec,
                limits,
                self._owner,
                home=self._home.id,
                network=out.name if out else None,
                image=environment.image,
            ),
            **containers.of_cell(workload, environment, run, spec.environment),
        )

    def _of_image(self, spec: InstanceSpec, workload: ImageWorkload, tell: Tell) -> Container:
        image, note = self._images.obtain(spec, workload, tell)
        limits = containers.Limits.of(spec.resources, self._machine, note)
        tell("Starting the container")
        options = containers.options(
            spec, limits, self._owner, home=self._home.id, network=None, image=image
        )
        options["labels"] |= self._images.label(workload)
        return self._engine.containers.create(
            **options | self._images.options(spec, workload, image, limits, options)
        )
