import pytest

from jupyter_node_deploy.catalog.engine import Catalog
from jupyter_node_deploy.home import Home


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    home.create()
    return home


@pytest.fixture
async def catalog(home):
    catalog = Catalog(f"sqlite:///{home.catalog}")
    await catalog.upgrade()
    yield catalog
    catalog.close()
