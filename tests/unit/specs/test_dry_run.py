"""What a dry run tells."""

import json

from jupyter_node_deploy.specs import DryRun


def test_a_dry_run_tells_infinities_from_nothing() -> None:
    run = DryRun.model_validate_json('{"ok": true, "output": {"x": [-Infinity, NaN, null]}}')
    assert json.loads(run.model_dump_json())["output"] == {"x": ["-Infinity", "NaN", None]}
