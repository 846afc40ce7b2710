"""The zygote and its workers: they restore the namespace and run the cell.

Runs in the user's interpreter, CPython 3.10 to 3.14: the standard library, ``namespace`` and
``errors``; NumPy, pandas and Arrow of the user's where an input or output is declared as theirs.
"""
