"""The zygote and its workers: they restore the namespace and run the cell.

Runs in the user's interpreter, CPython 3.10 to 3.14: standard library and ``namespace`` only.
"""
