"""The bundle as the runtime reads it: without pydantic, so it has the model's fields once more."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from jupyter_node_deploy.runtime.bundle import Bundle
from jupyter_node_deploy.specs import RunSettings

#: What a bundle has besides: whose it is, and what is known of the cell.
OTHERS = {
    *("directory", "node_id", "node_name", "revision", "python_version", "python_executable"),
    *("inputs", "outputs", "body_limit", "flags", "example", "hash_seed"),
}


def test_its_settings_are_those_of_the_model() -> None:
    model = {name: field.default for name, field in RunSettings.model_fields.items()}
    own = {one.name: one.default for one in dataclasses.fields(Bundle) if one.name not in OTHERS}
    # The dry run has chosen before an instance reads it.
    assert own.pop("isolation") == "shared"
    assert model.pop("isolation") == "auto"
    assert own == model


def test_each_is_read(tmp_path: Path) -> None:
    settings: dict[str, Any] = {
        "isolation": "request",
        "random_state": "checkpoint",
        "workers": 3,
        "concurrency": 2,
        "timeout": 1.5,
        "queue": 7,
        "queue_timeout": 0.5,
        "memory_limit": 1000,
        "response_limit": 2000,
        "allow_nan": True,
        "show_traceback": False,
        "response": {"body": "y", "content_type": "text/html"},
        "body_limit": 3000,
        "flags": 4,
        "example": {"x": 1},
    }
    more = {"format": 1, "node": {"id": "n", "revision": 9}, "directory": "/elsewhere", "new": 1}
    (tmp_path / "node.json").write_text(json.dumps({**more, **settings}))
    found = Bundle.load(tmp_path)
    assert {name: getattr(found, name) for name in settings} == settings
    assert (found.directory, found.node_id, found.revision) == (tmp_path, "n", 9)
