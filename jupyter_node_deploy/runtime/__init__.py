"""What runs inside a node's instance.

The *front* (``front``, ``dispatcher``, ``workers`` …) runs in this package's own environment: HTTP,
one bounded queue, deadlines, health, metrics, the request log. The *zygote* and its *workers*
(``zygote``, ``worker``, ``execution`` …) run in the user's interpreter: they import nothing but the
standard library and the saved namespace's code, and work on CPython 3.10 to 3.14.
"""
