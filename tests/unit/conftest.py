"""A catalog in a file, with nodes; databases: a file, and PostgreSQL where there is one."""

import os
import uuid

import pytest
from sqlalchemy import create_engine, insert
from sqlalchemy.engine import make_url

from jupyter_node_deploy.catalog import changes
from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.catalog.tables import nodes

#: SQLAlchemy URL of a PostgreSQL whose user may make databases.
POSTGRESQL = "NODE_DEPLOY_TEST_POSTGRESQL"


@pytest.fixture
def postgresql_url():
    """An empty database of its own."""
    pytest.importorskip("psycopg")
    if POSTGRESQL not in os.environ:
        pytest.skip(f"{POSTGRESQL} names no PostgreSQL to test with")
    server = make_url(os.environ[POSTGRESQL])
    name = f"test_{uuid.uuid4().hex}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as conn:
        conn.exec_driver_sql(f"CREATE DATABASE {name}")
    yield server.set(database=name).render_as_string(hide_password=False)
    with engine.connect() as conn:
        conn.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def quick_changes(monkeypatch):
    """Looks at the catalog that come one after the other, for tests that wait for rest."""
    monkeypatch.setattr(changes, "_POLL", 0.03)
    monkeypatch.setattr(changes, "_TURN", 0.03)


@pytest.fixture(params=["sqlite", "postgresql"])
def any_url(request, tmp_path):
    """A database of each kind."""
    if request.param == "postgresql":
        return request.getfixturevalue("postgresql_url")
    return f"sqlite:///{tmp_path / 'catalog.sqlite'}"


@pytest.fixture
async def servers(any_url, quick_changes):
    """Two servers of one home."""
    found = [Catalog(any_url), Catalog(any_url)]
    await found[0].upgrade()
    yield found
    for catalog in found:
        catalog.close()


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
