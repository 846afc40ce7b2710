"""A package, so that what is run with ``python -m tests.…`` is not another one of that name."""
