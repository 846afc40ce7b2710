"""The saved namespace: variables as groups of pickles, and back.

Standard library only, CPython 3.10 to 3.14: it runs inside users' kernels and nodes' workers, where
it goes by the name ``_jupyter_node_deploy.namespace``.
"""

from . import loaded, random_state
from .collection import no_collection
from .fingerprint import fingerprints, module_fingerprints
from .groups import OutOfTime, save
from .quiet import quiet_warnings, silence_process
from .reach import Everything, Reach
from .restore import Corrupted, Failure, restore, restore_state
from .saved import Saved, SavedGroup

__all__ = [
    "Corrupted",
    "Everything",
    "Failure",
    "OutOfTime",
    "Reach",
    "Saved",
    "SavedGroup",
    "fingerprints",
    "loaded",
    "module_fingerprints",
    "no_collection",
    "quiet_warnings",
    "random_state",
    "restore",
    "restore_state",
    "save",
    "silence_process",
]
