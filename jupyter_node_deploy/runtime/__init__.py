"""What runs inside a node's instance.

The *front* (``front/``) runs in this package's own environment: HTTP, one bounded queue, deadlines,
health, metrics, the request log. The *zygote* and its *workers* (``worker/``) run in the user's
interpreter, CPython 3.10 to 3.14. What both agree on stands here: of our own it imports
``errors`` only, and nothing beyond the standard library.
"""
