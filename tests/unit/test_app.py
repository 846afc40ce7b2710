"""The extension's configuration, and what it tells Jupyter about its work."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from traitlets import TraitError
from traitlets.config import Config

from jupyter_node_deploy.app import NodeDeployApp


def test_every_trait_is_explained() -> None:
    for name, trait in NodeDeployApp.class_own_traits(config=True).items():
        assert trait.help, name


def test_the_catalog_lies_in_the_data_directory(tmp_path: Any) -> None:
    app = NodeDeployApp(data_dir=str(tmp_path))
    assert app.catalog_url == f"sqlite:///{tmp_path.resolve()}/catalog.sqlite"


@pytest.mark.parametrize(
    "wrong",
    [
        {"configurations": [{"id": "Big", "cores": 1, "memory_gb": 1}]},
        {"configurations": [{"id": "big"}]},
        {"zones": [{"name": "x"}]},
        {"keep_checkpoints": 0},
        {"checkpoint_mode": "never"},
        {"gateway_port": 70000},
    ],
)
def test_wrong_configuration_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(TraitError):
        NodeDeployApp(config=Config({"NodeDeployApp": wrong}))


async def test_serving_nodes_are_an_activity() -> None:
    app = NodeDeployApp()
    times: dict[str, Any] = {}
    app.serverapp = cast(Any, SimpleNamespace)(
        web_app=SimpleNamespace(settings={"last_activity_times": times})
    )
    nodes = [SimpleNamespace(status="SUSPENDED")]

    class Nodes:
        async def list(self) -> list[Any]:
            return nodes

    async def look() -> None:
        watch = asyncio.create_task(app._watch_activity(cast(Any, SimpleNamespace)(nodes=Nodes())))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        watch.cancel()

    await look()
    assert not app.current_activity()
    assert not times
    nodes.append(SimpleNamespace(status="HEALTHY"))
    await look()
    assert app.current_activity() == {"nodes": 1}
    assert "jupyter_node_deploy" in times
