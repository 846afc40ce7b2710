"""How requests reach nodes: folders, tokens, aliases, and HAProxy, which serves them.

HAProxy is a process or a container (``launcher.py``), configured by files and changed through its
runtime API (``dataplane.py``).
"""
