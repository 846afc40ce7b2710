"""The private name under which our code runs inside kernels and workers.

A directory with only this package is put on ``sys.path`` there, so that neither the rest of the
server's environment nor a user's module of the same name can get in the way.
"""

from pathlib import Path

__path__ = [str(Path(__file__).resolve().parents[2])]
