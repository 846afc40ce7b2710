"""Writing values and manifests to disk.

Runs in the user's kernel, and in processes forked from it.
"""
