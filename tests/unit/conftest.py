import pytest
from sqlalchemy import insert

from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.tables import nodes


@pytest.fixture
async def catalog(home):
    catalog = Catalog(f"sqlite:///{home.catalog}")
    await catalog.upgrade()
    yield catalog
    catalog.close()


@pytest.fixture
def add_node(catalog):
    async def add(node_id, name, folder, acl=None):
        row = {
            "id": node_id,
            "name": name,
            "type": "cell",
            "description": "",
            "folder": folder,
            "acl": acl or [folder],
            "desired": "running",
            "revision": 1,
            "status": "HEALTHY",
            "reason": "",
            "created_at": 0.0,
            "updated_at": 0.0,
        }
        await catalog.write(lambda conn: conn.execute(insert(nodes).values(row)) and None)

    return add
