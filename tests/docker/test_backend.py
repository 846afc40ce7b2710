"""The Docker backend alone, with real containers."""

from __future__ import annotations

from jupyter_node_deploy.backends.docker.backend import DockerBackend

from .conftest import MakeSpec, ask, state


async def test_a_cell_answers(backend: DockerBackend, make_spec: MakeSpec) -> None:
    first = await backend.ensure(make_spec())
    assert first.status == "PREPARING"
    one = await state(backend, "HEALTHY")
    assert await ask(one) == b'{"y":1}'
    assert (await backend.ensure(make_spec())).status == "HEALTHY"
    await backend.remove(one.instance_id)
    assert await backend.observe() == []
