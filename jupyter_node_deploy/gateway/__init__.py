"""How requests reach nodes: HAProxy, told the routes.

It is a process or a container (``launchers/``), configured by files (``configuration/``) and
changed through its runtime API (``dataplane.py``).
"""
