"""``python -m jupyter_node_deploy.cli``, for where no script is installed."""

from __future__ import annotations

import sys

from . import main

sys.exit(main())
