"""``README.md`` of a bundle: how to run it by hand."""

from __future__ import annotations

import json
import shlex
from typing import Any


def text(node: dict[str, Any]) -> str:
    """Return the text for a bundle whose ``node.json`` is ``node``."""
    request = json.dumps(node["example"], ensure_ascii=False)
    identity, python = node["node"], node["python"]
    return f"""# {identity["name"]}, revision {identity["revision"]}

A notebook cell as a REST service, made by jupyter_node_deploy. This directory is all it needs
besides Python {python["version"]} and the packages in `requirements.txt`.

Install and serve it (no Jupyter, no database and no network are needed):

```
pip install -r requirements.txt
pip install jupyter_node_deploy
python -m jupyter_node_deploy.runtime . --python "$(which python)" --listen 127.0.0.1:8080
```

Call it:

```
curl -X POST http://127.0.0.1:8080/ -H 'Content-Type: application/json' \\
     --data-raw {shlex.quote(request)}
```

Run the cell once with the values of the checkpoint, without serving:

```
python -m jupyter_node_deploy.runtime . --python "$(which python)" --check
```

| part | what it is |
|---|---|
| `node.json` | inputs, outputs, types, limits |
| `cell.py` | the cell |
| `state/` | the variables that the cell can reach |
| `files/` | local modules and chosen files |
| `checks.py` | checks of inputs and outputs, generated from their JSON Schemas |
| `requirements.txt` | the packages, with exact versions |
| `wheels/` | those that no index has |
| `libraries.txt` | libraries of the system that they load, and Debian's packages |

Open it only if you trust where it comes from: its state is loaded with pickle.
"""
