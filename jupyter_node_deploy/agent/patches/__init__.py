"""What the notebook has put into modules and classes that it did not define.

Runs in the user's kernel, and in processes forked from it.
"""
