"""Modules and tests lie where a reader looks for them, and are short enough to be read at once."""

from pathlib import Path

import jupyter_node_deploy

PACKAGE = Path(jupyter_node_deploy.__file__).parent
ROOT = Path(__file__).parents[2]
UNIT = Path(__file__).parent

MOST_LINES = 400
GENERATED = ROOT / "src" / "api" / "schema.ts"


def test_folders_mirror_the_package() -> None:
    folders = {path.parent.relative_to(UNIT) for path in UNIT.rglob("test_*.py")}
    assert len(folders) > 1
    assert not [str(folder) for folder in folders if not (PACKAGE / folder).is_dir()]


def test_modules_are_short() -> None:
    modules = [*PACKAGE.rglob("*.py"), *(ROOT / "src").rglob("*.ts*")]
    lines = {path: len(path.read_text().splitlines()) for path in modules}
    assert len(lines) > 300
    long = {str(path) for path, count in lines.items() if count > MOST_LINES}
    assert long == {str(GENERATED)}
