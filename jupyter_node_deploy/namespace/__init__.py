"""The saved namespace: variables as groups of pickles, and back.

Standard library only, CPython 3.10 to 3.14: it runs inside users' kernels and nodes' workers, where
it goes by the name ``_jupyter_node_deploy.namespace``.
"""

from . import memory, random_state
from .fingerprint import fingerprints, module_fingerprints
from .garbage_collection import no_collection
from .groups import save
from .outcome import Saved, SavedGroup
from .reach import Everything, Reach
from .restore import Corrupted, Failure, read_state, restore, restore_state
from .silence import quiet_warnings, silence_process
from .streams import OutOfTime
from .verification import Verification, verify

__all__ = [
    "Corrupted",
    "Everything",
    "Failure",
    "OutOfTime",
    "Reach",
    "Saved",
    "SavedGroup",
    "Verification",
    "fingerprints",
    "memory",
    "module_fingerprints",
    "no_collection",
    "quiet_warnings",
    "random_state",
    "read_state",
    "restore",
    "restore_state",
    "save",
    "silence_process",
    "verify",
]
