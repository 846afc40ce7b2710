"""Digests: what variables are made of, hashed part by part, to be compared in another process.

Made of live objects in the kernel, and once more of what came back in the dry run. A digest looks
at objects by itself, not at their pickles, so it finds what pickling loses. It depends on nothing
that is another in each process: no address, no ``hash``, no clock.

What is never compared: locks, files, threads, weak references, memory addresses and handles; caches
(private attributes that are called so, and ``cached_property``); generators of other modules'
state. ``omitted`` has the rule.
"""

from .comparison import Comparison, compare
from .group import Digest, compared, digest, folded

__all__ = ["Comparison", "Digest", "compare", "compared", "digest", "folded"]
