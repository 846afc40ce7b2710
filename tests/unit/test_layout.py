"""The tests lie where a reader of the package looks for them."""

from pathlib import Path

import jupyter_node_deploy

PACKAGE = Path(jupyter_node_deploy.__file__).parent
UNIT = Path(__file__).parent


def test_folders_mirror_the_package() -> None:
    folders = {path.parent.relative_to(UNIT) for path in UNIT.rglob("test_*.py")}
    assert len(folders) > 1
    assert not [str(folder) for folder in folders if not (PACKAGE / folder).is_dir()]
