"""What a dry run's workers have noted, read: a cell may have been at the file."""

from __future__ import annotations

from pathlib import Path

from jupyter_node_deploy.runtime.front import notes


def test_a_file_that_is_gone_has_noted_nothing(tmp_path: Path) -> None:
    assert notes.read(tmp_path / "touched") == {}


def test_only_what_is_a_note_is_read(tmp_path: Path) -> None:
    lines = (
        *('["files", "/b"]', '["files", "/a"]', '["other", "x"]', '["files", 1]', '["files", []]'),
        *("5", "null", "[[], []]", '["files"]', "[" * 100_000, '["fi'),
    )
    path = tmp_path / "touched"
    path.write_text("\n".join(lines))
    assert notes.read(path) == {"files": ["/a", "/b"]}
