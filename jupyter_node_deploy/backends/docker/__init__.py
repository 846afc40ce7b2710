"""The Docker backend: each instance in a hardened container."""
