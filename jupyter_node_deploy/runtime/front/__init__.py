"""The front: HTTP in, one queue, answers out; it supervises the zygote and its workers.

Runs in this package's own environment, one process per instance. It knows the workers by their
wire format only, and imports nothing of ``runtime.worker``.
"""
