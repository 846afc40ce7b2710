"""Routes as HAProxy's configuration and maps: pure functions of values.

Configuration, frontend and backend are HAProxy's words here; elsewhere a configuration is a size of
instances, and a backend is where they run.
"""
