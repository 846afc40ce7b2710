"""How values look as JSON: one set of rules for kernels, which suggest, and nodes, which answer.

``encoding`` makes JSON of values, ``schema`` says what it will look like, ``decoding`` takes it
back into values like those of the checkpoint (``likeness``, ``columns``, ``index``, ``tables``),
and ``example`` writes what ``decoding`` takes back. Users' interpreters: standard library only,
NumPy and pandas where a value is theirs.
"""
